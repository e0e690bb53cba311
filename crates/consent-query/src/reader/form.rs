//! The answer of all who are alike: written once, with a place left open for what is each one's own.

use chrono::{DateTime, Utc};
use serde::Serialize;
use smallvec::SmallVec;
use uuid::Uuid;

use crate::decision::{DecidedBy, Decision};
use crate::limits::SAME_TIME;
use crate::reason::{Answer, Reason};
use crate::standing::Cited;
use crate::zones::Zone;

/// A decision in JSON without the ids of events, the position and its own id.
pub(crate) struct Form {
    reason: Reason,
    /// Up to the events that it rests on.
    head: Box<[u8]>,
    /// From there to the position.
    middle: Box<[u8]>,
    /// Which of the events behind a person it rests on.
    relied_on: SmallVec<[u8; 3]>,
    /// From when until when it is the answer.
    holds: (DateTime<Utc>, DateTime<Utc>),
}

/// The fields of a decision before the events that it rests on.
#[derive(Serialize)]
struct Head<'a> {
    decision: Answer,
    reason: Reason,
    also_blocking: &'a [Reason],
    rule: &'a DecidedBy,
}

/// The fields between these and the position.
#[derive(Serialize)]
struct Middle<'a> {
    zones: &'a [Zone],
    tzdb: Option<&'a str>,
    valid_until: Option<DateTime<Utc>>,
    next_eligible_at: Option<DateTime<Utc>>,
}

impl Form {
    /// The form of a decision made at this time about somebody behind whom are these events; `None` if it has things in it
    /// that are nobody else's.
    pub(crate) fn of(decision: &Decision, cited: &[Cited], now: DateTime<Utc>) -> Option<Self> {
        if decision.explanation.is_some() {
            return None;
        }
        let Decision { reason, also_blocking, rule, zones, tzdb, valid_until, next_eligible_at, .. } = decision;
        let head = Head { decision: decision.decision, reason: *reason, also_blocking, rule };
        let (tzdb, valid_until, next_eligible_at) = (tzdb.as_deref(), *valid_until, *next_eligible_at);
        let middle = Middle { zones, tzdb, valid_until, next_eligible_at };
        let place = |event: &Cited| cited.iter().position(|own| own == event).and_then(|at| u8::try_from(at).ok());
        let soon = now + SAME_TIME;
        let end = [valid_until, next_eligible_at].into_iter().flatten().fold(soon, DateTime::min);
        Some(Self {
            reason: *reason,
            head: [b"{", &*fields(&head)?, b",\"relied_on\":["].concat().into(),
            middle: [b"],", &*fields(&middle)?, b",\"position\":"].concat().into(),
            relied_on: decision.relied_on.iter().map(place).collect::<Option<_>>()?,
            holds: (now, end),
        })
    }

    /// Whether a decision at this time would be the same.
    pub(crate) fn holds_at(&self, now: DateTime<Utc>) -> bool {
        self.holds.0 <= now && now < self.holds.1
    }

    /// The answer for somebody behind whom are these events, as of a position. Nothing is written if it rests on more.
    pub(crate) fn fill(&self, (id, position): (Uuid, u64), cited: &[Cited], out: &mut Vec<u8>) -> Option<Reason> {
        let events: SmallVec<[&Cited; 3]> =
            self.relied_on.iter().map(|at| cited.get(usize::from(*at))).collect::<Option<_>>()?;
        out.extend_from_slice(&self.head);
        for (at, event) in events.into_iter().enumerate() {
            out.extend_from_slice(if at == 0 { b"{\"event_id\":\"" } else { b",{\"event_id\":\"" });
            put_id(event.event_id, out);
            out.extend_from_slice(b"\",\"seq\":");
            put_number(event.seq, out);
            out.push(b'}');
        }
        out.extend_from_slice(&self.middle);
        put_number(position, out);
        out.extend_from_slice(b",\"decision_id\":\"");
        put_id(id, out);
        out.extend_from_slice(b"\"}");
        Some(self.reason)
    }
}

