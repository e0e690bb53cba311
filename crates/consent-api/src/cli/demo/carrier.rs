//! Plays Twilio: a text message, signed as Twilio signs.

use anyhow::anyhow;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::place::{ACCOUNT, Place};
use crate::client::ClientError;
use crate::{clock, limits};

/// Delivers a text message to the webhook; returns the status of the answer.
pub(super) async fn text(place: &Place, token: &str, from: &str, body: &str) -> anyhow::Result<u16> {
    let url = format!("{}/v1/webhooks/{ACCOUNT}", place.url);
    let sid = format!("SM{}", clock::new_id().simple());
    let mut form =
        [("Body", body), ("From", from), ("MessageSid", &sid), ("SmsStatus", "received"), ("To", "+12025550100")];
    form.sort_unstable();
    let signature = sign(token, &url, &form).ok_or_else(|| anyhow!("the token cannot sign"))?;
    let http = reqwest::Client::builder().no_proxy().timeout(limits::CLIENT_TOTAL).build()?;
    let sending = http.post(&url).header("x-twilio-signature", signature).form(&form).send();
    Ok(sending.await.map_err(ClientError::from)?.status().as_u16())
}

/// HMAC-SHA1 over the URL and the sorted parameters, names and values run together.
fn sign(token: &str, url: &str, form: &[(&str, &str)]) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).ok()?;
    mac.update(url.as_bytes());
    for (name, value) in form {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    Some(STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Twilio's documentation.
    #[test]
    fn signs_as_twilio_documents() {
        let form = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ];
        let signature = sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", &form);
        assert_eq!(signature.as_deref(), Some("RSOYDt4T1cUTdK1PDd93/VVr8B8="));
    }
}
