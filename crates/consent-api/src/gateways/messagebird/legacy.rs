//! MessageBird's signature of old: an HMAC over time, sorted query and body, but not the path.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use sha2::{Digest, Sha256};

use crate::gateways::form::{Form, percent_encode};
use crate::gateways::proof::{any_key, check_fresh, matches, unix_seconds};
use crate::gateways::{Account, Forged, WebhookRequest};

const SIGNATURE: &str = "messagebird-signature";
const TIME: &str = "messagebird-request-timestamp";

/// Whether one of the account's keys signed these parameters, about now.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let signature = request.header(SIGNATURE).ok_or(Forged::Unsigned)?;
    let signature = STANDARD.decode(signature).map_err(|_| Forged::Malformed)?;
    let time = request.header(TIME).ok_or(Forged::Unsigned)?;
    let signed = unix_seconds(time)?;
    let signed_text = format!("{time}\n{}\n", sorted(request.query())?);
    let parts: [&[u8]; 2] = [signed_text.as_bytes(), &Sha256::digest(&request.body)];
    any_key(account, |key| matches::<Hmac<Sha256>>(key.as_bytes(), &parts, &signature))?;
    check_fresh(signed, request)
}

/// The query with its names in order, encoded as a form. A name that stands alone is signed like one without a value,
/// and is refused.
fn sorted(query: &str) -> Result<String, Forged> {
    let form = Form::decode(query.as_bytes());
    if form.has_bare_name {
        return Err(Forged::Malformed);
    }
    let mut pairs: Vec<_> = form.texts().collect();
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    let encode = |text: &str| percent_encode(text).replace("%20", "+");
    let written = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    Ok(written.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_values_stay_in_their_order() {
        for (query, expected) in [
            ("", Some("")),
            ("b=2&a=1", Some("a=1&b=2")),
            ("b=2&a=2&a=1", Some("a=2&a=1&b=2")),
            ("B=1&a=1&A=", Some("A=&B=1&a=1")),
            ("at=2019-01-11T09%3a17%3A11%2B00:00", Some("at=2019-01-11T09%3A17%3A11%2B00%3A00")),
            ("body=a+b%20c~-_.*", Some("body=a+b+c~-_.%2A")),
            ("a=1&b", None),
        ] {
            assert_eq!(sorted(query).ok().as_deref(), expected, "{query}");
        }
    }
}
