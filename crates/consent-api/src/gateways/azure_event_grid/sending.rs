//! What we send through Azure Communication Services: texts, and opt-outs to its opt-out list (in preview).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use consent_core::address::Phone;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::gateways::{Account, Answer, Call, Incomplete, OptOut, Outbox, Text};

pub(super) static OUTBOX: Outbox = Outbox { send, push: Some(push), answer };

/// What is wrong with the account's settings for sending.
pub(super) fn check(account: &Account) -> Result<(), String> {
    let key = account.credential("access_key").map_or(Ok(Vec::new()), |key| STANDARD.decode(key));
    key.map_err(|_| "credentials.access_key is not base64".to_owned())?;
    if account.setting("endpoint").is_some_and(|endpoint| !endpoint.starts_with("https://")) {
        return Err("settings.endpoint must begin with https://".to_owned());
    }
    Ok(())
}

// POST https://contoso.communication.azure.com/sms?api-version=2021-03-07
// {"from":"+14155550100","message":"…","smsRecipients":[{"to":"+14155550123","repeatabilityRequestId":"…",
//   "repeatabilityFirstSent":"Thu, 09 Oct 2025 08:53:20 GMT"}],"smsSendOptions":{"enableDeliveryReport":true}}
// -> 202 {"value":[{"to":"+14155550123","messageId":"Outgoing_…","httpStatusCode":202,"successful":true}]}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let recipient = json!({
        "to": text.to.to_string(),
        "repeatabilityRequestId": text.id.to_string(),
        "repeatabilityFirstSent": http_date(begun(text.id).unwrap_or(text.now)),
    });
    let body = json!({
        "from": international(text.from),
        "message": text.body,
        "smsRecipients": [recipient],
        "smsSendOptions": {"enableDeliveryReport": true},
    });
    call(account, "/sms?api-version=2021-03-07", &body, text.now)
}

// POST https://contoso.communication.azure.com/sms/optouts:add?api-version=2024-12-10-preview
// {"from":"+15551234567","recipients":[{"to":"+15550112233"}]}
// -> 200 {"value":[{"to":"+15550112233","httpStatusCode":200}]}
fn push(account: &Account, opt_out: &OptOut<'_>) -> Result<Call, Incomplete> {
    let from = account.setting("from").or(opt_out.from).ok_or(Incomplete("from"))?;
    let body = json!({"from": international(from), "recipients": [{"to": opt_out.phone.to_string()}]});
    call(account, "/sms/optouts:add?api-version=2024-12-10-preview", &body, opt_out.now)
}

fn call(account: &Account, path: &str, body: &Value, now: DateTime<Utc>) -> Result<Call, Incomplete> {
    let endpoint = account.setting("api_url").map_or_else(|| account.need_setting("endpoint"), Ok)?;
    let key = account.need_credential("access_key")?;
    let call = Call::post_json(format!("{}{path}", endpoint.trim_end_matches('/')), body);
    sign(call, key, now).ok_or(Incomplete("access_key"))
}

/// Signs a call with the resource's key: its method, path, time, host and body.
fn sign(call: Call, key: &str, now: DateTime<Utc>) -> Option<Call> {
    let (_, rest) = call.url.split_once("://")?;
    let (host, path) = rest.split_at(rest.find('/')?);
    let (date, hash) = (http_date(now), STANDARD.encode(Sha256::digest(&call.body)));
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&STANDARD.decode(key).ok()?).ok()?;
    mac.update(format!("{}\n{path}\n{date};{host};{hash}", call.method).as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let authorization = format!("HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}");
    let call = call.header("x-ms-date", date).header("x-ms-content-sha256", hash);
    Some(call.header("authorization", authorization))
}

/// A time as HTTP writes it (RFC 9110, section 5.6.7).
fn http_date(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The time in an id: the same for every try, as Azure wants it.
fn begun(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, _) = id.get_timestamp()?.to_unix();
    i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0))
}

/// A number of ours with its `+`, which Azure leaves out in events; a short code or name as it is.
fn international(number: &str) -> String {
    Phone::parse_from_gateway(number).map_or_else(|_| number.to_owned(), |phone| phone.to_string())
}

