//! A list of addresses in, the same list without those who may not be contacted out.
//!
//! One engine behind `POST /v1/scrub` and `consentd scrub`. It reads a stream of pieces, answers some hundred rows at a
//! time as of one position, and asks for the next piece only when those are written: memory does not grow with the
//! list, and whoever reads slowly slows down the reading. Dropping it ends the work. No row is skipped: one that cannot
//! be read is denied in its place.

mod certificate;
mod csv;
mod lines;
mod order;
mod rows;

use std::sync::Arc;

use actix_web::web::Bytes;
use consent_query::decision::Decision;
use consent_query::question::Question;
use consent_query::reader::{Pace, Reader};
use consent_query::reason::Reason;
use futures_util::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;
use tokio::sync::Semaphore;

pub(crate) use certificate::{Certificate, Tally};
pub(crate) use lines::hex;
pub(crate) use order::{Closing, Format, Keep, Order, ScrubQuery};

use crate::error::{Kind, Problem};
use crate::routes::QuestionBody;
use crate::telemetry::Decided;
use crate::{clock, limits};
use lines::{Lines, Row};
use rows::{Header, Outcome};

/// Who answers the questions of a scrub.
pub(crate) trait Answers<E> {
    /// One decision for each question, in their order. That the ledger cannot be reached is a decision too.
    fn answer(&self, questions: Vec<QuestionBody>) -> impl Future<Output = Result<Vec<Decision>, E>>;
}

/// Answers from the ledger.
pub(crate) struct FromLedger {
    /// Reads it.
    pub(crate) reader: Reader,
    /// Leave to do so for many questions at once.
    pub(crate) leave: Arc<Semaphore>,
    /// Counts what it decides.
    pub(crate) decided: Decided,
}

impl<E: From<Problem>> Answers<E> for FromLedger {
    async fn answer(&self, questions: Vec<QuestionBody>) -> Result<Vec<Decision>, E> {
        let questions: Vec<(Question, u64)> = questions.into_iter().map(QuestionBody::into_question).collect();
        let internal = |error| Problem::new(Kind::Internal, "").because(error);
        let _leave = self.leave.acquire().await.map_err(internal)?;
        let pace = Pace { within: limits::SCRUB_BLOCK_DEADLINE, at_once: limits::BULK_AT_ONCE };
        let (decisions, _) = self.reader.ask_many(&questions, clock::now(), pace).await;
        self.decided.count_all(decisions.iter().map(|decision| decision.reason));
        Ok(decisions)
    }
}

/// How far a scrub has come, between two rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) order: Order,
    header: Option<Header>,
    /// Number of the next line.
    line: u64,
    /// Bytes of the list that were read.
    pub(crate) bytes: u64,
    /// Their SHA-256.
    pub(crate) sha256: String,
    pub(crate) tally: Tally,
}

/// A scrub under way.
pub(crate) struct Scrub<S, A> {
    input: S,
    answers: A,
    order: Order,
    lines: Lines,
    header: Option<Header>,
    waiting: Vec<(Row, Result<QuestionBody, String>)>,
    bytes: usize,
    tally: Tally,
    over: bool,
}

impl<S, A> Scrub<S, A> {
    /// Begins with a list.
    pub(crate) fn new(order: Order, input: S, answers: A) -> Self {
        let lines = Lines::new(order.format == Format::Csv);
        let (waiting, tally) = (Vec::new(), Tally::default());
        Self { input, answers, order, lines, header: None, waiting, bytes: 0, tally, over: false }
    }

    /// Goes on with the rest of a list, whose beginning has this hash.
    pub(crate) fn resume(place: Place, hash: Sha256, input: S, answers: A) -> Self {
        let lines = Lines::resume(place.order.format == Format::Csv, place.line, place.bytes, hash);
        Self { lines, header: place.header, tally: place.tally, ..Self::new(place.order, input, answers) }
    }

