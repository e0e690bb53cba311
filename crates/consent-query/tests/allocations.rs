//! A decision from a standing that is at hand takes no memory from the heap: thousands are made in one batch, and a
//! scrub makes millions.
#![expect(clippy::unwrap_used, reason = "a test may stop where it finds something missing")]

use chrono::{DateTime, Utc};
use consent_core::event::{Event, Recorded};
use consent_query::decide::{Known, decide};
use consent_query::question::Question;
use consent_query::reason::Reason;
use consent_query::rules::Rules;
use consent_query::standing::{View, fold};
use serde_json::{Value, json};
use uuid::Uuid;

const PHONE: &str = "+12025550123";
const SUBJECT: &str = "0190a3c4-7d1e-7cc3-98c4-dc0c0c07398f";

fn recorded(events: &[Value]) -> Vec<Recorded> {
    let read = |(seq, event): (usize, &Value)| Recorded {
        seq: seq as u64,
        event_id: Uuid::from_u128(seq as u128 + 1),
        received_at: event["at"].as_str().unwrap().parse().unwrap(),
        event: Event::from_json(event.clone()).unwrap(),
    };
    events.iter().enumerate().map(read).collect()
}

fn profile(more: &Value) -> Value {
    let mut profile = json!({"type": "profile_recorded", "at": "2019-01-02T12:00:00Z", "subject": SUBJECT,
        "phone": PHONE, "email": "pat@example.com", "country": "US"});
    profile.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    profile
}

fn grant() -> Value {
    json!({"type": "consent_granted", "at": "2026-10-01T15:00:00Z", "subject": SUBJECT,
        "channels": ["sms", "email"], "purposes": ["updates"], "level": "express_written",
        "policy_version": "2024-03-20", "affirmative_action": true, "condition_of_purchase": false,
        "evidence_ref": "ev-001"})
}

fn stop(at: &str) -> Value {
    json!({"type": "inbound_sms", "at": at, "from": PHONE, "body": "STOP"})
}

fn asked(phone: Option<&str>, channel: &str) -> Question {
    let phone = phone.map(str::to_owned);
    Question { phone, channel: channel.into(), purpose: "updates".into(), ..Question::default() }
}

/// What happened, what is asked and when, the answer.
type Row = (Vec<Value>, Question, &'static str, Reason);

fn rows() -> Vec<Row> {
    const NOON: &str = "2026-12-02T17:00:00Z";
    const NIGHT: &str = "2026-12-02T07:00:00Z";
    let plain = || vec![profile(&json!({})), grant()];
    let by_phone = || asked(Some(PHONE), "sms");
    let by_subject = || Question { subject: Some(SUBJECT.into()), ..asked(None, "sms") };
    let by_mail = || Question { email: Some("pat@example.com".into()), ..asked(None, "email") };
    let stopped = || [plain(), vec![stop("2026-12-01T15:00:00Z")]].concat();
    let again = || [stopped(), vec![stop("2026-12-01T16:00:00Z"), stop("2026-12-01T17:00:00Z")]].concat();
    let florida = || vec![profile(&json!({"region": "FL", "postal_code": "32501"})), grant()];
    let anywhere = || vec![profile(&json!({"phone": "+18005550123"})), grant()];
    vec![
        (plain(), by_phone(), NOON, Reason::ConsentExpressWritten),
        (plain(), by_subject(), NOON, Reason::ConsentExpressWritten),
        (plain(), by_mail(), NOON, Reason::ConsentExpressWritten),
        (florida(), by_phone(), NOON, Reason::ConsentExpressWritten),
        (anywhere(), by_subject(), "2026-12-02T20:00:00Z", Reason::ConsentExpressWritten),
        (stopped(), by_phone(), NOON, Reason::OptedOutChannel),
        (again(), by_subject(), NOON, Reason::OptedOutChannel),
        (vec![profile(&json!({}))], by_phone(), NOON, Reason::NoConsent),
        (vec![], by_phone(), NOON, Reason::NoConsent),
        (plain(), by_phone(), NIGHT, Reason::QuietHours),
        (florida(), by_phone(), NIGHT, Reason::QuietHours),
        (anywhere(), by_subject(), NIGHT, Reason::QuietHours),
        (stopped(), by_phone(), NIGHT, Reason::OptedOutChannel),
    ]
}

#[test]
fn a_decision_allocates_nothing() {
    let rules = Rules::embedded().unwrap();
    for (events, question, now, reason) in rows() {
        let now: DateTime<Utc> = now.parse().unwrap();
        let known = Known::Standing(fold(&recorded(&events), View::LIVE, &rules));
        let answer = || decide(&question, &known, &rules, now, events.len() as u64);
        // The tables are read when somebody first asks.
        let decision = answer();
        assert_eq!(decision.reason, reason, "{events:?}");
        let allocated = allocation_counter::measure(|| drop(answer()));
        assert_eq!(allocated.count_total, 0, "{} at {now} about {events:?}", decision.reason);
    }
}
