//! Made-up histories for tests: events as JSON, in the form of the scenario files.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use consent_core::event::{Event, Recorded};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::decide::{Known, decide};
use crate::decision::Decision;
use crate::question::Question;
use crate::rules::Rules;
use crate::standing::{View, fold};

/// Read once: the laws are tried on thousands of histories.
static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::embedded().unwrap());

/// The number of the person in these stories.
pub(crate) const PHONE: &str = "+12025550123";
/// Another number.
pub(crate) const OTHER_PHONE: &str = "+12025550199";

/// A time, written in RFC 3339.
pub(crate) fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The same event or question with some fields changed; `null` takes a field out.
#[expect(clippy::needless_pass_by_value, reason = "callers write the changes in place")]
pub(crate) fn with(base: &Value, changes: Value) -> Value {
    let mut fields = base.as_object().unwrap().clone();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    Value::Object(fields)
}

/// Person A in the United States, known since 2019.
pub(crate) fn profile() -> Value {
    json!({"type": "profile_recorded", "at": "2019-01-02T12:00:00Z", "phone": PHONE, "email": "pat@example.com",
        "country": "US"})
}

/// A written consent of person A to marketing texts, flawless.
pub(crate) fn grant() -> Value {
    json!({"type": "consent_granted", "at": "2026-10-01T15:00:00Z", "channels": ["sms"],
        "purposes": ["updates", "special_offers", "services"], "level": "express_written",
        "policy_version": "2024-03-20", "affirmative_action": true, "condition_of_purchase": false,
        "evidence_ref": "ev-001"})
}

/// A text from person A's number, later than the consent.
pub(crate) fn reply(body: &str) -> Value {
    json!({"type": "inbound_sms", "at": "2026-12-01T15:00:00Z", "from": PHONE, "body": body})
}

/// The question that the consent answers, at noon of the next day.
pub(crate) fn question() -> Value {
    json!({"at": "2026-12-02T17:00:00Z", "subject": "A", "channel": "sms", "purpose": "special_offers"})
}

/// Events as recorded: about subject `A` unless they say otherwise, received when they happened.
pub(crate) fn recorded(events: &[Value]) -> Vec<Recorded> {
    events.iter().enumerate().map(|(seq, event)| record(seq as u64, event)).collect()
}

/// The id of the event at this position of a story.
pub(crate) fn event_id(seq: u64) -> Uuid {
    Uuid::from_u128(u128::from(seq) + 1)
}

fn record(seq: u64, event: &Value) -> Recorded {
    let mut fields = event.as_object().unwrap().clone();
    let received_at = fields.remove("received_at").or_else(|| fields.get("at").cloned()).unwrap();
    let received_at = time(received_at.as_str().unwrap());
    let about_nobody = fields["type"] == "inbound_sms" || fields.contains_key("subject");
    if !about_nobody {
        fields.insert("subject".into(), "A".into());
    }
    fields.retain(|name, value| name != "subject" || *value != "nobody");
    Recorded { seq, event_id: event_id(seq), received_at, event: Event::from_json(Value::Object(fields)).unwrap() }
}

/// Decides a question of a scenario file.
pub(crate) fn ask(events: &[Value], query: &Value) -> Decision {
    ask_of(&recorded(events), query, &Map::new())
}

/// Decides a question under changed settings.
pub(crate) fn ask_under(config: &Value, events: &[Value], query: &Value) -> Decision {
    ask_of(&recorded(events), query, config.as_object().unwrap())
}

/// Decides a question of a scenario file about recorded events.
pub(crate) fn ask_of(events: &[Recorded], query: &Value, config: &Map<String, Value>) -> Decision {
    ask_by(&RULES.with_settings(config).unwrap(), events, query)
}

/// Decides a question of a scenario file about recorded events, by other rules than those of the crate.
pub(crate) fn ask_by(rules: &Rules, events: &[Recorded], query: &Value) -> Decision {
    let now = time(query["at"].as_str().unwrap());
    let moment = |name: &str| query.get(name).and_then(Value::as_str).map_or(Some(now), |text| Some(time(text)));
    let question = Question { as_of: moment("as_of"), known_at: moment("known_at"), ..question_of(query) };
    let standing = fold(events, View { as_of: question.as_of, known_at: question.known_at }, rules);
    decide(&question, &Known::Standing(standing), rules, now, events.len() as u64)
}

/// The question of a scenario file, about everything that is known.
pub(crate) fn question_of(query: &Value) -> Question {
    let text = |name: &str| query.get(name).and_then(Value::as_str).map(str::to_owned);
    Question {
        phone: text("phone"),
        email: text("email"),
        subject: text("subject").filter(|subject| subject != "nobody"),
        channel: text("channel").unwrap(),
        purpose: text("purpose").unwrap(),
        subject_matter: text("subject_matter"),
        product_line: text("product_line"),
        automated: query.get("automated").and_then(Value::as_bool),
        opt_out_in_message: query.get("opt_out_in_message").and_then(Value::as_bool),
        explain: query.get("explain").is_some(),
        ..Question::default()
    }
}

/// One row of a table: what happened, what is asked, the reason and what else blocks, by code.
pub(crate) type Row = (&'static str, Vec<Value>, Value, &'static [&'static str]);

/// Asks the question of each row and compares the codes.
pub(crate) fn judge_all(rows: Vec<Row>) {
    for (name, events, query, codes) in rows {
        let decision = ask(&events, &query);
        let said: Vec<&str> =
            std::iter::once(&decision.reason).chain(&decision.also_blocking).map(|reason| reason.as_str()).collect();
        assert_eq!(said, codes, "{name}");
    }
}
