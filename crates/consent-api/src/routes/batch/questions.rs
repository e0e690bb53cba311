//! The questions of a batch: each with what the defaults leave open.
//!
//! Nearly always every one of them can be read, straight into its fields. Once one cannot, the whole body is read again
//! in a slower way, which finds out what is wrong with each.

mod plain;

use consent_core::event::fault::{self, Fault};
use consent_core::event::unique::Parsed;
use consent_query::question::Question;
use consent_query::reader::{Survey, Whom};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use self::plain::Plain;
use crate::body::{Fields, FromBody};
use crate::error::Problem;
use crate::routes::QuestionBody;
use crate::{clock, limits};

/// Questions that share what they do not say themselves
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "defaults": {"channel": "sms", "purpose": "special_offers"},
    "questions": [{"phone": "+12025550123"}, {"phone": "+12025550124", "purpose": "transactional"}]
}))]
pub struct BatchBody {
    /// Fields of every question that does not have them itself; `null` in a question takes one away. A text among them
    /// has at most 1,024 bytes.
    #[serde(default)]
    #[schema(value_type = Object)]
    defaults: Parsed,
    /// As in `POST /v1/check`, each with what the defaults leave open.
    #[schema(value_type = Vec<Object>, max_items = 10000)]
    questions: Vec<Parsed>,
}

impl Fields for BatchBody {}

/// The questions of a body.
#[derive(Default)]
pub struct Questions {
    /// Those that can be read, in their order: what is asked of several after another is there once.
    pub(super) asked: Vec<Survey>,
    /// What is asked in the last of them.
    last: Option<QuestionBody>,
    /// The places of the others among all, in order, and what is wrong with them.
    pub(super) faults: Vec<(usize, Fault)>,
}

impl FromBody for Questions {
    fn from_body(body: &[u8]) -> Result<Self, Problem> {
        match Plain::read(body) {
            Some(questions) => Ok(questions),
            None => BatchBody::from_body(body).and_then(questions),
        }
    }
}

impl Questions {
    /// Adds a question.
    fn push(&mut self, mut question: QuestionBody) {
        let [phone, email, subject] = [question.phone.take(), question.email.take(), question.subject.take()];
        if self.last.as_ref() != Some(&question) {
            self.begin(question.clone());
            self.last = Some(question);
        }
        self.push_same(Whom::named(phone.as_deref(), email.as_deref(), subject.as_deref()));
    }

    /// Begins a question about nobody so far.
    fn begin(&mut self, question: QuestionBody) {
        let (question, fresh) = question.into_question();
        self.asked.push(Survey { question: Question { id: Uuid::nil(), ..question }, fresh, about: Vec::new() });
    }

    /// Adds the last question again, about somebody else.
    fn push_same(&mut self, whom: Whom) {
        if let Some(survey) = self.asked.last_mut() {
            survey.about.push((clock::new_id(), whom));
        }
    }
}

/// The questions of a body, with what is wrong with some.
fn questions(body: BatchBody) -> Result<Questions, Problem> {
    let BatchBody { defaults, questions } = body;
    if questions.len() > limits::QUESTIONS {
        let detail = format!("has more than {} items", limits::QUESTIONS);
        return Err(Problem::fields(vec![Fault::new("/questions", detail)]));
    }
    let defaults = check(defaults).map_err(|Fault { pointer, detail }| {
        Problem::fields(vec![Fault::new(format!("/defaults{pointer}"), detail)])
    })?;
    let mut read_so_far = Questions::default();
    for (at, question) in questions.into_iter().enumerate() {
        match question.value().and_then(|question| read(&defaults, question)) {
            Ok(question) => read_so_far.push(question),
            Err(fault) => read_so_far.faults.push((at, fault)),
        }
    }
    Ok(read_so_far)
}

/// The defaults, or what is wrong with them. Their lengths come first, before anything is copied: a long text in each
/// of so many questions is more than there is memory for. What is no field, or no text, is never in a question.
fn check(defaults: Parsed) -> Result<Map<String, Value>, Fault> {
    let Value::Object(defaults) = defaults.value()? else { return Err(Fault::new("", "must be an object")) };
    let is_long = |(_, value): &(&String, &Value)| value.as_str().is_some_and(is_too_long);
    if let Some((name, _)) = defaults.iter().find(is_long) {
        return Err(Fault::new(format!("/{name}"), format!("is longer than {} bytes", limits::DEFAULT_TEXT)));
    }
    // What every question must say itself is not missed among the defaults.
    let needed = Map::from_iter([("channel".to_owned(), json!("")), ("purpose".to_owned(), json!(""))]);
    read(&needed, Value::Object(defaults.clone())).map(|_| defaults)
}

