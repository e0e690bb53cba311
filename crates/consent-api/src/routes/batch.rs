//! `POST /v1/check/batch`: many questions, answered in one state of the ledger.

use actix_web::{HttpResponse, post, web};
use consent_core::event::fault::{self, Fault};
use consent_query::decision::Decision;
use consent_query::question::Question;
use consent_query::reader::Pace;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::check::{DecisionBody, QuestionBody};
use crate::auth::{Check, IfReachable};
use crate::body::Sent;
use crate::error::{Problem, ProblemBody};
use crate::server::Service;
use crate::{clock, limits};

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

/// The answers in the order of the questions
#[derive(Serialize, ToSchema)]
pub struct Answers {
    /// One for each question.
    #[schema(value_type = Vec<AnswerBody>)]
    results: Vec<Answer>,
    /// Size of the ledger that all were decided on; 0 if it could not be read.
    position: u64,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Decided(Box<Decision>),
    Unread { error: ProblemBody },
}

/// A decision, or what is wrong with the question
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "stands for an answer in the OpenAPI document")]
pub enum AnswerBody {
    /// It was decided.
    Decided(DecisionBody),
    /// It is no question.
    Unread {
        /// Why.
        error: ProblemBody,
    },
}

/// Ask many questions at once
///
/// Up to 10,000 questions, all answered in one state of the ledger and in their order. Each is answered as
/// `POST /v1/check` would answer it; one that it would refuse gets `error` and no decision: treat it as a deny. What
/// cannot be answered in time is denied with the reason `LEDGER_UNAVAILABLE`.
#[utoipa::path(
    tag = "decisions",
    security(("api_key" = ["check"])),
    request_body = BatchBody,
    responses(
        (status = 200, description = "The answers", body = Answers),
        (status = 400, description = "The body as a whole cannot be read, or has too many questions", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No valid key", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The key lacks the scope", body = ProblemBody, content_type = "application/problem+json"),
        (status = 408, description = "The body did not arrive in time", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "Too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON, or compressed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Not now; treat it as a deny", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/v1/check/batch")]
pub async fn batch(
    sent: Sent<IfReachable<Check>, BatchBody>,
    service: web::Data<Service>,
) -> Result<HttpResponse, Problem> {
    let reachable = sent.caller.0.is_some();
    let read = questions(sent.body)?;
    let asked: Vec<(Question, u64)> = read.iter().filter_map(|question| question.as_ref().ok()).cloned().collect();
    let (decisions, position) = match reachable {
        true => answer(&asked, &service).await,
        false => (deny_all(&asked, &service), 0),
    };
    let mut decisions = counted(decisions).into_iter();
    let results = read.into_iter().filter_map(|question| match question {
        Ok(_) => decisions.next().map(|decision| Answer::Decided(Box::new(decision))),
        Err(fault) => Some(Answer::Unread { error: Problem::fields(vec![fault]).body() }),
    });
    Ok(HttpResponse::Ok().json(Answers { results: results.collect(), position }))
}

/// The answers, once it is this batch's turn, which is part of its time.
async fn answer(asked: &[(Question, u64)], service: &Service) -> (Vec<Decision>, u64) {
    let began = tokio::time::Instant::now();
    let leave = tokio::time::timeout(limits::BATCH_DEADLINE, service.bulk.acquire()).await;
    let Ok(Ok(_leave)) = leave else { return (deny_all(asked, service), 0) };
    let within = limits::BATCH_DEADLINE.saturating_sub(began.elapsed());
    service.reader.ask_many(asked, clock::now(), Pace { within, at_once: limits::BULK_AT_ONCE }).await
}

fn deny_all(asked: &[(Question, u64)], service: &Service) -> Vec<Decision> {
    let now = clock::now();
    asked.iter().map(|(question, _)| service.reader.unreachable(question, now)).collect()
}

/// The decisions, once they are in the metrics.
pub(crate) fn counted(decisions: Vec<Decision>) -> Vec<Decision> {
    for decision in &decisions {
        metrics::counter!("decisions_total", "reason" => decision.reason.as_str()).increment(1);
    }
    decisions
}

/// A question with the position it asks for at least, or what is wrong with it.
type Asked = Result<(Question, u64), Fault>;

/// The questions of a body.
fn questions(body: BatchBody) -> Result<Vec<Asked>, Problem> {
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
    Ok(questions.into_iter().map(|question| read(&defaults, question)).collect())
}

/// One question laid over the defaults.
fn read(defaults: &Map<String, Value>, question: Value) -> Asked {
    let Value::Object(fields) = question else { return Err(Fault::new("", "must be a question")) };
    let mut whole = defaults.clone();
    whole.extend(fields);
    fault::from_value::<QuestionBody>(&Value::Object(whole)).map(QuestionBody::into_question)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(body: Value) -> Result<Vec<Asked>, Problem> {
        questions(serde_json::from_value(body).unwrap())
    }

    #[test]
    fn a_question_says_what_it_says_and_leaves_the_rest_to_the_defaults() {
        let body = json!({
            "defaults": {"channel": "sms", "purpose": "updates", "sender": "S", "min_position": 3},
            "questions": [{"phone": "1"}, {"phone": "2", "purpose": "security", "sender": null, "min_position": 4}],
        });
        let read: Vec<_> = read_all(body).unwrap().into_iter().map(Result::unwrap).collect();
        let said = |at: usize| (read[at].0.purpose.as_str(), read[at].0.sender.as_deref(), read[at].1);
        assert_eq!(said(0), ("updates", Some("S"), 3));
        assert_eq!(said(1), ("security", None, 4));
    }

    #[test]
    fn a_question_that_is_none_is_named_and_the_others_are_read() {
        let questions =
            json!([{"phone": "1"}, {"phone": 1}, {"phone": "1", "chanel": "sms"}, "phone", {"channel": null}]);
        let read =
            read_all(json!({"defaults": {"channel": "sms", "purpose": "updates"}, "questions": questions})).unwrap();
        let faults: Vec<_> = read.iter().map(|read| read.as_ref().err().map(|fault| fault.pointer.as_str())).collect();
        assert_eq!(faults, [None, Some("/phone"), Some("/chanel"), Some(""), Some("/channel")]);
    }

    #[test]
    fn faulty_defaults_and_too_many_questions_are_the_fault_of_the_whole() {
        let many = vec![json!({}); limits::QUESTIONS + 1];
        for (body, pointer) in [
            (json!({"defaults": {"chanel": "sms"}, "questions": []}), "/defaults/chanel"),
            (json!({"defaults": {"phone": 1}, "questions": []}), "/defaults/phone"),
            (json!({"questions": many}), "/questions"),
        ] {
            assert_eq!(read_all(body).unwrap_err().body().errors[0].pointer, pointer);
        }
    }
}