/// What is between the braces.
fn fields(of: &impl Serialize) -> Option<Box<[u8]>> {
    let json = serde_json::to_vec(of).ok()?;
    Some(json.strip_prefix(b"{")?.strip_suffix(b"}")?.into())
}

fn put_id(id: Uuid, out: &mut Vec<u8>) {
    out.extend_from_slice(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes());
}

fn put_number(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    for (at, digit) in digits.iter_mut().enumerate().rev() {
        *digit += (number % 10) as u8;
        (number, first) = (number / 10, at);
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(first..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde_json::json;

    use super::*;
    use crate::decide::{Known, decide};
    use crate::rules::Rules;
    use crate::standing::{View, fold};
    use crate::stories::{grant, profile, question, question_of, recorded, reply, time, with};

    #[test]
    fn numbers_are_written_as_they_are() {
        for number in [0, 7, 10, 99, 100, 4_096, u64::MAX] {
            let mut out = Vec::new();
            put_number(number, &mut out);
            assert_eq!(out, number.to_string().as_bytes());
        }
    }

    /// Decisions at noon and by night, with and without consent.
    fn decisions() -> Vec<(Decision, Vec<Cited>, DateTime<Utc>)> {
        let rules = Rules::embedded().unwrap();
        let (mut all, asked) = (Vec::new(), question_of(&question()));
        for events in [vec![], vec![profile(), grant()], vec![profile(), grant(), reply("STOP")]] {
            let events = recorded(&events);
            let cited: Vec<Cited> =
                events.iter().map(|event| Cited { event_id: event.event_id, seq: event.seq }).collect();
            for now in ["2026-12-02T17:00:00Z", "2026-12-02T07:00:00Z"] {
                let known = Known::Standing(fold(&events, View::LIVE, &rules));
                all.push((decide(&asked, &known, &rules, time(now), 12), cited.clone(), time(now)));
            }
        }
        all
    }

    #[test]
    fn a_form_that_is_filled_in_is_the_decision() {
        for (decision, cited, now) in decisions() {
            let (form, mut out) = (Form::of(&decision, &cited, now).unwrap(), Vec::new());
            let own = (decision.decision_id, decision.position);
            assert_eq!(form.fill(own, &cited, &mut out), Some(decision.reason));
            assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&decision).unwrap());
        }
    }

    #[test]
    fn an_allow_is_used_no_longer_than_it_says_and_a_deny_that_ends_no_longer_than_it_lasts() {
        for (decision, cited, now) in decisions() {
            let tick = TimeDelta::milliseconds(1);
            for early in [
                Decision { valid_until: Some(now + tick * 2), ..decision.clone() },
                Decision { next_eligible_at: Some(now + tick * 2), ..decision.clone() },
            ] {
                let form = Form::of(&early, &cited, now).unwrap();
                assert!(form.holds_at(now) && form.holds_at(now + tick) && !form.holds_at(now + tick * 2));
            }
            let form = Form::of(&decision, &cited, now).unwrap();
            assert!(form.holds_at(now + SAME_TIME - tick) && !form.holds_at(now + SAME_TIME));
            assert!(!form.holds_at(now - tick), "the clock went back");
        }
    }

    #[test]
    fn what_is_one_persons_own_has_no_form() {
        let asked = question_of(&with(&question(), json!({"explain": true})));
        let rules = Rules::embedded().unwrap();
        let now = time("2026-12-02T17:00:00Z");
        let explained = decide(&asked, &Known::Standing(fold(&[], View::LIVE, &rules)), &rules, now, 0);
        assert!(asked.explain && Form::of(&explained, &[], now).is_none());
        let (allowed, cited, now) = decisions().remove(2);
        assert!(!allowed.relied_on.is_empty() && Form::of(&allowed, &[], now).is_none());
        let (form, mut out) = (Form::of(&allowed, &cited, now).unwrap(), Vec::new());
        assert!(form.fill((Uuid::nil(), 0), &[], &mut out).is_none() && out.is_empty());
    }
}