/// Whether a text cannot be a default, however it is read.
fn is_too_long(text: &str) -> bool {
    text.len() > limits::DEFAULT_TEXT
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
    use consent_query::reader::Freshness;

    use super::*;

    fn read_all(body: &Value) -> Result<Questions, Problem> {
        Questions::from_body(body.to_string().as_bytes())
    }

    /// The same in the slower way.
    fn read_again(body: &Value) -> Questions {
        questions(serde_json::from_value(body.clone()).unwrap()).unwrap()
    }

    /// What is asked, without the ids that every reading makes.
    pub(super) fn asked(read: &Questions) -> Vec<(Question, Freshness)> {
        let each = |survey: &Survey| {
            let nameless = |question| (Question { id: Uuid::nil(), ..question }, survey.fresh);
            survey.questions().map(nameless).collect::<Vec<_>>()
        };
        read.asked.iter().flat_map(each).collect()
    }

    #[test]
    fn a_question_says_what_it_says_and_leaves_the_rest_to_the_defaults() {
        let body = json!({
            "defaults": {"channel": "sms", "purpose": "updates", "sender": "S", "min_position": 3},
            "questions": [{"phone": "1"}, {"phone": "2", "purpose": "security", "sender": null, "min_position": 4}],
        });
        let read = asked(&read_all(&body).unwrap());
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
            assert_eq!(asked(&read_all(&body).unwrap()), asked(&read_again(&body)), "{body}");
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
        assert_eq!(asked(&read).len(), 1);
    }

    #[test]
    fn a_field_that_is_there_twice_is_the_fault_of_its_question_and_among_the_defaults_of_the_whole() {
        let read_text = |text: &str| Questions::from_body(text.as_bytes());
        for (question, pointer) in [
            (r#"{"phone":"3","phone":"4"}"#, "/phone"),
            (r#"{"phone":"3","purpose":null,"purpose":"updates"}"#, "/purpose"),
            (r#"{"phone":{"a":1,"a":2}}"#, "/phone/a"),
        ] {
            let defaults = r#""defaults":{"channel":"sms","purpose":"updates"}"#;
            let text = format!(r#"{{{defaults},"questions":[{{"phone":"1"}},{question},{{"phone":"2"}}]}}"#);
            let read = read_text(&text).unwrap();
            assert_eq!(read.faults, [(1, Fault::new(pointer, "is there twice"))]);
            assert_eq!(asked(&read).len(), 2, "{text}");
        }
        for (text, pointer) in [
            (r#"{"defaults":{"sender":"S","sender":"T"},"questions":[]}"#, "/defaults/sender"),
            (r#"{"defaults":{},"defaults":{},"questions":[]}"#, "/defaults"),
            (r#"{"questions":[],"questions":[]}"#, "/questions"),
        ] {
            assert_eq!(read_text(text).err().unwrap().body().errors[0].pointer, pointer);
        }
    }

    #[test]
    fn a_default_that_is_too_long_to_be_copied_into_every_question_is_refused_in_both_ways() {
        let texts = ["phone", "email", "subject", "channel", "purpose", "sender", "subject_matter", "product_line"];
        for name in texts.into_iter().chain(["as_of", "known_at"]) {
            let body = |bytes: usize| {
                let text = match name {
                    "as_of" | "known_at" => format!("2026-01-01T00:00:00.{}Z", "0".repeat(bytes - 21)),
                    _ => "x".repeat(bytes),
                };
                let defaults = json!({"channel": "sms", "purpose": "updates", name: text});
                json!({"defaults": defaults, "questions": [{}, {}]})
            };
            let (longest, longer) = (body(limits::DEFAULT_TEXT), body(limits::DEFAULT_TEXT + 1));
            assert!(Plain::read(longest.to_string().as_bytes()).is_some(), "{name}");
            assert_eq!(asked(&read_all(&longest).unwrap()), asked(&read_again(&longest)), "{name}");
            assert!(Plain::read(longer.to_string().as_bytes()).is_none(), "{name}");
            let fault = read_all(&longer).err().unwrap().body().errors.remove(0);
            assert_eq!(
                (fault.pointer, fault.detail),
                (format!("/defaults/{name}"), "is longer than 1024 bytes".to_owned())
            );
        }
    }

    #[test]
    fn a_question_may_say_itself_what_is_too_long_to_be_a_default() {
        let time = format!("2026-01-01T00:00:00.{}Z", "0".repeat(limits::DEFAULT_TEXT));
        for (name, text) in [("sender", "x".repeat(limits::DEFAULT_TEXT + 1)), ("as_of", time)] {
            let body = json!({"questions": [{"channel": "sms", "purpose": "updates", name: text}]});
            let read = read_all(&body).unwrap();
            assert!(read.faults.is_empty() && read.asked.len() == 1, "{name}");
            assert_eq!(asked(&read), asked(&read_again(&body)), "{name}");
        }
    }

    #[test]
    fn faulty_defaults_and_too_many_questions_are_the_fault_of_the_whole() {
        let many = vec![json!({"channel": "sms", "purpose": "updates"}); limits::QUESTIONS + 1];
        for (body, pointer) in [
            (json!({"defaults": {"chanel": "sms"}, "questions": []}), "/defaults/chanel"),
            (json!({"defaults": {"phone": 1}, "questions": []}), "/defaults/phone"),
            (json!({"defaults": {"channel": null}, "questions": []}), "/defaults/channel"),
            (json!({"defaults": {"sender": ["S"]}, "questions": []}), "/defaults/sender"),
            (json!({"defaults": {"as_of": "yesterday"}, "questions": []}), "/defaults/as_of"),
            (json!({"defaults": null, "questions": []}), "/defaults"),
            (json!({"questions": many}), "/questions"),
        ] {
            assert_eq!(read_all(&body).err().unwrap().body().errors[0].pointer, pointer);
        }
    }
}
