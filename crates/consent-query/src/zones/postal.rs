//! Postal codes as people write them.

use smallvec::SmallVec;

use super::State;

/// The five digits of a US code: `79901`, `79901-1234`, `79901 1234` or `799011234`.
pub(super) fn us(text: &str) -> Option<u32> {
    let (five, rest) = text.trim().split_at_checked(5)?;
    let rest = rest.strip_prefix(['-', ' ']).unwrap_or(rest);
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    (digits(five) && digits(rest) && matches!(rest.len(), 0 | 4)).then(|| five.parse().ok())?
}

/// Letters and digits of a whole Canadian code.
const LETTERS: usize = 6;

/// The provinces of a Canadian code: `V6B 1A1`, `v6b1a1`, `V6B-1A1`, or `V6B` alone. None for what is not one.
pub(super) fn provinces(text: &str) -> impl Iterator<Item = State> {
    let written = text.trim().bytes().filter(|b| !matches!(b, b' ' | b'-'));
    let code: SmallVec<[u8; 8]> = written.map(|b| b.to_ascii_uppercase()).take(LETTERS + 1).collect();
    let codes: &[&str] = match *code.as_slice() {
        [a, b, c] if is_area([a, b, c]) => of_area([a, b, c]),
        [a, b, c, d, e, f] if is_area([a, b, c]) && is_unit([d, e, f]) => of_area([a, b, c]),
        _ => &[],
    };
    codes.iter().filter_map(|code| State::parse(code))
}

fn is_area([a, b, c]: [u8; 3]) -> bool {
    is_letter(a) && b.is_ascii_digit() && is_letter(c)
}

fn is_unit([a, b, c]: [u8; 3]) -> bool {
    a.is_ascii_digit() && is_letter(b) && c.is_ascii_digit()
}

/// The letters in use; the others are too easily taken for digits or for each other.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_uppercase() && !b"DFIOQU".contains(&byte)
}

/// The provinces of a forward sortation area (Canada Post, "Addressing guidelines"). X is shared; what is not known to
/// lie on one side of the border between the territories may lie on both.
fn of_area(area: [u8; 3]) -> &'static [&'static str] {
    match area {
        [b'A', ..] => &["NL"],
        [b'B', ..] => &["NS"],
        [b'C', ..] => &["PE"],
        [b'E', ..] => &["NB"],
        [b'G' | b'H' | b'J', ..] => &["QC"],
        [b'K' | b'L' | b'M' | b'N' | b'P', ..] => &["ON"],
        [b'R', ..] => &["MB"],
        [b'S', ..] => &["SK"],
        [b'T', ..] => &["AB"],
        [b'V', ..] => &["BC"],
        [b'X', b'0', b'A' | b'B' | b'C'] => &["NU"],
        [b'X', b'0', b'E' | b'G'] | [b'X', b'1', b'A'] => &["NT"],
        [b'X', ..] => &["NT", "NU"],
        [b'Y', ..] => &["YT"],
        _ => &[],
    }
}
