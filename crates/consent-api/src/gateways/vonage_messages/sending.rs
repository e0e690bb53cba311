//! Texts that are sent through the Messages API.
//!
//! The account needs the setting `api_key` and the credential `api_secret`.

use serde_json::{Value, json};

use crate::gateways::{Account, Answer, Call, Incomplete, Outbox, Text};

pub(super) static OUTBOX: Outbox = Outbox { send, push: None, answer };

// POST https://api.nexmo.com/v1/messages
// {"message_type":"text","channel":"sms","to":"14155550123","from":"14155550100","text":"…"}
// -> 202 {"message_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let (key, secret) = (account.need_setting("api_key")?, account.need_credential("api_secret")?);
    let url = format!("{}/v1/messages", account.api_url("https://api.nexmo.com"));
    let to = text.to.to_string();
    // Vonage writes numbers without the plus.
    let body = json!({
        "message_type": "text",
        "channel": "sms",
        "to": to.trim_start_matches('+'),
        "from": text.from.trim_start_matches('+'),
        "text": text.body,
    });
    Ok(Call::post_json(url, &body).basic(key, secret))
}

fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = body["type"].as_str().and_then(|link| link.rsplit_once('#')).map(|(_, code)| code.to_owned());
    match Answer::by_status(status, body["message_uuid"].as_str().map(ToOwned::to_owned)) {
        Answer::Refused(status) => Answer::Refused(code.unwrap_or(status)),
        answer => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::tests::{account_that_sends, shown, text};

    #[test]
    fn a_text_is_posted_as_the_account() {
        let mut account = account_that_sends("vonage_messages", &[("api_key", "a1b2c3d4")], &[("api_secret", "s")]);
        let expected = "POST https://api.nexmo.com/v1/messages\n\
            content-type: application/json\n\
            authorization: Basic YTFiMmMzZDQ6cw==\n\n\
            {\"channel\":\"sms\",\"from\":\"14155550100\",\"message_type\":\"text\",\
            \"text\":\"You are opted out. & dön\",\"to\":\"14155550123\"}";
        assert_eq!(shown(&send(&account, &text("You are opted out. & dön")).unwrap()), expected);
        account.settings.insert("api_url".to_owned(), "http://127.0.0.1:9/".to_owned());
        assert_eq!(send(&account, &text("x")).unwrap().url, "http://127.0.0.1:9/v1/messages");
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        let refused = |code: &str| Answer::Refused(code.to_owned());
        let fault = r#"{"type":"https://developer.vonage.com/api-errors/messages#1120","title":"Invalid sender"}"#;
        for (status, body, expected) in [
            (202, r#"{"message_uuid":"aaaa"}"#, Answer::Done(Some("aaaa".to_owned()))),
            (202, "", Answer::Done(None)),
            (422, fault, refused("1120")),
            (401, r#"{"type":"https://developer.vonage.com/api-errors","title":"Unauthorized"}"#, refused("401")),
            (429, fault, Answer::Later("429".to_owned())),
            (500, "<html>", Answer::Later("500".to_owned())),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let bare = account_that_sends("vonage_messages", &[("api_key", "a1b2c3d4")], &[]);
        assert_eq!(send(&bare, &text("x")).err(), Some(Incomplete("api_secret")));
        let nothing = account_that_sends("vonage_messages", &[], &[]);
        assert_eq!(send(&nothing, &text("x")).err(), Some(Incomplete("api_key")));
    }
}
