//! Payment-card numbers have no place in the ledger (policy P07): they are masked before anything is stored.

use serde_json::{Map, Value};

/// Fields that hold addresses, ids or hashes, whose digits are not card numbers.
const EXEMPT: &[&str] = &[
    "type",
    "at",
    "phone",
    "email",
    "subject",
    "from",
    "to",
    "address",
    "sender",
    "sender_guess",
    "bytes",
    "event_id",
    "event",
    "resolves",
    "compensates",
    "received_at",
    "idempotency_key",
    "provider_message_id",
    "policy_version",
    "disclosure_sha256",
    "text_sha256",
    "evidence_ref",
    "expires_at",
    "effective_at",
    "request",
    "report",
    "confirms",
    "permit",
    "ip",
    "gateway",
    "code",
    "media",
    "part",
];

/// Digits of the shortest card number.
const SHORTEST: usize = 13;

/// Masks card numbers in every text field of an event; returns whether there were any.
pub fn mask_fields(fields: &mut Map<String, Value>) -> bool {
    let masked = fields.iter_mut().filter(|(name, _)| is_masked_field(name)).map(|(_, value)| mask_value(value));
    masked.fold(false, |any, one| any | one)
}

/// Whether numbers in this field are masked.
pub(crate) fn is_masked_field(name: &str) -> bool {
    !EXEMPT.contains(&name)
}

fn mask_value(value: &mut Value) -> bool {
    match value {
        Value::String(text) => mask(text).map(|masked| *text = masked).is_some(),
        Value::Array(items) => items.iter_mut().map(mask_value).fold(false, |any, one| any | one),
        Value::Object(fields) => fields.values_mut().map(mask_value).fold(false, |any, one| any | one),
        _ => false,
    }
}

/// The text with every Luhn-valid run of 13 to 19 digits masked but for its last four, or `None` if there is none.
///
/// Digits may be grouped by single spaces or hyphens, as cards print them. The four digits that are left may be the head
/// of another number, with those behind them; so nothing is left to mask in what comes out.
pub fn mask(text: &str) -> Option<String> {
    if !may_hold_number(text) {
        return None;
    }
    let mut masked = mask_once(text)?;
    while let Some(further) = mask_once(&masked) {
        masked = further;
    }
    Some(masked)
}

/// Whether there is a run of digits in a text, grouped as on a card, that is long enough for a number. In nearly every
/// text there is none.
pub(crate) fn may_hold_number(text: &str) -> bool {
    let (mut digits, mut gap) = (0, false);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => (digits, gap) = (digits + 1, false),
            b' ' | b'-' if !gap => gap = true,
            _ => (digits, gap) = (0, false),
        }
        if digits == SHORTEST {
            return true;
        }
    }
    false
}

fn mask_once(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut masked = chars.clone();
    let mut changed = false;
    let mut start = 0;
    while start < chars.len() {
        let positions = digit_run(&chars, start);
        if let Some(len) = card_length(&chars, &positions) {
            changed = true;
            positions[..len - 4].iter().for_each(|&at| masked[at] = '*');
            start = positions[len - 1] + 1;
        } else {
            // Not at the head of this run: try again behind its first group of digits.
            start += chars[start..].iter().take_while(|c| c.is_ascii_digit()).count().max(1);
        }
    }
    changed.then(|| masked.into_iter().collect())
}

/// Positions of the digits of the run that begins exactly at `start`.
fn digit_run(chars: &[char], start: usize) -> Vec<usize> {
    let mut positions = Vec::new();
    let mut at = start;
    while at < chars.len() {
        if chars[at].is_ascii_digit() {
            positions.push(at);
        } else {
            let grouped = matches!(chars[at], ' ' | '-') && chars.get(at + 1).is_some_and(char::is_ascii_digit);
            if positions.is_empty() || !grouped {
                break;
            }
        }
        at += 1;
    }
    positions
}

/// The length of the card number at the head of the run. A shorter one may be followed by an expiry date, so the
/// longest prefix that passes counts.
fn card_length(chars: &[char], positions: &[usize]) -> Option<usize> {
    (SHORTEST..=positions.len().min(19)).rev().find(|&len| {
        let digits = positions[..len].iter().filter_map(|&at| chars[at].to_digit(10));
        let sum: u32 = digits
            .rev()
            .enumerate()
            .map(|(place, digit)| if place % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit })
            .sum();
        sum.is_multiple_of(10) && positions[..len].iter().any(|&at| chars[at] != '0')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_masked_has_no_number_left_in_it() {
        let mut joined = 0;
        for digit in '0'..='9' {
            for length in 13..80 {
                let text = format!("{}89", digit.to_string().repeat(length));
                let Some(once) = mask(&text) else { continue };
                assert_eq!(mask(&once), None, "{text}");
                joined += usize::from(mask_once(&text).is_some_and(|first| mask_once(&first).is_some()));
            }
        }
        assert!(joined > 0, "no digits that are left began another number");
    }

    #[test]
    fn card_numbers_keep_their_last_four_digits() {
        for (text, expected) in [
            ("my card is 4111 1111 1111 1111 thanks", Some("my card is **** **** **** 1111 thanks")),
            ("4111-1111-1111-1111", Some("****-****-****-1111")),
            ("378282246310005", Some("***********0005")),
            ("4111111111111111 12/29", Some("************1111 12/29")),
            ("4111111111111112", None),
            ("call +1 202 555 0123", None),
            ("code 13 4111 1111 1111 1111", Some("code 13 **** **** **** 1111")),
            ("0000000000000000", None),
            ("order 12345", None),
        ] {
            assert_eq!(mask(text).as_deref(), expected, "{text}");
        }
    }
}
