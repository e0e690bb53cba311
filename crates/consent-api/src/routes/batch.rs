//! `POST /v1/check/batch`: many questions, answered in one state of the ledger.

mod questions;

use actix_web::{HttpResponse, post, web};
use consent_core::event::fault::Fault;
use consent_query::decision::Decision;
use consent_query::question::Question;
use consent_query::reader::{Freshness, Pace};
use serde::Serialize;
use utoipa::ToSchema;

use self::questions::{BatchBody, Questions};
use super::check::{DecisionBody, Refusals};
use crate::auth::{Check, IfReachable};
use crate::body::{Sent, written};
use crate::error::{Kind, Problem, ProblemBody};
use crate::server::Service;
use crate::telemetry::Decided;
use crate::{clock, limits};

/// The answers in the order of the questions
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands for the answers in the OpenAPI document")]
pub struct Answers {
    /// One for each question.
    results: Vec<AnswerBody>,
    /// Size of the ledger that all were decided on; 0 if it could not be read.
    position: u64,
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
        (status = 429, description = "The key has too many batches, scrubs and exports under way", body = ProblemBody, content_type = "application/problem+json"),
        Refusals,
    )
)]
#[post("/v1/check/batch")]
pub async fn batch(
    sent: Sent<IfReachable<Check>, Questions>,
    service: web::Data<Service>,
) -> Result<HttpResponse, Problem> {
    let _share = sent.caller.0.as_ref().map(|caller| caller.share(&service.shares)).transpose()?;
    let Questions { asked, faults } = sent.body;
    let (decisions, position) = match sent.caller.0 {
        Some(_) => answer(&asked, &service).await,
        None => (deny_all(&asked, &service), 0),
    };
    count(&service.decided, &decisions);
    write(decisions, faults, position).await.map(written)
}

/// The answers, once it is this batch's turn, which is part of its time.
async fn answer(asked: &[(Question, Freshness)], service: &Service) -> (Vec<Decision>, u64) {
    let began = tokio::time::Instant::now();
    let leave = tokio::time::timeout(limits::BATCH_DEADLINE, service.bulk.acquire()).await;
    let Ok(Ok(_leave)) = leave else { return (deny_all(asked, service), 0) };
    let within = limits::BATCH_DEADLINE.saturating_sub(began.elapsed());
    service.reader.ask_many(asked, clock::now(), Pace { within, at_once: limits::BULK_AT_ONCE }).await
}

fn deny_all(asked: &[(Question, Freshness)], service: &Service) -> Vec<Decision> {
    let now = clock::now();
    asked.iter().map(|(question, _)| service.reader.unreachable(question, now)).collect()
}

/// Counts decisions in the metrics, each reason once.
fn count(decided: &Decided, decisions: &[Decision]) {
    decided.count_all(decisions.iter().map(|decision| decision.reason));
}

/// The answers in JSON: decisions, and among them what is wrong with those that are no questions.
async fn write(decisions: Vec<Decision>, faults: Vec<(usize, Fault)>, position: u64) -> Result<Vec<u8>, Problem> {
    #[derive(Serialize)]
    struct Unread {
        error: ProblemBody,
    }
    let internal = |error: serde_json::Error| Problem::new(Kind::Internal, "").because(error);
    let all = decisions.len() + faults.len();
    let mut out = Vec::with_capacity(all * limits::ANSWER);
    let (mut decisions, mut faults) = (decisions.into_iter(), faults.into_iter().peekable());
    out.extend_from_slice(b"{\"results\":[");
    for at in 0..all {
        if at > 0 {
            out.push(b',');
        }
        match faults.next_if(|(of, _)| *of == at) {
            Some((_, fault)) => serde_json::to_writer(&mut out, &Unread { error: Problem::fields(vec![fault]).body() }),
            None => match decisions.next() {
                Some(decision) => serde_json::to_writer(&mut out, &decision),
                None => return Err(Problem::new(Kind::Internal, "").because("a question has no answer")),
            },
        }
        .map_err(internal)?;
        if at % limits::BULK_TURN == limits::BULK_TURN - 1 {
            tokio::task::yield_now().await;
        }
    }
    out.extend_from_slice(format!("],\"position\":{position}}}").as_bytes());
    Ok(out)
}
