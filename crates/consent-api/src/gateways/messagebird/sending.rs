//! Texts sent through MessageBird. It has no interface for opt-outs.

use serde_json::Value;

use crate::gateways::{Account, Answer, Call, Incomplete, Outbox, Text};

pub(super) static OUTBOX: Outbox = Outbox { send, push: None, answer };

// POST https://rest.messagebird.com/messages
// originator=%2B14155550100&recipients=14155550123&body=…&datacoding=auto&reference=…
// -> 201 {"id": "e8077d803532c0b5937c639b60216938", …}, or 422 {"errors": [{"code": 9, …}]}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let key = account.need_credential("access_key")?;
    let url = format!("{}/messages", account.api_url("https://rest.messagebird.com"));
    let (to, reference) = (text.to.to_string(), text.id.simple().to_string());
    let fields = [
        ("originator", text.from),
        ("recipients", to.trim_start_matches('+')),
        ("body", text.body),
        // Without it every letter that is not in the GSM alphabet becomes a question mark.
        ("datacoding", "auto"),
        // Status reports are sent for messages with a reference alone.
        ("reference", &reference),
    ];
    Ok(Call::post_form(url, &fields).header("authorization", format!("AccessKey {key}")))
}

fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let fault = body["errors"][0]["code"].as_i64();
    match (Answer::by_status(status, body["id"].as_str().map(ToOwned::to_owned)), fault) {
        (Answer::Refused(_), Some(code)) => Answer::Refused(code.to_string()),
        (answer, _) => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::tests::{account_that_sends, shown, text};

    #[test]
    fn a_text_is_posted_as_the_account() {
        let expected = "POST https://rest.messagebird.com/messages\n\
            content-type: application/x-www-form-urlencoded\n\
            authorization: AccessKey k1\n\n\
            originator=%2B14155550100&recipients=14155550123&body=Fertig%20%26%20gut&datacoding=auto\
            &reference=00000000000000000000000000000007";
        let account = account_that_sends("messagebird", &[], &[("access_key", "k1")]);
        assert_eq!(shown(&send(&account, &text("Fertig & gut")).unwrap()), expected);
        let bare = account_that_sends("messagebird", &[], &[]);
        assert_eq!(send(&bare, &text("x")).err(), Some(Incomplete("access_key")));
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        for (status, body, expected) in [
            (201, r#"{"id":"e807"}"#, Answer::Done(Some("e807".to_owned()))),
            (422, r#"{"errors":[{"code":9,"parameter":"recipients"}]}"#, Answer::Refused("9".to_owned())),
            (401, "", Answer::Refused("401".to_owned())),
            (429, r#"{"errors":[{"code":1}]}"#, Answer::Later("429".to_owned())),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }
}
