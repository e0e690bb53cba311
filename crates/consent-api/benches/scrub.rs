//! What a scrub costs around its decisions: a list of 100,000 numbers, answered from a table, beside the least that
//! anybody would have to do for it.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up has to stop")]

use std::collections::HashMap;
use std::hint::black_box;

use actix_web::web::{Bytes, Query};
use consent_api::error::Problem;
use consent_api::scrub::{Answers, Block, Format, Order, Scrub, ScrubQuery, Verdict, Verdicts, Who};
use consent_core::address::{Identity, Phone};
use consent_core::token::Pepper;
use consent_query::reader::Turns;
use consent_query::reason::{Answer, Reason};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::{FutureExt, stream};

const NUMBERS: u32 = 100_000;
/// Bytes of a piece, as a network or a file brings them.
const PIECE: usize = 64 * 1024;

/// Who is known: every second number.
struct Table {
    pepper: Pepper,
    allowed: HashMap<[u8; 32], Answer>,
}

impl Table {
    fn new() -> Self {
        let pepper = Pepper::new(&[7; 32]);
        let known = (0..NUMBERS).step_by(2).map(|at| pepper.token(&identity(&number(at))));
        Self { allowed: known.map(|token| (token, Answer::Allow)).collect(), pepper }
    }

    fn look_up(&self, text: &str) -> Answer {
        let token = self.pepper.token(&identity(text));
        self.allowed.get(&token).copied().unwrap_or(Answer::Deny)
    }
}

fn identity(text: &str) -> Identity {
    Identity::Phone(Phone::parse(text).expect("a number of this list"))
}

fn number(at: u32) -> String {
    format!("+1202{:07}", 2_000_000 + at)
}

fn verdict(answer: Answer) -> Verdict {
    let reason = if answer == Answer::Allow { Reason::ConsentExpress } else { Reason::NoConsent };
    Verdict { answer, reason, valid_until: None, next_eligible_at: None, position: 1 }
}

/// Looks nobody up.
struct AtOnce;

impl Answers<Problem> for AtOnce {
    async fn answer(&self, block: Block<'_>, _: &mut Turns) -> Result<Verdicts, Problem> {
        let rows = block.about.iter().map(|_| verdict(Answer::Allow)).collect();
        Ok(Verdicts { rows, rules_version: "1".into() })
    }
}

impl Answers<Problem> for &Table {
    async fn answer(&self, block: Block<'_>, _: &mut Turns) -> Result<Verdicts, Problem> {
        let rows = block.about.iter().map(|who| match who {
            Who::Phone(text) => verdict(self.look_up(text)),
            _ => verdict(Answer::Deny),
        });
        Ok(Verdicts { rows: rows.collect(), rules_version: "1".into() })
    }
}

fn order(format: Format) -> Order {
    let query = Query::<ScrubQuery>::from_query("channel=sms&purpose=updates").expect("a query");
    Order::new(format, query.into_inner()).expect("an order")
}

/// Runs a scrub to its end; the bytes that come out.
fn scrub(format: Format, list: &Bytes, answers: impl Answers<Problem>) -> usize {
    let pieces = (0..list.len()).step_by(PIECE).map(|at| Ok(list.slice(at..list.len().min(at + PIECE))));
    let mut scrub = Scrub::new(order(format), stream::iter(pieces), answers);
    let mut written = 0;
    let whole = async {
        while let Some(page) = scrub.page::<Problem>().await? {
            written += page.len();
        }
        Ok::<_, Problem>(())
    };
    // Nothing in it waits for anything but its turn.
    let mut whole = Box::pin(whole);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    while whole.poll_unpin(&mut context).is_pending() {}
    drop(whole);
    written
}

/// The floor: lines, numbers, tokens, look-ups, and the lines that are kept.
fn floor(list: &[u8], table: &Table) -> usize {
    let mut out = Vec::new();
    for line in list.split_inclusive(|byte| *byte == b'\n') {
        let Ok(text) = std::str::from_utf8(line) else { continue };
        if table.look_up(text.trim_ascii_end()) == Answer::Allow {
            out.extend_from_slice(line);
        }
    }
    black_box(&out).len()
}

fn bench(criterion: &mut Criterion) {
    let table = Table::new();
    let text: Bytes = (0..NUMBERS).map(|at| number(at) + "\n").collect::<String>().into();
    let csv: Bytes = std::iter::once("phone,name\n".to_owned())
        .chain((0..NUMBERS).map(|at| number(at) + ",\"Pat, Dr.\"\n"))
        .collect::<String>()
        .into();
    let ndjson: Bytes =
        (0..NUMBERS).map(|at| format!("{{\"phone\":\"{}\",\"n\":{at}}}\n", number(at))).collect::<String>().into();
    let mut group = criterion.benchmark_group("scrub");
    group.throughput(Throughput::Elements(NUMBERS.into())).sample_size(20);
    group.bench_function("floor: line, number, HMAC, look-up", |bencher| bencher.iter(|| floor(&text, &table)));
    for (name, format, list) in
        [("text", Format::Text, &text), ("csv", Format::Csv, &csv), ("ndjson", Format::Ndjson, &ndjson)]
    {
        group.bench_function(BenchmarkId::new("answered at once", name), |bencher| {
            bencher.iter(|| scrub(format, list, AtOnce));
        });
        group.bench_function(BenchmarkId::new("number, HMAC, look-up", name), |bencher| {
            bencher.iter(|| scrub(format, list, &table));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
