//! What is right, found out the slow way, so that a fast wrong answer fails.

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use consent_query::decide::{Known, decide};
use consent_query::decision::Decision;
use consent_query::question::Question;
use consent_query::reason::Answer;
use consent_query::rules::Rules;
use consent_query::standing::{View, fold};
use serde_json::{Value, json};

use crate::generator::Generator;

/// Answers by folding a contact's own history.
pub struct Oracle {
    people: Generator,
    rules: Rules,
}

impl Oracle {
    /// For these people, under the rules that are compiled in.
    pub fn new(people: Generator) -> anyhow::Result<Self> {
        Ok(Self { people, rules: Rules::embedded()? })
    }

    /// The decision about a contact; strangers are those whose number is too high.
    pub fn decide(&self, number: u64, purpose: &str, now: DateTime<Utc>) -> anyhow::Result<Decision> {
        let contact = self.people.contact(number)?;
        let events = if number < self.people.contacts { self.people.history(&contact) } else { Vec::new() };
        // By a number that is in no event nobody is found.
        let known = events.iter().any(|event| event.event.identities().contains(&contact.identity()));
        let events = if known { events } else { Vec::new() };
        let standing = fold(&events, View::default(), &self.rules);
        let question = question(contact.phone.as_str(), purpose);
        Ok(decide(&question, &Known::Standing(standing), &self.rules, now, self.people.contacts))
    }

    /// Holds an answer of a server against what is right.
    pub fn check(&self, number: u64, purpose: &str, answer: &Value, now: DateTime<Utc>) -> anyhow::Result<()> {
        let right = self.decide(number, purpose, now)?;
        let said = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
        let right = (if right.decision == Answer::Allow { "allow" } else { "deny" }, right.reason.as_str());
        let found = (said("decision"), said("reason"));
        ensure!(found == right, "contact {number}, {purpose}: answered {found:?}, right is {right:?}");
        Ok(())
    }
}

/// A question by a phone number, for the engine.
pub fn question(phone: &str, purpose: &str) -> Question {
    let (channel, purpose) = ("sms".to_owned(), purpose.to_owned());
    Question { phone: Some(phone.to_owned()), channel, purpose, ..Question::default() }
}

/// The same for the interface.
pub fn body(phone: &str, purpose: &str) -> Vec<u8> {
    json!({"phone": phone, "channel": "sms", "purpose": purpose}).to_string().into_bytes()
}

/// The certificate at the end of a scrubbed list of plain text.
pub fn certificate(tail: &[u8]) -> anyhow::Result<Value> {
    let text = String::from_utf8_lossy(tail);
    let line = text.lines().rev().find_map(|line| line.strip_prefix("# certificate "));
    let line = line.context("the answer to a scrub broke off: it has no certificate")?;
    Ok(serde_json::from_str(line)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lists_and_the_engine_agree_on_service_texts() {
        let people = Generator { seed: 3, contacts: 400 };
        let oracle = Oracle::new(people).unwrap();
        let now = "2026-11-23T18:00:00Z".parse().unwrap();
        for number in 0..people.contacts + 20 {
            let plain = number < people.contacts && people.story(number).may_get_service_text();
            let decided = oracle.decide(number, "transactional", now).unwrap();
            assert_eq!(decided.decision == Answer::Allow, plain, "{:?} {:?}", people.story(number), decided.reason);
        }
    }

    #[test]
    fn a_wrong_answer_is_noticed() {
        let oracle = Oracle::new(Generator { seed: 3, contacts: 400 }).unwrap();
        let now = "2026-11-23T18:00:00Z".parse().unwrap();
        let wrong = json!({"decision": "allow", "reason": "OPTED_OUT_CHANNEL"});
        assert!(oracle.check(1, "transactional", &wrong, now).is_err());
    }
}
