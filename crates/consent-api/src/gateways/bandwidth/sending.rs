//! Texts sent through Bandwidth. It has no interface for opt-outs.

use serde_json::{Value, json};

use crate::gateways::{Account, Answer, Call, Incomplete, Outbox, Text};

pub(super) static OUTBOX: Outbox = Outbox { send, push: None, answer };

// POST https://messaging.bandwidth.com/api/v2/users/{account_id}/messages
// {"applicationId": "93de…", "to": ["+14155550123"], "from": "+14155550100", "text": "…"}
// -> 202 {"id": "1589228074636lm4k2je7j7jklbn2", …}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let host = account.api_url("https://messaging.bandwidth.com");
    let url = format!("{host}/api/v2/users/{}/messages", account.need_setting("account_id")?);
    let body = json!({
        "applicationId": account.need_setting("application_id")?,
        "to": [text.to.to_string()],
        "from": text.from,
        "text": text.body,
    });
    let (user, password) = (account.need_credential("api_user")?, account.need_credential("api_password")?);
    Ok(Call::post_json(url, &body).basic(user, password))
}

fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    Answer::by_status(status, body["id"].as_str().map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::tests::{account_that_sends, shown, text};

    const SETTINGS: &[(&str, &str)] = &[("account_id", "12345"), ("application_id", "93de")];
    const CREDENTIALS: &[(&str, &str)] = &[("api_user", "u"), ("api_password", "p:w")];

    #[test]
    fn a_text_is_posted_as_the_account() {
        let expected = "POST https://messaging.bandwidth.com/api/v2/users/12345/messages\n\
            content-type: application/json\n\
            authorization: Basic dTpwOnc=\n\n\
            {\"applicationId\":\"93de\",\"from\":\"+14155550100\",\"text\":\"You are opted out.\",\"to\":[\"+14155550123\"]}";
        let call = send(&account_that_sends("bandwidth", SETTINGS, CREDENTIALS), &text("You are opted out."));
        assert_eq!(shown(&call.unwrap()), expected);
    }

    #[test]
    fn what_is_missing_is_named() {
        for (left_out, names) in [("account_id", SETTINGS), ("application_id", SETTINGS)] {
            let settings: Vec<_> = names.iter().copied().filter(|(name, _)| *name != left_out).collect();
            let account = account_that_sends("bandwidth", &settings, CREDENTIALS);
            assert_eq!(send(&account, &text("x")).err(), Some(Incomplete(left_out)));
        }
        for left_out in ["api_user", "api_password"] {
            let credentials: Vec<_> = CREDENTIALS.iter().copied().filter(|(name, _)| *name != left_out).collect();
            let account = account_that_sends("bandwidth", SETTINGS, &credentials);
            assert_eq!(send(&account, &text("x")).err(), Some(Incomplete(left_out)));
        }
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        for (status, body, expected) in [
            (202, r#"{"id":"1589"}"#, Answer::Done(Some("1589".to_owned()))),
            (202, "", Answer::Done(None)),
            (400, r#"{"type":"request-validation"}"#, Answer::Refused("400".to_owned())),
            (429, "", Answer::Later("429".to_owned())),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }
}
