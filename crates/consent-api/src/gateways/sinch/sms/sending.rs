//! Texts that we send through the SMS API.

use serde_json::{Value, json};

use crate::gateways::reading;
use crate::gateways::sinch::api_url;
use crate::gateways::{Account, Answer, Call, Incomplete, Outbox, Text, percent_encode};

pub(super) static OUTBOX: Outbox = Outbox { send, push: None, answer };

// POST https://us.sms.api.sinch.com/xms/v1/{service_plan_id}/batches
// {"from": "+14155550100", "to": ["+14155550123"], "body": "…"}
// -> 201 {"id": "01FC66621XXXXX119Z8PMV1QPQ", …}, or 403 {"code": "…", "text": "…"}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let (host, plan) = (api_url(account, "sms"), account.need_setting("service_plan_id")?);
    let batch = json!({"from": text.from, "to": [text.to.to_string()], "body": text.body});
    let call = Call::post_json(format!("{host}/xms/v1/{}/batches", percent_encode(plan)), &batch);
    Ok(call.bearer(account.need_credential("api_token")?))
}

fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match (Answer::by_status(status, reading::text(&body, "/id")), reading::text(&body, "/code")) {
        (Answer::Refused(_), Some(code)) => Answer::Refused(code),
        (answer, _) => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::tests::{account_that_sends, shown, text};

    #[test]
    fn a_text_is_a_batch_of_one() {
        let account = account_that_sends("sinch_sms", &[("service_plan_id", "p/1")], &[("api_token", "T1")]);
        let expected = "POST https://us.sms.api.sinch.com/xms/v1/p%2F1/batches\n\
            content-type: application/json\nauthorization: Bearer T1\n\n\
            {\"body\":\"You are opted out.\",\"from\":\"+14155550100\",\"to\":[\"+14155550123\"]}";
        assert_eq!(shown(&send(&account, &text("You are opted out.")).unwrap()), expected);
    }

    #[test]
    fn the_region_is_in_the_host_and_another_address_can_be_set() {
        for (name, value, expected) in [
            ("region", "eu", "https://eu.sms.api.sinch.com/xms/v1/p/batches"),
            ("api_url", "http://127.0.0.1:9/", "http://127.0.0.1:9/xms/v1/p/batches"),
        ] {
            let settings = [("service_plan_id", "p"), (name, value)];
            let account = account_that_sends("sinch_sms", &settings, &[("api_token", "T1")]);
            assert_eq!(send(&account, &text("x")).unwrap().url, expected);
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let bare = account_that_sends("sinch_sms", &[], &[("api_token", "T1")]);
        assert_eq!(send(&bare, &text("x")).err(), Some(Incomplete("service_plan_id")));
        let bare = account_that_sends("sinch_sms", &[("service_plan_id", "p")], &[]);
        assert_eq!(send(&bare, &text("x")).err(), Some(Incomplete("api_token")));
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        for (status, body, expected) in [
            (201, r#"{"id":"01FC","canceled":false}"#, Answer::Done(Some("01FC".to_owned()))),
            (201, "", Answer::Done(None)),
            (
                400,
                r#"{"code":"syntax_invalid_parameter_format"}"#,
                Answer::Refused("syntax_invalid_parameter_format".to_owned()),
            ),
            (401, "", Answer::Refused("401".to_owned())),
            (429, r#"{"code":"too_many"}"#, Answer::Later("429".to_owned())),
            (503, "<html>", Answer::Later("503".to_owned())),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }
}
