//! `POST /v1/check/batch`: many questions, each answered as of the head at the beginning or of a later one.

mod questions;

use std::iter::Peekable;
use std::vec;

use actix_web::{HttpResponse, post, web};
use consent_core::event::fault::Fault;
use consent_query::reader::{Pace, Sheet, Survey, ToldMany};
use consent_query::reason::Reason;
use serde::Serialize;
use utoipa::ToSchema;

use self::questions::{BatchBody, Questions};
use super::check::{DecisionBody, Refusals};
use crate::auth::{Check, IfReachable};
use crate::body::{Sent, unwritten, written};
use crate::error::{Problem, ProblemBody};
use crate::server::Service;
use crate::{clock, limits};

/// The answers in the order of the questions
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands for the answers in the OpenAPI document")]
pub struct Answers {
    /// One for each question.
    results: Vec<AnswerBody>,
    /// Size of the ledger that each decision rests on at least; 0 if it could not be read.
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
/// Up to 10,000 questions, answered in their order. Each is answered as `POST /v1/check` would answer it, as of the
/// state of the ledger when the batch began or of a later one; one that it would refuse gets `error` and no decision:
/// treat it as a deny. What cannot be answered in time is denied with the reason `LEDGER_UNAVAILABLE`.
#[utoipa::path(
    tag = "decisions",
    security(("api_key" = ["check"])),
    request_body = BatchBody,
    responses(
        (status = 200, description = "The answers", body = Answers),
        (status = 400, description = "The body as a whole cannot be read, or has too many questions", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "The key has too many batches, scrubs, exports and imports under way", body = ProblemBody, content_type = "application/problem+json"),
        Refusals,
    )
)]
#[post("/v1/check/batch")]
pub async fn batch(
    sent: Sent<IfReachable<Check>, Questions>,
    service: web::Data<Service>,
) -> Result<HttpResponse, Problem> {
    let _share = sent.caller.0.as_ref().map(|caller| caller.share(&service.shares)).transpose()?;
    let Questions { asked, faults, .. } = sent.body;
    let mut results = Results::new(asked.iter().map(|survey| survey.about.len()).sum(), faults);
    let told = match sent.caller.0 {
        Some(_) => results.answer(&asked, &service).await,
        None => results.deny_all(&asked, &service).map(|reasons| (reasons, 0)),
    };
    let (reasons, position) = told.map_err(unwritten)?;
    service.decided.count_all(reasons.into_iter());
    results.end(position).map(written)
}

/// The answers in JSON: decisions, and among them what is wrong with those that are no questions.
struct Results {
    out: Vec<u8>,
    faults: Peekable<vec::IntoIter<(usize, Fault)>>,
    /// How many there are.
    count: usize,
}

/// What is said of something that is no question.
#[derive(Serialize)]
struct Unread {
    error: ProblemBody,
}

impl Results {
    fn new(decisions: usize, faults: Vec<(usize, Fault)>) -> Self {
        let mut out = Vec::with_capacity((decisions + faults.len()) * limits::ANSWER);
        out.extend_from_slice(b"{\"results\":[");
        Self { out, faults: faults.into_iter().peekable(), count: 0 }
    }

    /// The answers, once it is this batch's turn, which is part of its time.
    async fn answer(&mut self, asked: &[Survey], service: &Service) -> ToldMany {
        let began = tokio::time::Instant::now();
        let leave = tokio::time::timeout(limits::BATCH_DEADLINE, service.bulk.acquire()).await;
        let Ok(Ok(_leave)) = leave else { return self.deny_all(asked, service).map(|reasons| (reasons, 0)) };
        let within = limits::BATCH_DEADLINE.saturating_sub(began.elapsed());
        let pace = Pace { within, at_once: limits::BULK_AT_ONCE };
        service.reader.tell_many(asked, (clock::now(), pace), self).await
    }

    fn deny_all(&mut self, asked: &[Survey], service: &Service) -> Result<Vec<Reason>, serde_json::Error> {
        let now = clock::now();
        let each = asked.iter().flat_map(Survey::questions);
        each.map(|question| service.reader.tell_unreachable(&question, now, self.next()?)).collect()
    }

    /// Writes those of which something is wrong until one is none.
    fn write_faults(&mut self) -> Result<(), serde_json::Error> {
        while let Some((_, fault)) = self.faults.next_if(|(at, _)| *at == self.count) {
            self.separate();
            serde_json::to_writer(&mut self.out, &Unread { error: Problem::fields(vec![fault]).body() })?;
        }
        Ok(())
    }

    fn separate(&mut self) {
        if self.count > 0 {
            self.out.push(b',');
        }
        self.count += 1;
    }

    fn end(mut self, position: u64) -> Result<Vec<u8>, Problem> {
        self.write_faults().map_err(unwritten)?;
        self.out.extend_from_slice(format!("],\"position\":{position}}}").as_bytes());
        Ok(self.out)
    }
}

impl Sheet for Results {
    fn next(&mut self) -> Result<&mut Vec<u8>, serde_json::Error> {
        self.write_faults()?;
        self.separate();
        Ok(&mut self.out)
    }
}
