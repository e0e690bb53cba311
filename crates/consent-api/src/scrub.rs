//! A list of addresses in, the same list without those who may not be contacted out.
//!
//! One engine behind `POST /v1/scrub` and `consentd scrub`. It reads a stream of pieces, answers some hundred rows at a
//! time as of one position, and asks for the next piece only when those are written: memory does not grow with the
//! list, and whoever reads slowly slows down the reading. Dropping it ends the work. No row is skipped: one that cannot
//! be read is denied in its place.
//!
//! A row is never copied: it is cut, asked about and written where it lies, in one buffer that holds a block of rows.

mod answers;
mod certificate;
mod csv;
mod lines;
mod order;
mod rows;
mod who;

use actix_web::web::Bytes;
use consent_query::reader::Turns;
use consent_query::reason::Reason;
use futures_util::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

pub(crate) use answers::FromLedger;
pub use answers::{Answers, Block, Verdict, Verdicts};
pub use certificate::{Certificate, Tally};
pub(crate) use lines::hex;
pub use order::{Closing, Format, Keep, Order, ScrubQuery};
pub use who::{Named, Who};

use crate::error::{Kind, Problem};
use crate::routes::QuestionBody;
use crate::{clock, limits};
use lines::{Lines, Row};
use rows::{Header, Outcome, Writing};

/// How far a scrub has come, between two rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Place {
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
pub struct Scrub<S, A> {
    input: S,
    answers: A,
    order: Order,
    /// What is asked about every row.
    question: QuestionBody,
    lines: Lines,
    header: Option<Header>,
    /// The rows that are to be answered next.
    waiting: Vec<Row>,
    tally: Tally,
    turns: Turns,
    over: bool,
}

impl<S, A> Scrub<S, A> {
    /// Begins with a list.
    pub fn new(order: Order, input: S, answers: A) -> Self {
        let (question, lines) = (order.question(), Lines::new(order.format == Format::Csv));
        let (waiting, tally, turns) = (Vec::with_capacity(limits::SCRUB_BLOCK), Tally::default(), Turns::default());
        Self { input, answers, order, question, lines, header: None, waiting, tally, turns, over: false }
    }

    /// Goes on with the rest of a list, whose beginning has this hash.
    pub fn resume(place: Place, hash: Sha256, input: S, answers: A) -> Self {
        let lines = Lines::resume(place.order.format == Format::Csv, place.line, place.bytes, hash);
        Self { lines, header: place.header, tally: place.tally, ..Self::new(place.order, input, answers) }
    }

    /// How far it has come. Only between two pages.
    pub fn place(&self) -> Place {
        let (line, bytes) = self.lines.place();
        let (order, header, tally) = (self.order.clone(), self.header.clone(), self.tally.clone());
        Place { order, header, line, bytes, sha256: self.lines.sha256(), tally }
    }

    /// What has been answered, and the bytes read for it.
    pub fn progress(&self) -> (&Tally, u64) {
        (&self.tally, self.lines.place().1)
    }

    /// The certificate of what was read.
    pub fn certificate(&self) -> Certificate {
        self.tally.certificate(self.lines.sha256())
    }

    /// Takes rows until there are enough for a block or none is left; false if the next piece is needed first.
    fn fill(&mut self, out: &mut Vec<u8>) -> Result<bool, Problem> {
        while self.waiting.len() < limits::SCRUB_BLOCK && self.lines.block().len() < limits::SCRUB_BLOCK_BYTES {
            let Some(row) = self.lines.next() else { return Ok(self.lines.is_done()) };
            if self.order.format == Format::Csv && self.header.is_none() {
                let text = row.text(self.lines.block());
                self.header = Some(Header::read(text, &self.order)?);
                rows::write_header(&self.order, &row, text.unwrap_or_default(), out);
            } else if !row.is_blank(self.lines.block()) {
                // A blank line says nothing about anybody.
                self.waiting.push(row);
            }
        }
        Ok(true)
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
    pub async fn page<E>(&mut self) -> Result<Option<Bytes>, E>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        A: Answers<E>,
        E: From<Problem>,
    {
        if self.over {
            return Ok(None);
        }
        self.turns.next().await;
        let mut out = Vec::new();
        while !self.fill(&mut out)? {
            match self.input.next().await {
                Some(piece) => self.lines.feed(&piece?),
                None => self.lines.end(),
            }
            self.turns.begin();
        }
        if !self.waiting.is_empty() {
            self.answer(&mut out).await?;
        }
        self.lines.begin_block();
        if self.lines.is_done() {
            self.close(&mut out);
        }
        Ok(Some(Bytes::from(out)))
    }

    /// Asks about the rows that wait, and writes those that are wanted.
    async fn answer<E>(&mut self, out: &mut Vec<u8>) -> Result<(), E>
    where
        A: Answers<E>,
        E: From<Problem>,
    {
        let text = self.lines.block();
        let (mut about, mut unread) = (Vec::with_capacity(self.waiting.len()), Vec::new());
        for (at, row) in self.waiting.iter().enumerate() {
            match who::of(&self.order, self.header.as_ref(), row.text(text)) {
                Ok(who) => about.push(who),
                Err(detail) => unread.push((at, detail)),
            }
        }
        self.tally.at(clock::now());
        let verdicts = match about.is_empty() {
            true => Verdicts::default(),
            false => self.answers.answer(Block { question: &self.question, about: &about }, &mut self.turns).await?,
        };
        self.tally.under(&verdicts);
        let writing = Writing { order: &self.order, header: self.header.as_ref(), text };
        let (mut decided, mut unread) = (about.iter().zip(&verdicts.rows), unread.into_iter().peekable());
        for (at, row) in self.waiting.drain(..).enumerate() {
            if let Some((_, detail)) = unread.next_if(|(of, _)| *of == at) {
                self.tally.unread(row.line);
                writing.row(&row, &Outcome::Unread(detail), out);
                continue;
            }
            let no_answer = || Problem::new(Kind::Internal, "").because("a row has no answer");
            let (who, verdict) = decided.next().ok_or_else(no_answer)?;
            self.tally.decided(row.line, verdict);
            let unread = verdict.reason == Reason::InvalidRequest;
            let detail = if unread { who.faults(&self.question) } else { String::new() };
            writing.row(&row, &Outcome::Decided(*verdict, detail), out);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
