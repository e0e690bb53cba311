//! The questions of a batch: each with what the defaults leave open.
//!
//! Nearly always every one of them can be read, straight into its fields. Once one cannot, the whole body is read again
//! in a slower way, which finds out what is wrong with each.

use chrono::{DateTime, Utc};
use consent_core::event::fault::{self, Fault};
use consent_query::question::Question;
use consent_query::reader::Freshness;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::body::FromBody;
use crate::error::Problem;
use crate::limits;
use crate::routes::QuestionBody;

/// Questions that share what they do not say themselves
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "defaults": {"channel": "sms", "purpose": "special_offers"},
    "questions": [{"phone": "+12025550123"}, {"phone": "+12025550124", "purpose": "transactional"}]
}))]
pub struct BatchBody {
    /// Fields of every question that does not have them itself; `null` in a question takes one away.
    #[serde(default)]
    #[schema(value_type = Object)]
    defaults: Map<String, Value>,
    /// As in `POST /v1/check`, each with what the defaults leave open.
    #[schema(value_type = Vec<Object>, max_items = 10000)]
    questions: Vec<Value>,
}

/// The questions of a body.
pub struct Questions {
    /// Those that can be read, each with the position it asks for at least.
    pub(super) asked: Vec<(Question, Freshness)>,
    /// The places of the others among all, in order, and what is wrong with them.
    pub(super) faults: Vec<(usize, Fault)>,
}

impl FromBody for Questions {
    fn from_body(body: &[u8]) -> Result<Self, Problem> {
        match Plain::read(body) {
            Some(asked) => Ok(Self { asked, faults: Vec::new() }),
            None => BatchBody::from_body(body).and_then(questions),
        }
    }
}

/// A body in which everything is as it should be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    #[serde(default)]
    defaults: Said,
    questions: Vec<Said>,
}

/// What a question says itself; `Some(None)` takes a default away.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Said {
    #[serde(deserialize_with = "said")]
    phone: Option<Option<String>>,
    #[serde(deserialize_with = "said")]
    email: Option<Option<String>>,
    #[serde(deserialize_with = "said")]
    subject: Option<Option<String>>,
    #[serde(deserialize_with = "said")]
    channel: Option<String>,
    #[serde(deserialize_with = "said")]
    purpose: Option<String>,
    #[serde(deserialize_with = "said")]
    sender: Option<Option<String>>,
    #[serde(deserialize_with = "said")]
    subject_matter: Option<Option<String>>,
    #[serde(deserialize_with = "said")]
    product_line: Option<Option<String>>,
    #[serde(deserialize_with = "said")]
    automated: Option<Option<bool>>,
    #[serde(deserialize_with = "said")]
    opt_out_in_message: Option<Option<bool>>,
    #[serde(deserialize_with = "said")]
    as_of: Option<Option<DateTime<Utc>>>,
    #[serde(deserialize_with = "said")]
    known_at: Option<Option<DateTime<Utc>>>,
    #[serde(deserialize_with = "said")]
    min_position: Option<Option<u64>>,
    #[serde(deserialize_with = "said")]
    max_staleness_ms: Option<Option<u64>>,
    #[serde(deserialize_with = "said")]
    explain: Option<bool>,
}

/// A field that is there.
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl Plain {
    /// The questions of a body, if every one can be read.
    fn read(body: &[u8]) -> Option<Vec<(Question, Freshness)>> {
        let Self { defaults, questions } = serde_json::from_slice(body).ok()?;
        if questions.len() > limits::QUESTIONS {
            return None;
        }
        questions.into_iter().map(|said| said.over(&defaults).map(QuestionBody::into_question)).collect()
    }
}

impl Said {
    /// The question, if it has a channel and a purpose.
    fn over(self, defaults: &Self) -> Option<QuestionBody> {
        fn or<T: Clone>(said: Option<Option<T>>, default: &Option<Option<T>>) -> Option<T> {
            said.unwrap_or_else(|| default.clone().flatten())
        }
        Some(QuestionBody {
            phone: or(self.phone, &defaults.phone),
            email: or(self.email, &defaults.email),
            subject: or(self.subject, &defaults.subject),
            channel: self.channel.or_else(|| defaults.channel.clone())?,
            purpose: self.purpose.or_else(|| defaults.purpose.clone())?,
            sender: or(self.sender, &defaults.sender),
            subject_matter: or(self.subject_matter, &defaults.subject_matter),
            product_line: or(self.product_line, &defaults.product_line),
            automated: or(self.automated, &defaults.automated),
            opt_out_in_message: or(self.opt_out_in_message, &defaults.opt_out_in_message),
            as_of: or(self.as_of, &defaults.as_of),
            known_at: or(self.known_at, &defaults.known_at),
            min_position: or(self.min_position, &defaults.min_position),
            max_staleness_ms: or(self.max_staleness_ms, &defaults.max_staleness_ms),
            explain: self.explain.or(defaults.explain).unwrap_or_default(),
        })
    }
}

