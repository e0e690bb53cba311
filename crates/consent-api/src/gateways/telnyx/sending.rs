//! Texts that we send through Telnyx.
//!
//! The account needs the credential `api_key`.

use serde_json::{Value, json};

use crate::gateways::reading;
use crate::gateways::{Account, Answer, Call, Incomplete, Outbox, Text};

pub(super) static OUTBOX: Outbox = Outbox { send, push: None, answer };

// POST https://api.telnyx.com/v2/messages
// {"from": "+14155550100", "to": "+14155550123", "text": "…"}
// -> 200 {"data": {"id": "40385f64-…", …}}, or {"errors": [{"code": "40300", "title": "Blocked due to STOP message"}]}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let host = account.api_url("https://api.telnyx.com");
    let message = json!({"from": text.from, "to": text.to.to_string(), "text": text.body});
    Ok(Call::post_json(format!("{host}/v2/messages"), &message).bearer(account.need_credential("api_key")?))
}

fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let fault = reading::text(&body, "/errors/0/code");
    match (Answer::by_status(status, reading::text(&body, "/data/id")), fault) {
        (Answer::Done(_) | Answer::Refused(_), Some(code)) => Answer::Refused(code),
        (answer, _) => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::tests::{account_that_sends, shown, text};

    #[test]
    fn a_text_is_posted_with_the_key_of_the_account() {
        let account = account_that_sends("telnyx", &[], &[("api_key", "KEY1")]);
        let expected = "POST https://api.telnyx.com/v2/messages\n\
            content-type: application/json\nauthorization: Bearer KEY1\n\n\
            {\"from\":\"+14155550100\",\"text\":\"You are opted out.\",\"to\":\"+14155550123\"}";
        assert_eq!(shown(&send(&account, &text("You are opted out.")).unwrap()), expected);
    }

    #[test]
    fn another_address_can_be_set() {
        let account = account_that_sends("telnyx", &[("api_url", "http://127.0.0.1:9/")], &[("api_key", "KEY1")]);
        assert_eq!(send(&account, &text("x")).unwrap().url, "http://127.0.0.1:9/v2/messages");
    }

    #[test]
    fn what_is_missing_is_named() {
        let bare = account_that_sends("telnyx", &[], &[]);
        assert_eq!(send(&bare, &text("x")).err(), Some(Incomplete("api_key")));
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        let refused = |code: &str| Answer::Refused(code.to_owned());
        for (status, body, expected) in [
            (200, r#"{"data":{"id":"40385f64","errors":[]}}"#, Answer::Done(Some("40385f64".to_owned()))),
            (200, "", Answer::Done(None)),
            (200, r#"{"errors":[{"code":"40300"}]}"#, refused("40300")),
            (400, r#"{"errors":[{"code":"40300","title":"Blocked due to STOP message"}]}"#, refused("40300")),
            (422, r#"{"errors":[{"code":10015}]}"#, refused("10015")),
            (401, "<html>", refused("401")),
            (429, r#"{"errors":[{"code":"10011"}]}"#, Answer::Later("429".to_owned())),
            (500, "", Answer::Later("500".to_owned())),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }
}
