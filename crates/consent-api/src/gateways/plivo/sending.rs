//! Texts that are sent through Plivo.
//!
//! The account needs the setting `auth_id` and the credential `auth_token`.

use serde_json::{Value, json};

use crate::gateways::{Account, Answer, Call, Incomplete, Outbox, Text, percent_encode};

pub(super) static OUTBOX: Outbox = Outbox { send, push: None, answer };

// POST https://api.plivo.com/v1/Account/MA…/Message/
// {"src":"14155550100","dst":"14155550123","text":"…"}
// -> 202 {"message": "message(s) queued", "message_uuid": ["db3ce55a-7f1d-11e1-8ea7-1231380bc196"], "api_id": "…"}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let (id, token) = (account.need_setting("auth_id")?, account.need_credential("auth_token")?);
    let url = format!("{}/v1/Account/{}/Message/", account.api_url("https://api.plivo.com"), percent_encode(id));
    let to = text.to.to_string();
    // Plivo writes numbers without the plus.
    let (src, dst) = (text.from.trim_start_matches('+'), to.trim_start_matches('+'));
    Ok(Call::post_json(url, &json!({"src": src, "dst": dst, "text": text.body})).basic(id, token))
}

fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    Answer::by_status(status, body["message_uuid"][0].as_str().map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::tests::{account_that_sends, shown, text};

    #[test]
    fn a_text_is_posted_as_the_account() {
        let mut account = account_that_sends("plivo", &[("auth_id", "MA1")], &[("auth_token", "t")]);
        let expected = "POST https://api.plivo.com/v1/Account/MA1/Message/\n\
            content-type: application/json\n\
            authorization: Basic TUExOnQ=\n\n\
            {\"dst\":\"14155550123\",\"src\":\"14155550100\",\"text\":\"You are opted out. & dön\"}";
        assert_eq!(shown(&send(&account, &text("You are opted out. & dön")).unwrap()), expected);
        account.settings.insert("api_url".to_owned(), "http://127.0.0.1:9/".to_owned());
        assert_eq!(send(&account, &text("x")).unwrap().url, "http://127.0.0.1:9/v1/Account/MA1/Message/");
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        for (status, body, expected) in [
            (202, r#"{"message_uuid":["db3c"],"api_id":"x"}"#, Answer::Done(Some("db3c".to_owned()))),
            (202, "", Answer::Done(None)),
            (400, r#"{"error":"src is invalid"}"#, Answer::Refused("400".to_owned())),
            (401, "", Answer::Refused("401".to_owned())),
            (429, "", Answer::Later("429".to_owned())),
            (500, "<html>", Answer::Later("500".to_owned())),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let bare = account_that_sends("plivo", &[("auth_id", "MA1")], &[]);
        assert_eq!(send(&bare, &text("x")).err(), Some(Incomplete("auth_token")));
        assert_eq!(send(&account_that_sends("plivo", &[], &[]), &text("x")).err(), Some(Incomplete("auth_id")));
    }
}
