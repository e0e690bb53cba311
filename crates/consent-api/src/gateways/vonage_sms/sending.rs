//! Texts that are sent through the SMS API.
//!
//! The account needs the setting `api_key` and the credential `api_secret`.

use serde_json::Value;

use crate::gateways::reading::scalar;
use crate::gateways::{Account, Answer, Call, Incomplete, Outbox, Text};

pub(super) static OUTBOX: Outbox = Outbox { send, push: None, answer };

// POST https://rest.nexmo.com/sms/json
// api_key=abcd1234&api_secret=…&from=447700900000&to=447700900001&text=…
// -> 200 {"message-count": "1", "messages": [{"to": "447700900001", "message-id": "0A0000000123ABCD1", "status": "0"}]}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let (key, secret) = (account.need_setting("api_key")?, account.need_credential("api_secret")?);
    let url = format!("{}/sms/json", account.api_url("https://rest.nexmo.com"));
    let to = text.to.to_string();
    // Vonage writes numbers without the plus.
    let (from, to) = (text.from.trim_start_matches('+'), to.trim_start_matches('+'));
    let mut fields = vec![("api_key", key), ("api_secret", secret), ("from", from), ("to", to), ("text", text.body)];
    // Unless it is told, Vonage replaces what is not in the alphabet of old phones by question marks.
    if !text.body.is_ascii() {
        fields.push(("type", "unicode"));
    }
    Ok(Call::post_form(url, &fields))
}

/// The status of HTTP is 200 whatever happened; each message says for itself what is wrong.
fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = &body["messages"][0];
    match (Answer::by_status(status, scalar(&message["message-id"])), scalar(&message["status"])) {
        (Answer::Done(id), Some(code)) => match code.as_str() {
            "0" => Answer::Done(id),
            // Too many at once, or a fault on their side.
            "1" | "5" | "10" => Answer::Later(code),
            _ => Answer::Refused(code),
        },
        (Answer::Done(_), None) => Answer::Later("no status".to_owned()),
        (answer, _) => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::tests::{account_that_sends, shown, text};

    #[test]
    fn a_text_is_posted_as_the_account() {
        let account = account_that_sends("vonage_sms", &[("api_key", "abcd1234")], &[("api_secret", "s&t")]);
        let call = |body| shown(&send(&account, &text(body)).unwrap());
        let head = "POST https://rest.nexmo.com/sms/json\ncontent-type: application/x-www-form-urlencoded\n\n\
            api_key=abcd1234&api_secret=s%26t&from=14155550100&to=14155550123&text=";
        assert_eq!(call("You are opted out."), format!("{head}You%20are%20opted%20out."));
        assert_eq!(call("Arrêté"), format!("{head}Arr%C3%AAt%C3%A9&type=unicode"));
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        let refused = |code: &str| Answer::Refused(code.to_owned());
        let later = |code: &str| Answer::Later(code.to_owned());
        for (status, body, expected) in [
            (200, r#"{"messages":[{"message-id":"0A","status":"0"}]}"#, Answer::Done(Some("0A".to_owned()))),
            (200, r#"{"messages":[{"message-id":"0A","status":0}]}"#, Answer::Done(Some("0A".to_owned()))),
            (200, r#"{"messages":[{"status":"1","error-text":"Throttled"}]}"#, later("1")),
            (200, r#"{"messages":[{"status":"5","error-text":"Internal Error"}]}"#, later("5")),
            (200, r#"{"messages":[{"status":"4","error-text":"Bad Credentials"}]}"#, refused("4")),
            (200, r#"{"messages":[{"status":"7","error-text":"Number barred"}]}"#, refused("7")),
            (200, r#"{"messages":[]}"#, later("no status")),
            (200, "<html>", later("no status")),
            (401, "", refused("401")),
            (503, "", later("503")),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let bare = account_that_sends("vonage_sms", &[("api_key", "abcd1234")], &[]);
        assert_eq!(send(&bare, &text("x")).err(), Some(Incomplete("api_secret")));
        assert_eq!(send(&account_that_sends("vonage_sms", &[], &[]), &text("x")).err(), Some(Incomplete("api_key")));
    }
}
