//! What we send through AWS: texts, and opt-outs to its opt-out list (End User Messaging SMS, API version 2).

use serde_json::{Value, json};

use super::sigv4::Signer;
use crate::gateways::{Account, Answer, Call, Incomplete, OptOut, Outbox, Text};

pub(super) static OUTBOX: Outbox = Outbox { send, push: Some(push), answer };

/// Faults that pass, whatever their status.
const PASSING: &[&str] =
    &["ThrottlingException", "TooManyRequestsException", "RequestTimeoutException", "InternalServerException"];

// POST https://sms-voice.us-east-1.amazonaws.com/
// X-Amz-Target: PinpointSMSVoiceV2.SendTextMessage
// {"DestinationPhoneNumber":"+14155550123","OriginationIdentity":"+14155550100","MessageBody":"…","MessageType":"TRANSACTIONAL"}
// -> 200 {"MessageId": "862a8790-60c0-4430-9b2b-658bdexample"}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let mut body = json!({
        "DestinationPhoneNumber": text.to.to_string(),
        "OriginationIdentity": account.setting("origination_identity").unwrap_or(text.from),
        "MessageBody": text.body,
        "MessageType": "TRANSACTIONAL",
    });
    if let Some(set) = account.setting("configuration_set") {
        body["ConfigurationSetName"] = json!(set);
    }
    call(account, "SendTextMessage", &body, text.now)
}

// POST https://sms-voice.us-east-1.amazonaws.com/
// X-Amz-Target: PinpointSMSVoiceV2.PutOptedOutNumber
// {"OptOutListName":"Default","OptedOutNumber":"+14155550123"}
// -> 200 {"OptOutListArn": "…", "OptedOutNumber": "+14155550123", "OptedOutTimestamp": 1760000000, "EndUserOptedOut": false}
fn push(account: &Account, opt_out: &OptOut<'_>) -> Result<Call, Incomplete> {
    let list = account.setting("opt_out_list").unwrap_or("Default");
    let body = json!({"OptOutListName": list, "OptedOutNumber": opt_out.phone.to_string()});
    call(account, "PutOptedOutNumber", &body, opt_out.now)
}

