//! What we send through Twilio: texts, and opt-outs to its consent management.
//!
//! The account needs the setting `account_sid` and the credential `auth_token`, or `api_key` and `api_secret`.

use serde_json::{Value, json};

use crate::gateways::{Account, Answer, Call, Incomplete, OptOut, Outbox, Text};

pub(super) static OUTBOX: Outbox = Outbox { send, push: Some(push), answer };

// POST https://api.twilio.com/2010-04-01/Accounts/AC…/Messages.json
// From=%2B14155550100&To=%2B14155550123&Body=…
// -> 201 {"sid": "SM…", …}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let (sid, host) = (account.need_setting("account_sid")?, account.api_url("https://api.twilio.com"));
    let to = text.to.to_string();
    let fields = [("From", text.from), ("To", to.as_str()), ("Body", text.body)];
    signed_in(Call::post_form(format!("{host}/2010-04-01/Accounts/{sid}/Messages.json"), &fields), account)
}

// POST https://accounts.twilio.com/v1/Consents/Bulk
// Items={"contact_id":"+14155550123","correlation_id":"…","sender_id":"+14155550100","date_of_consent":"…","status":"opt-out","source":"opt-out-message"}
// -> 201 {"items": [{"correlation_id": "…", "error_code": 0, "error_messages": []}]}
fn push(account: &Account, opt_out: &OptOut<'_>) -> Result<Call, Incomplete> {
    let host = account.setting("consents_url").unwrap_or("https://accounts.twilio.com").trim_end_matches('/');
    let sender =
        account.setting("messaging_service_sid").or(opt_out.from).ok_or(Incomplete("messaging_service_sid"))?;
    let item = json!({
        "contact_id": opt_out.phone.to_string(),
        "correlation_id": opt_out.id.simple().to_string(),
        "sender_id": sender,
        "date_of_consent": opt_out.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "status": "opt-out",
        "source": if opt_out.from.is_some() { "opt-out-message" } else { "others" },
    });
    signed_in(Call::post_form(format!("{host}/v1/Consents/Bulk"), &[("Items", &item.to_string())]), account)
}

fn signed_in(call: Call, account: &Account) -> Result<Call, Incomplete> {
    match account.credential("api_key") {
        Some(key) => Ok(call.basic(key, account.need_credential("api_secret")?)),
        None => Ok(call.basic(account.need_setting("account_sid")?, account.need_credential("auth_token")?)),
    }
}

fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    // A list of consents is taken as a whole; each entry of it says for itself what is wrong.
    let fault = body["items"][0]["error_code"].as_i64().or_else(|| body["code"].as_i64()).filter(|code| *code != 0);
    match (Answer::by_status(status, body["sid"].as_str().map(ToOwned::to_owned)), fault) {
        (Answer::Done(_) | Answer::Refused(_), Some(code)) => Answer::Refused(code.to_string()),
        (answer, _) => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::tests::{account_that_sends, opt_out, shown, text};

    #[test]
    fn a_text_is_posted_as_the_account() {
        let account = account_that_sends(
            "twilio",
            &[("account_sid", "AC1")],
            &[("auth_token", "5ccb3a8b5e2c4a4c9f8b7e6d5c4b3a29")],
        );
        let expected = "POST https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json\n\
            content-type: application/x-www-form-urlencoded\n\
            authorization: Basic QUMxOjVjY2IzYThiNWUyYzRhNGM5ZjhiN2U2ZDVjNGIzYTI5\n\n\
            From=%2B14155550100&To=%2B14155550123&Body=You%20are%20opted%20out.%20%26%20done";
        assert_eq!(shown(&send(&account, &text("You are opted out. & done")).unwrap()), expected);
    }

    #[test]
    fn an_opt_out_is_reported_under_the_service_or_the_number() {
        let settings = [("account_sid", "AC1"), ("messaging_service_sid", "MG1")];
        let account = account_that_sends("twilio", &settings, &[("api_key", "SK1"), ("api_secret", "s")]);
        let call = shown(&push(&account, &opt_out()).unwrap());
        assert!(call.starts_with("POST https://accounts.twilio.com/v1/Consents/Bulk\n"), "{call}");
        assert!(call.contains("\nauthorization: Basic U0sxOnM=\n"), "{call}");
        let form = crate::gateways::form::Form::decode(call.rsplit('\n').next().unwrap().as_bytes());
        let (name, item) = form.texts().next().unwrap();
        let item: Value = serde_json::from_str(&item).unwrap();
        let expected = json!({
            "contact_id": "+14155550123", "correlation_id": "00000000000000000000000000000007", "sender_id": "MG1",
            "date_of_consent": "2025-10-09T08:53:20Z", "status": "opt-out", "source": "opt-out-message",
        });
        assert_eq!((name.as_ref(), item), ("Items", expected));
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        let done = |id: &str| Answer::Done(Some(id.to_owned()));
        let refused = |code: &str| Answer::Refused(code.to_owned());
        for (status, body, expected) in [
            (201, r#"{"sid":"SM1","error_code":null}"#, done("SM1")),
            (201, r#"{"items":[{"correlation_id":"x","error_code":0}]}"#, Answer::Done(None)),
            (201, r#"{"items":[{"correlation_id":"x","error_code":30646}]}"#, refused("30646")),
            (400, r#"{"code":21610,"message":"Attempt to send to unsubscribed recipient"}"#, refused("21610")),
            (401, "", refused("401")),
            (429, r#"{"code":20429}"#, Answer::Later("429".to_owned())),
            (500, "<html>", Answer::Later("500".to_owned())),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let bare = account_that_sends("twilio", &[("account_sid", "AC1")], &[]);
        assert_eq!(send(&bare, &text("x")).err(), Some(Incomplete("auth_token")));
        assert_eq!(send(&account_that_sends("twilio", &[], &[]), &text("x")).err(), Some(Incomplete("account_sid")));
    }
}
