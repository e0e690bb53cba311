//! What we send through Infobip: texts, and opt-outs to its block list.

use consent_core::address::Phone;
use serde_json::{Value, json};

use crate::gateways::{Account, Answer, Call, Incomplete, OptOut, Outbox, Text};

pub(super) static OUTBOX: Outbox = Outbox { send, push: Some(push), answer };

/// The group of statuses of messages that will not be sent.
const REJECTED: i64 = 5;

// POST https://xyz123.api.infobip.com/sms/3/messages
// {"messages": [{"sender": "14155550100", "destinations": [{"to": "14155550123"}], "content": {"text": "…"}}]}
// -> 200 {"bulkId": "…", "messages": [{"messageId": "…", "status": {"groupId": 1, "groupName": "PENDING", "id": 26, …}}]}
fn send(account: &Account, text: &Text<'_>) -> Result<Call, Incomplete> {
    let message =
        json!({"sender": text.from, "destinations": [{"to": digits(text.to)}], "content": {"text": text.body}});
    post(account, "/sms/3/messages", &json!({"messages": [message]}))
}

// POST https://xyz123.api.infobip.com/platform/1/blocklists
// {"blocklist": [{"sender": "14155550100", "channel": "SMS", "destinations": [{"to": "14155550123"}]}]}
// -> 2xx; a number that is on the list already is no error
fn push(account: &Account, opt_out: &OptOut<'_>) -> Result<Call, Incomplete> {
    let sender = opt_out.from.or_else(|| account.setting("sender")).ok_or(Incomplete("sender"))?;
    let entry = json!({"sender": sender, "channel": "SMS", "destinations": [{"to": digits(opt_out.phone)}]});
    post(account, "/platform/1/blocklists", &json!({"blocklist": [entry]}))
}

fn post(account: &Account, path: &str, body: &Value) -> Result<Call, Incomplete> {
    let key = account.need_credential("api_key")?;
    Ok(Call::post_json(format!("{}{path}", host(account)?), body).header("authorization", format!("App {key}")))
}

/// Every customer of Infobip has a host of their own, which is written with its scheme, without it, or by its first
/// label alone.
fn host(account: &Account) -> Result<String, Incomplete> {
    if account.setting("api_url").is_some() {
        return Ok(account.api_url("").to_owned());
    }
    let base = account.need_setting("base_url")?.trim_end_matches('/');
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    Ok(if host.contains('.') { format!("https://{host}") } else { format!("https://{host}.api.infobip.com") })
}

fn digits(phone: &Phone) -> String {
    phone.to_string().trim_start_matches('+').to_owned()
}

fn answer(status: u16, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = &body["messages"][0];
    match Answer::by_status(status, message["messageId"].as_str().map(ToOwned::to_owned)) {
        Answer::Done(_) if message["status"]["groupId"].as_i64() == Some(REJECTED) => {
            Answer::Refused(message["status"]["name"].as_str().unwrap_or("REJECTED").to_owned())
        }
        answer => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::tests::{account_that_sends, opt_out, shown, text};

    fn account_at(settings: &[(&str, &str)]) -> Account {
        account_that_sends("infobip", settings, &[("api_key", "k1")])
    }

    #[test]
    fn a_text_is_posted_as_the_account() {
        let expected = "POST https://xyz123.api.infobip.com/sms/3/messages\n\
            content-type: application/json\n\
            authorization: App k1\n\n\
            {\"messages\":[{\"content\":{\"text\":\"Done.\"},\"destinations\":[{\"to\":\"14155550123\"}],\
            \"sender\":\"+14155550100\"}]}";
        for base in
            ["xyz123.api.infobip.com", "https://xyz123.api.infobip.com/", "http://xyz123.api.infobip.com", "xyz123"]
        {
            assert_eq!(shown(&send(&account_at(&[("base_url", base)]), &text("Done.")).unwrap()), expected, "{base}");
        }
        let elsewhere = send(&account_at(&[("api_url", "http://localhost:1/")]), &text("x")).unwrap();
        assert_eq!(elsewhere.url, "http://localhost:1/sms/3/messages");
    }

    #[test]
    fn an_opt_out_is_put_on_the_block_list() {
        let expected = "POST https://xyz123.api.infobip.com/platform/1/blocklists\n\
            content-type: application/json\n\
            authorization: App k1\n\n\
            {\"blocklist\":[{\"channel\":\"SMS\",\"destinations\":[{\"to\":\"14155550123\"}],\"sender\":\"+14155550100\"}]}";
        let account = account_at(&[("base_url", "xyz123"), ("sender", "INFI")]);
        assert_eq!(shown(&push(&account, &opt_out()).unwrap()), expected);
        let nowhere = OptOut { from: None, ..opt_out() };
        assert!(shown(&push(&account, &nowhere).unwrap()).contains("\"sender\":\"INFI\""));
        assert_eq!(push(&account_at(&[("base_url", "x")]), &nowhere).err(), Some(Incomplete("sender")));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(send(&account_at(&[]), &text("x")).err(), Some(Incomplete("base_url")));
        let bare = account_that_sends("infobip", &[("base_url", "x")], &[]);
        assert_eq!(send(&bare, &text("x")).err(), Some(Incomplete("api_key")));
    }

    #[test]
    fn the_answer_is_read_for_what_it_is() {
        let sent = |group: i64, name: &str| {
            json!({"messages": [{"messageId": "M1", "status": {"groupId": group, "name": name}}]}).to_string()
        };
        let refused = |code: &str| Answer::Refused(code.to_owned());
        for (status, body, expected) in [
            (200, sent(1, "PENDING_ACCEPTED"), Answer::Done(Some("M1".to_owned()))),
            (200, sent(5, "REJECTED_DESTINATION_BLOCKLISTED"), refused("REJECTED_DESTINATION_BLOCKLISTED")),
            (202, String::new(), Answer::Done(None)),
            (401, String::new(), refused("401")),
            (503, String::new(), Answer::Later("503".to_owned())),
        ] {
            assert_eq!(answer(status, body.as_bytes()), expected, "{status} {body}");
        }
    }
}