fn call(
    account: &Account,
    operation: &str,
    body: &Value,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Call, Incomplete> {
    let region = account.need_setting("region")?;
    let signer = Signer {
        access_key_id: account.need_credential("access_key_id")?,
        secret_access_key: account.need_credential("secret_access_key")?,
        session_token: account.credential("session_token"),
        region,
        service: "sms-voice",
        now,
    };
    let host = format!("https://sms-voice.{region}.amazonaws.com");
    let headers = [
        ("content-type".to_owned(), "application/x-amz-json-1.0".to_owned()),
        ("x-amz-target".to_owned(), format!("PinpointSMSVoiceV2.{operation}")),
    ];
    let url = format!("{}/", account.api_url(&host));
    Ok(signer.sign(Call { method: "POST", url, headers: headers.into(), body: body.to_string().into_bytes() }))
}

fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let fault = body["__type"].as_str().map(|kind| kind.rsplit('#').next().unwrap_or(kind));
    let by_status = Answer::by_status(status, body["MessageId"].as_str().map(ToOwned::to_owned));
    match (by_status, fault) {
        (Answer::Done(id), _) => Answer::Done(id),
        (_, Some(fault)) if PASSING.contains(&fault) => Answer::Later(fault.to_owned()),
        (Answer::Later(_), Some(fault)) => Answer::Later(fault.to_owned()),
        (Answer::Refused(_), Some(fault)) => Answer::Refused(body["Reason"].as_str().unwrap_or(fault).to_owned()),
        (answer, None) => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::tests::{account_that_sends, opt_out, shown, text};

    const KEYS: &[(&str, &str)] =
        &[("access_key_id", "AKIDEXAMPLE"), ("secret_access_key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")];

    /// The call without its signature, and the signature.
    fn parts(call: &Call) -> (String, String) {
        let shown = shown(call);
        let (before, rest) = shown.split_once("authorization: ").unwrap();
        let (signature, after) = rest.split_once('\n').unwrap();
        (format!("{before}{after}"), signature.to_owned())
    }

    #[test]
    fn a_text_is_posted_with_a_signature() {
        let account = account_that_sends("aws_sns", &[("region", "us-east-1")], KEYS);
        let (call, signature) = parts(&send(&account, &text("You are opted out. & done")).unwrap());
        let expected = "POST https://sms-voice.us-east-1.amazonaws.com/\n\
            content-type: application/x-amz-json-1.0\n\
            x-amz-target: PinpointSMSVoiceV2.SendTextMessage\n\
            x-amz-date: 20251009T085320Z\n\n";
        let (head, body) = call.split_at(expected.len());
        assert_eq!(head, expected);
        let expected = json!({
            "DestinationPhoneNumber": "+14155550123", "OriginationIdentity": "+14155550100",
            "MessageBody": "You are opted out. & done", "MessageType": "TRANSACTIONAL",
        });
        assert_eq!(serde_json::from_str::<Value>(body).unwrap(), expected);
        let scope = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20251009/us-east-1/sms-voice/aws4_request, \
            SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=";
        assert!(signature.starts_with(scope) && signature.len() == scope.len() + 64, "{signature}");
    }

    #[test]
    fn a_text_goes_out_as_the_account_wants_it() {
        let settings = [("region", "eu-west-1"), ("origination_identity", "pool-1"), ("configuration_set", "events")];
        let account = account_that_sends("aws_sns", &settings, &[KEYS, &[("session_token", "passing")]].concat());
        let (call, signature) = parts(&send(&account, &text("x")).unwrap());
        for part in
            [r#""OriginationIdentity":"pool-1""#, r#""ConfigurationSetName":"events""#, "x-amz-security-token: passing"]
        {
            assert!(call.contains(part), "{call}");
        }
        assert!(signature.contains("x-amz-security-token;x-amz-target"), "{signature}");
    }

    #[test]
    fn an_opt_out_is_put_on_the_list() {
        for (settings, list) in [
            (&[("region", "us-east-1")][..], "Default"),
            (&[("region", "us-east-1"), ("opt_out_list", "Ours")], "Ours"),
        ] {
            let account = account_that_sends("aws_sns", settings, KEYS);
            let (call, _) = parts(&push(&account, &opt_out()).unwrap());
            assert!(call.contains("\nx-amz-target: PinpointSMSVoiceV2.PutOptedOutNumber\n"), "{call}");
            let body: Value = serde_json::from_str(call.rsplit('\n').next().unwrap()).unwrap();
            assert_eq!(body, json!({"OptOutListName": list, "OptedOutNumber": "+14155550123"}));
        }
    }

    #[test]
    fn another_host_is_called_and_signed() {
        let settings = [("region", "us-east-1"), ("api_url", "http://127.0.0.1:8123/")];
        let call = send(&account_that_sends("aws_sns", &settings, KEYS), &text("x")).unwrap();
        assert_eq!(call.url, "http://127.0.0.1:8123/");
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        let refused = |code: &str| Answer::Refused(code.to_owned());
        let later = |code: &str| Answer::Later(code.to_owned());
        for (status, body, expected) in [
            (200, r#"{"MessageId":"m1"}"#, Answer::Done(Some("m1".to_owned()))),
            (200, r#"{"OptOutListName":"Default"}"#, Answer::Done(None)),
            (
                400,
                r#"{"__type":"ConflictException","Reason":"DESTINATION_PHONE_NUMBER_OPTED_OUT","Message":"x"}"#,
                refused("DESTINATION_PHONE_NUMBER_OPTED_OUT"),
            ),
            (400, r#"{"__type":"com.amazonaws.x#AccessDeniedException"}"#, refused("AccessDeniedException")),
            (400, r#"{"__type":"com.amazonaws.x#ThrottlingException"}"#, later("ThrottlingException")),
            (500, r#"{"__type":"InternalServerException"}"#, later("InternalServerException")),
            (400, "", refused("400")),
            (503, "<html>", later("503")),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        for (settings, credentials, missing) in [
            (&[][..], KEYS, "region"),
            (&[("region", "us-east-1")], &KEYS[..1], "secret_access_key"),
            (&[("region", "us-east-1")], &KEYS[1..], "access_key_id"),
        ] {
            let account = account_that_sends("aws_sns", settings, credentials);
            assert_eq!(send(&account, &text("x")).err(), Some(Incomplete(missing)));
            assert_eq!(push(&account, &opt_out()).err(), Some(Incomplete(missing)));
        }
    }
}