    /// How far it has come. Only between two pages.
    pub(crate) fn place(&self) -> Place {
        let (line, bytes) = self.lines.place();
        let (order, header, tally) = (self.order.clone(), self.header.clone(), self.tally.clone());
        Place { order, header, line, bytes, sha256: self.lines.sha256(), tally }
    }

    /// What has been answered, and the bytes read for it.
    pub(crate) fn progress(&self) -> (&Tally, u64) {
        (&self.tally, self.lines.place().1)
    }

    /// The certificate of what was read.
    pub(crate) fn certificate(&self) -> Certificate {
        self.tally.certificate(self.lines.sha256())
    }

    /// Takes rows until there are enough for a block or none is left; false if the next piece is needed first.
    fn fill(&mut self, out: &mut Vec<u8>) -> Result<bool, Problem> {
        while self.waiting.len() < limits::SCRUB_BLOCK && self.bytes < limits::SCRUB_BLOCK_BYTES {
            let Some(row) = self.lines.next() else { return Ok(self.lines.is_done()) };
            if self.order.format == Format::Csv && self.header.is_none() {
                self.header = Some(Header::read(&row, self.order.column())?);
                rows::write_header(&self.order, &row, out);
                continue;
            }
            // A blank line says nothing about anybody.
            let Some(question) = rows::question(&self.order, self.header.as_ref(), &row).transpose() else { continue };
            self.bytes += row.text.as_ref().map_or(0, String::len);
            self.waiting.push((row, question));
        }
        Ok(true)
    }

    /// Writes the rows that wait, with these answers to their questions.
    fn write(&mut self, decisions: Vec<Decision>, out: &mut Vec<u8>) -> Result<(), Problem> {
        let mut decisions = decisions.into_iter();
        for (row, question) in std::mem::take(&mut self.waiting) {
            let outcome = match question {
                Ok(question) => {
                    let decision = decisions
                        .next()
                        .ok_or_else(|| Problem::new(Kind::Internal, "").because("a row has no answer"))?;
                    self.tally.decided(&decision);
                    let detail =
                        if decision.reason == Reason::InvalidRequest { faults(question) } else { String::new() };
                    Outcome::Decided(Box::new(decision), detail)
                }
                Err(detail) => {
                    self.tally.unread();
                    Outcome::Unread(detail)
                }
            };
            rows::write(&self.order, self.header.as_ref(), &row, &outcome, out);
        }
        self.bytes = 0;
        Ok(())
    }

    /// Closes the list.
    fn close(&mut self, out: &mut Vec<u8>) {
        self.over = true;
        self.tally.at(clock::now());
        let certificate = self.certificate();
        let line = match self.order.format {
            Format::Ndjson => format!("{}\n", json!({"certificate": certificate})),
            _ if self.order.is_closed() => format!("# certificate {}\n", json!(certificate)),
            _ => return,
        };
        out.extend_from_slice(line.as_bytes());
    }
}

impl<S, A> Scrub<S, A> {
    /// The next part of the answer, which may be empty; nothing at the end.
    pub(crate) async fn page<E>(&mut self) -> Result<Option<Bytes>, E>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        A: Answers<E>,
        E: From<Problem>,
    {
        if self.over {
            return Ok(None);
        }
        let mut out = Vec::new();
        while !self.fill(&mut out)? {
            match self.input.next().await {
                Some(piece) => self.lines.feed(&piece?),
                None => self.lines.end(),
            }
        }
        let asked: Vec<QuestionBody> = self.waiting.iter().filter_map(|(_, asked)| asked.clone().ok()).collect();
        self.tally.at(clock::now());
        let decisions = if asked.is_empty() { Vec::new() } else { self.answers.answer(asked).await? };
        self.write(decisions, &mut out)?;
        if self.lines.is_done() {
            self.close(&mut out);
        }
        Ok(Some(Bytes::from(out)))
    }
}

/// What cannot be read in a question, without the value.
fn faults(question: QuestionBody) -> String {
    let faults = question.into_question().0.check().err().unwrap_or_default();
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