/// One number was asked about, and it has a status of its own.
fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let item = &body["value"][0];
    let own = item["httpStatusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    let status = own.filter(|_| (200..300).contains(&status)).unwrap_or(status);
    let by_status = Answer::by_status(status, item["messageId"].as_str().map(ToOwned::to_owned));
    match (by_status, body["error"]["code"].as_str()) {
        (Answer::Refused(_), Some(code)) => Answer::Refused(code.to_owned()),
        (answer, _) => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::azure_event_grid::tests::RECORDED;
    use crate::gateways::tests::{NOW, account_that_sends, opt_out, shown, text};

    const KEY: &str = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=";
    const ENDPOINT: &str = "https://contoso.communication.azure.com";

    fn ours() -> Account {
        account_that_sends("azure_event_grid", &[("endpoint", ENDPOINT)], &[("access_key", KEY)])
    }

    /// The call, with its body read.
    fn parts(call: &Call) -> (String, Value) {
        let shown = shown(call);
        let (head, body) = shown.split_once("\n\n").unwrap();
        (head.to_owned(), serde_json::from_str(body).unwrap())
    }

    /// Signed by the HMACCredentialsPolicy of azure-communication-sms 1.1.0.
    #[test]
    fn a_call_is_signed_as_azure_signs_it() {
        let case = RECORDED.iter().find(|case| case["name"] == "acs-optouts-add-request-signing").unwrap();
        let call = Call {
            method: "POST",
            url: case["url"].as_str().unwrap().to_owned(),
            headers: Vec::new(),
            body: case["body"].as_str().unwrap().as_bytes().to_owned(),
        };
        let signed = sign(call, case["access_key"].as_str().unwrap(), NOW).unwrap();
        let found: std::collections::BTreeMap<_, _> = signed.headers.into_iter().collect();
        let expected = serde_json::from_value(case["headers"].clone()).unwrap();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_text_is_posted_once_however_often_it_is_tried() {
        let mut text = text("You are opted out. & done");
        text.from = "14155550100";
        text.id = Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, 1_759_999_000, 0));
        let (head, body) = parts(&send(&ours(), &text).unwrap());
        assert!(head.starts_with(&format!("POST {ENDPOINT}/sms?api-version=2021-03-07\n")), "{head}");
        assert!(head.contains("\nx-ms-date: Thu, 09 Oct 2025 08:53:20 GMT\n"), "{head}");
        let expected = json!({
            "from": "+14155550100", "message": "You are opted out. & done",
            "smsRecipients": [{
                "to": "+14155550123", "repeatabilityRequestId": text.id.to_string(),
                "repeatabilityFirstSent": "Thu, 09 Oct 2025 08:36:40 GMT",
            }],
            "smsSendOptions": {"enableDeliveryReport": true},
        });
        assert_eq!(body, expected);
        text.from = "12345";
        assert_eq!(parts(&send(&ours(), &text).unwrap()).1["from"], "12345");
    }

    #[test]
    fn an_opt_out_is_put_on_the_list_of_the_number_it_came_to() {
        let (head, body) = parts(&push(&ours(), &opt_out()).unwrap());
        let url = format!("POST {ENDPOINT}/sms/optouts:add?api-version=2024-12-10-preview\n");
        assert!(head.starts_with(&url), "{head}");
        assert_eq!(body, json!({"from": "+14155550100", "recipients": [{"to": "+14155550123"}]}));
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        let refused = |code: &str| Answer::Refused(code.to_owned());
        for (status, body, expected) in [
            (202, r#"{"value":[{"messageId":"m1","httpStatusCode":202}]}"#, Answer::Done(Some("m1".to_owned()))),
            (200, r#"{"value":[{"to":"+1","httpStatusCode":200}]}"#, Answer::Done(None)),
            (202, r#"{"value":[{"to":"+1","httpStatusCode":400,"errorMessage":"x"}]}"#, refused("400")),
            (202, r#"{"value":[{"to":"+1","httpStatusCode":429}]}"#, Answer::Later("429".to_owned())),
            (401, r#"{"error":{"code":"Denied","message":"x"}}"#, refused("Denied")),
            (429, r#"{"error":{"code":"TooManyRequests"}}"#, Answer::Later("429".to_owned())),
            (503, r#"{"value":[{"httpStatusCode":200}]}"#, Answer::Later("503".to_owned())),
            (500, "<html>", Answer::Later("500".to_owned())),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        for (settings, credentials, missing) in [
            (&[][..], &[("access_key", KEY)][..], "endpoint"),
            (&[("endpoint", ENDPOINT)], &[], "access_key"),
            (&[("endpoint", ENDPOINT)], &[("access_key", "?")], "access_key"),
        ] {
            let account = account_that_sends("azure_event_grid", settings, credentials);
            assert_eq!(send(&account, &text("x")).err(), Some(Incomplete(missing)));
            assert_eq!(push(&account, &opt_out()).err(), Some(Incomplete(missing)));
        }
        let nowhere = OptOut { from: None, ..opt_out() };
        assert_eq!(push(&ours(), &nowhere).err(), Some(Incomplete("from")));
    }

    #[test]
    fn another_host_is_called() {
        let settings = [("api_url", "http://127.0.0.1:8123")];
        let account = account_that_sends("azure_event_grid", &settings, &[("access_key", KEY)]);
        assert_eq!(send(&account, &text("x")).unwrap().url, "http://127.0.0.1:8123/sms?api-version=2021-03-07");
    }
}