/// The questions of a body, with what is wrong with some.
fn questions(body: BatchBody) -> Result<Questions, Problem> {
    let BatchBody { defaults, questions } = body;
    if questions.len() > limits::QUESTIONS {
        let detail = format!("has more than {} items", limits::QUESTIONS);
        return Err(Problem::fields(vec![Fault::new("/questions", detail)]));
    }
    // What every question must say itself is not missed among the defaults.
    let needed = Map::from_iter([("channel".to_owned(), json!("")), ("purpose".to_owned(), json!(""))]);
    if let Err(fault) = read(&needed, Value::Object(defaults.clone())) {
        let pointer = format!("/defaults{}", fault.pointer);
        return Err(Problem::fields(vec![Fault::new(pointer, fault.detail)]));
    }
    let (mut asked, mut faults) = (Vec::new(), Vec::new());
    for (at, question) in questions.into_iter().enumerate() {
        match read(&defaults, question) {
            Ok(question) => asked.push(question.into_question()),
            Err(fault) => faults.push((at, fault)),
        }
    }
    Ok(Questions { asked, faults })
}

/// One question laid over the defaults.
fn read(defaults: &Map<String, Value>, question: Value) -> Result<QuestionBody, Fault> {
    let Value::Object(fields) = question else { return Err(Fault::new("", "must be a question")) };
    let mut whole = defaults.clone();
    whole.extend(fields);
    fault::from_value::<QuestionBody>(&Value::Object(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(body: &Value) -> Result<Questions, Problem> {
        Questions::from_body(body.to_string().as_bytes())
    }

    /// The same in the slower way.
    fn read_again(body: &Value) -> Questions {
        questions(serde_json::from_value(body.clone()).unwrap()).unwrap()
    }

    /// What is asked, without the ids that every reading makes.
    fn asked(read: Questions) -> Vec<(Question, Freshness)> {
        let nameless = |(question, position)| (Question { id: uuid::Uuid::nil(), ..question }, position);
        read.asked.into_iter().map(nameless).collect()
    }

    #[test]
    fn a_question_says_what_it_says_and_leaves_the_rest_to_the_defaults() {
        let body = json!({
            "defaults": {"channel": "sms", "purpose": "updates", "sender": "S", "min_position": 3},
            "questions": [{"phone": "1"}, {"phone": "2", "purpose": "security", "sender": null, "min_position": 4}],
        });
        let read = read_all(&body).unwrap().asked;
        let said = |at: usize| (read[at].0.purpose.as_str(), read[at].0.sender.as_deref(), read[at].1);
        assert_eq!(said(0), ("updates", Some("S"), Freshness::of(3)));
        assert_eq!(said(1), ("security", None, Freshness::of(4)));
    }

    #[test]
    fn both_ways_to_read_a_batch_find_the_same_questions() {
        let whole = json!({
            "phone": "1", "email": "e", "subject": "s", "channel": "sms", "purpose": "updates", "sender": "S",
            "subject_matter": "m", "product_line": "l", "automated": false, "opt_out_in_message": true,
            "as_of": "2026-01-01T00:00:00Z", "known_at": "2026-01-02T00:00:00Z", "min_position": 7,
            "max_staleness_ms": 8, "explain": true,
        });
        let mut taken = whole.clone();
        for (name, field) in taken.as_object_mut().unwrap() {
            if !["channel", "purpose", "explain"].contains(&name.as_str()) {
                *field = Value::Null;
            }
        }
        let other = json!({"phone": "9", "explain": false, "automated": true, "purpose": "security"});
        for defaults in [json!({}), whole.clone(), taken.clone()] {
            let mut questions = vec![whole.clone(), taken.clone()];
            if defaults.get("channel").is_some() {
                questions.extend([json!({}), other.clone()]);
            }
            let body = json!({"defaults": defaults, "questions": questions});
            assert!(Plain::read(body.to_string().as_bytes()).is_some(), "{body}");
            assert_eq!(asked(read_all(&body).unwrap()), asked(read_again(&body)), "{body}");
        }
    }

    #[test]
    fn a_question_that_is_none_is_named_and_the_others_are_read() {
        let questions = json!([
            {"phone": "1"}, {"phone": 1}, {"phone": "1", "chanel": "sms"}, "phone", {"channel": null}, {"explain": null}
        ]);
        let read =
            read_all(&json!({"defaults": {"channel": "sms", "purpose": "updates"}, "questions": questions})).unwrap();
        let faults: Vec<_> = read.faults.iter().map(|(at, fault)| (*at, fault.pointer.as_str())).collect();
        assert_eq!(faults, [(1, "/phone"), (2, "/chanel"), (3, ""), (4, "/channel"), (5, "/explain")]);
        assert_eq!(read.asked.len(), 1);
    }

    #[test]
    fn faulty_defaults_and_too_many_questions_are_the_fault_of_the_whole() {
        let many = vec![json!({"channel": "sms", "purpose": "updates"}); limits::QUESTIONS + 1];
        for (body, pointer) in [
            (json!({"defaults": {"chanel": "sms"}, "questions": []}), "/defaults/chanel"),
            (json!({"defaults": {"phone": 1}, "questions": []}), "/defaults/phone"),
            (json!({"defaults": {"channel": null}, "questions": []}), "/defaults/channel"),
            (json!({"questions": many}), "/questions"),
        ] {
            assert_eq!(read_all(&body).err().unwrap().body().errors[0].pointer, pointer);
        }
    }
}
