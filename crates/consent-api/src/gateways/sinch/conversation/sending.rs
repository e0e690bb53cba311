//! Texts that we send through the Conversation API.

use serde_json::{Value, json};

use crate::gateways::reading;
use crate::gateways::sinch::api_url;
use crate::gateways::{Account, Answer, Call, Incomplete, Outbox, Text, percent_encode};

pub(super) static OUTBOX: Outbox = Outbox { send, push: None, answer };

// POST https://us.conversation.api.sinch.com/v1/projects/{project_id}/messages:send
// {"app_id": "01APP", "recipient": {"identified_by": {"channel_identities": [{"channel": "SMS", "identity": "14155550123"}]}},
//  "message": {"text_message": {"text": "…"}}, "channel_properties": {"SMS_SENDER": "14155550100"}}
// -> 200 {"message_id": "01FC66621XXXXX119Z8PMV1QPQ", …}, or 400 {"error": {"code": 400, "status": "INVALID_ARGUMENT"}}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let (host, project) = (api_url(account, "conversation"), account.need_setting("project_id")?);
    let to = json!({"channel": "SMS", "identity": text.to.as_str().trim_start_matches('+')});
    let message = json!({
        "app_id": account.need_setting("app_id")?,
        "recipient": {"identified_by": {"channel_identities": [to]}},
        "message": {"text_message": {"text": text.body}},
        "channel_priority_order": ["SMS"],
        "channel_properties": {"SMS_SENDER": text.from},
    });
    let call = Call::post_json(format!("{host}/v1/projects/{}/messages:send", percent_encode(project)), &message);
    Ok(call.basic(account.need_credential("key_id")?, account.need_credential("key_secret")?))
}

fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match (Answer::by_status(status, reading::text(&body, "/message_id")), reading::text(&body, "/error/status")) {
        (Answer::Refused(_), Some(code)) => Answer::Refused(code),
        (answer, _) => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::tests::{account_that_sends, shown, text};

    const SETTINGS: &[(&str, &str)] = &[("project_id", "p1"), ("app_id", "a1")];
    const KEY: &[(&str, &str)] = &[("key_id", "k"), ("key_secret", "s")];

    #[test]
    fn a_text_is_sent_to_the_number_on_sms_alone() {
        let call = shown(&send(&account_that_sends("sinch_conversation", SETTINGS, KEY), &text("Bye.")).unwrap());
        let (head, body) = call.split_once("\n\n").unwrap();
        let expected = "POST https://us.conversation.api.sinch.com/v1/projects/p1/messages:send\n\
            content-type: application/json\nauthorization: Basic azpz";
        assert_eq!(head, expected);
        let expected = json!({
            "app_id": "a1",
            "recipient": {"identified_by": {"channel_identities": [{"channel": "SMS", "identity": "14155550123"}]}},
            "message": {"text_message": {"text": "Bye."}},
            "channel_priority_order": ["SMS"],
            "channel_properties": {"SMS_SENDER": "+14155550100"},
        });
        assert_eq!(serde_json::from_str::<Value>(body).unwrap(), expected);
    }

    #[test]
    fn the_region_is_in_the_host_and_another_address_can_be_set() {
        for (name, value, expected) in [
            ("region", "eu", "https://eu.conversation.api.sinch.com/v1/projects/p1/messages:send"),
            ("api_url", "http://127.0.0.1:9", "http://127.0.0.1:9/v1/projects/p1/messages:send"),
        ] {
            let account = account_that_sends("sinch_conversation", &[SETTINGS, &[(name, value)]].concat(), KEY);
            assert_eq!(send(&account, &text("x")).unwrap().url, expected);
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        for (settings, credentials, missing) in [
            (&[][..], KEY, "project_id"),
            (&SETTINGS[..1], KEY, "app_id"),
            (SETTINGS, &[], "key_id"),
            (SETTINGS, &KEY[..1], "key_secret"),
        ] {
            let account = account_that_sends("sinch_conversation", settings, credentials);
            assert_eq!(send(&account, &text("x")).err(), Some(Incomplete(missing)));
        }
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        for (status, body, expected) in [
            (200, r#"{"message_id":"01FC"}"#, Answer::Done(Some("01FC".to_owned()))),
            (
                400,
                r#"{"error":{"code":400,"status":"INVALID_ARGUMENT"}}"#,
                Answer::Refused("INVALID_ARGUMENT".to_owned()),
            ),
            (404, "", Answer::Refused("404".to_owned())),
            (429, r#"{"error":{"status":"RESOURCE_EXHAUSTED"}}"#, Answer::Later("429".to_owned())),
            (500, "<html>", Answer::Later("500".to_owned())),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }
}
