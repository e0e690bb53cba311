//! Texts sent through Bird. It has no interface for opt-outs.

use serde_json::{Value, json};

use crate::gateways::{Account, Answer, Call, Incomplete, Outbox, Text};

pub(super) static OUTBOX: Outbox = Outbox { send, push: None, answer };

// POST https://api.bird.com/workspaces/{workspace_id}/channels/{channel_id}/messages
// {"receiver": {"contacts": [{"identifierKey": "phonenumber", "identifierValue": "+14155550123"}]},
//  "body": {"type": "text", "text": {"text": "…"}}}
// -> 202 {"id": "96a0b5fa-a986-453d-be5c-3117f989f025", "status": "accepted", …}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let key = account.need_credential("access_key")?;
    let (workspace, channel) = (account.need_setting("workspace_id")?, account.need_setting("channel_id")?);
    let host = account.api_url("https://api.bird.com");
    let body = json!({
        "receiver": {"contacts": [{"identifierKey": "phonenumber", "identifierValue": text.to.to_string()}]},
        "body": {"type": "text", "text": {"text": text.body}},
    });
    let url = format!("{host}/workspaces/{workspace}/channels/{channel}/messages");
    Ok(Call::post_json(url, &body).header("authorization", format!("AccessKey {key}")))
}

fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    Answer::by_status(status, body["id"].as_str().map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::tests::{account_that_sends, shown, text};

    #[test]
    fn a_text_is_posted_to_the_channel() {
        let expected = "POST https://api.bird.com/workspaces/w1/channels/c1/messages\n\
            content-type: application/json\n\
            authorization: AccessKey k1\n\n\
            {\"body\":{\"text\":{\"text\":\"Done.\"},\"type\":\"text\"},\"receiver\":{\"contacts\":\
            [{\"identifierKey\":\"phonenumber\",\"identifierValue\":\"+14155550123\"}]}}";
        let settings = [("workspace_id", "w1"), ("channel_id", "c1")];
        let account = account_that_sends("bird", &settings, &[("access_key", "k1")]);
        assert_eq!(shown(&send(&account, &text("Done.")).unwrap()), expected);
    }

    #[test]
    fn what_is_missing_is_named() {
        let with = |settings: &[(&str, &str)], credentials: &[(&str, &str)]| {
            send(&account_that_sends("bird", settings, credentials), &text("x")).err()
        };
        let key = [("access_key", "k1")];
        assert_eq!(with(&[("workspace_id", "w1"), ("channel_id", "c1")], &[]), Some(Incomplete("access_key")));
        assert_eq!(with(&[("channel_id", "c1")], &key), Some(Incomplete("workspace_id")));
        assert_eq!(with(&[("workspace_id", "w1")], &key), Some(Incomplete("channel_id")));
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        for (status, body, expected) in [
            (202, r#"{"id":"96a0","status":"accepted"}"#, Answer::Done(Some("96a0".to_owned()))),
            (422, r#"{"code":"InvalidPayload"}"#, Answer::Refused("422".to_owned())),
            (429, "", Answer::Later("429".to_owned())),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }
}
