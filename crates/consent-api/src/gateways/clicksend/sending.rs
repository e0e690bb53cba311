//! What we send through ClickSend: texts, and opt-outs to its opt-out list.

use serde_json::{Value, json};

use crate::gateways::{Account, Answer, Call, Incomplete, OptOut, Outbox, Text};

pub(super) static OUTBOX: Outbox = Outbox { send, push: Some(push), answer };

// POST https://rest.clicksend.com/v3/sms/send
// {"messages": [{"from": "+14155550100", "to": "+14155550123", "body": "…", "custom_string": "+14155550123"}]}
// -> 200 {"http_code": 200, "data": {"messages": [{"message_id": "…", "status": "SUCCESS", …}], …}}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let to = text.to.to_string();
    // What a receipt will say, which does not name the recipient by itself.
    let message = json!({"from": text.from, "to": to, "body": text.body, "custom_string": to});
    post(account, "/v3/sms/send", &json!({"messages": [message]}))
}

// POST https://rest.clicksend.com/v3/lists/{opt_out_list_id}/contacts
// {"phone_number": "+14155550123"}
// -> 200 {"http_code": 200, "data": {"contact_id": 1, …}}
fn push(account: &Account, opt_out: &OptOut<'_>) -> Result<Call, Incomplete> {
    let path = format!("/v3/lists/{}/contacts", account.need_setting("opt_out_list_id")?);
    post(account, &path, &json!({"phone_number": opt_out.phone.to_string()}))
}

fn post(account: &Account, path: &str, body: &Value) -> Result<Call, Incomplete> {
    let url = format!("{}{path}", account.api_url("https://rest.clicksend.com"));
    let (user, key) = (account.need_credential("username")?, account.need_credential("api_key")?);
    Ok(Call::post_json(url, body).basic(user, key))
}

/// Each message of a request says for itself whether it was taken.
fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = &body["data"]["messages"][0];
    match Answer::by_status(status, message["message_id"].as_str().map(ToOwned::to_owned)) {
        Answer::Done(id) => match message["status"].as_str() {
            None | Some("SUCCESS") => Answer::Done(id),
            Some(status @ ("THROTTLED" | "INSUFFICIENT_CREDIT")) => Answer::Later(status.to_owned()),
            Some(status) => Answer::Refused(status.to_owned()),
        },
        answer => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::tests::{account_that_sends, opt_out, shown, text};

    const CREDENTIALS: &[(&str, &str)] = &[("username", "u"), ("api_key", "k")];

    #[test]
    fn a_text_is_posted_as_the_account() {
        let expected = "POST https://rest.clicksend.com/v3/sms/send\n\
            content-type: application/json\n\
            authorization: Basic dTpr\n\n\
            {\"messages\":[{\"body\":\"Done.\",\"custom_string\":\"+14155550123\",\"from\":\"+14155550100\",\
            \"to\":\"+14155550123\"}]}";
        let account = account_that_sends("clicksend", &[], CREDENTIALS);
        assert_eq!(shown(&send(&account, &text("Done.")).unwrap()), expected);
    }

    #[test]
    fn an_opt_out_is_put_on_the_list() {
        let expected = "POST https://rest.clicksend.com/v3/lists/77/contacts\n\
            content-type: application/json\n\
            authorization: Basic dTpr\n\n\
            {\"phone_number\":\"+14155550123\"}";
        let account = account_that_sends("clicksend", &[("opt_out_list_id", "77")], CREDENTIALS);
        assert_eq!(shown(&push(&account, &opt_out()).unwrap()), expected);
    }

    #[test]
    fn what_is_missing_is_named() {
        let without =
            |credentials: &[(&str, &str)]| send(&account_that_sends("clicksend", &[], credentials), &text("x")).err();
        assert_eq!(without(&CREDENTIALS[..1]), Some(Incomplete("api_key")));
        assert_eq!(without(&CREDENTIALS[1..]), Some(Incomplete("username")));
        let no_list = account_that_sends("clicksend", &[], CREDENTIALS);
        assert_eq!(push(&no_list, &opt_out()).err(), Some(Incomplete("opt_out_list_id")));
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        let sent = |status: &str| json!({"data": {"messages": [{"message_id": "M1", "status": status}]}}).to_string();
        let later = |code: &str| Answer::Later(code.to_owned());
        for (status, body, expected) in [
            (200, sent("SUCCESS"), Answer::Done(Some("M1".to_owned()))),
            (200, sent("INVALID_RECIPIENT"), Answer::Refused("INVALID_RECIPIENT".to_owned())),
            (200, sent("THROTTLED"), later("THROTTLED")),
            (200, sent("INSUFFICIENT_CREDIT"), later("INSUFFICIENT_CREDIT")),
            (200, json!({"data": {"contact_id": 1}}).to_string(), Answer::Done(None)),
            (401, String::new(), Answer::Refused("401".to_owned())),
            (500, String::new(), later("500")),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }
}
