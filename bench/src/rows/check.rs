//! Row 1: one question over HTTP, beside an echo and look-ups elsewhere.

use std::rc::Rc;

use consent_api::clock;
use consent_tests::dice::Dice;

use crate::bench::Bench;
use crate::children::Server;
use crate::generator::Generator;
use crate::load::{self, Connection, Requests};
use crate::oracle::{self, Oracle};
use crate::peers::{self, Redis};
use crate::place::{Place, runtime};
use crate::rounds::{Side, measure as rounds};
use crate::table::{Goal, Line, Unit};
use crate::{limits, machine};

/// Questions that are asked again and again.
const QUESTIONS: u64 = 10_000;
/// Answers that are held against the slow path.
const SAMPLE: u64 = 200;
/// What half of them ask, and the other half.
const PURPOSES: [&str; 2] = ["transactional", "special_offers"];

/// Questions to the service about random contacts, every twelfth about a stranger.
pub fn questions(people: Generator, key: &str) -> anyhow::Result<Requests> {
    let headers = [("authorization", format!("Bearer {key}")), ("content-type", "application/json".to_owned())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut asked = Vec::new();
    for (number, purpose) in picks(people).take(QUESTIONS as usize) {
        let body = oracle::body(people.contact(number)?.phone.as_str(), purpose);
        asked.push(load::post("/v1/check", &headers, &body));
    }
    Ok(Rc::new(move |number| asked.get(number as usize % asked.len()).cloned().unwrap_or_default()))
}

/// Whom to ask about, and for what.
fn picks(people: Generator) -> impl Iterator<Item = (u64, &'static str)> {
    let mut dice = Dice::new(people.seed);
    let known = people.contacts;
    std::iter::repeat_with(move || {
        let number = dice.throw() % known;
        (if dice.below(12) == 0 { known + number } else { number }, *dice.one(&PURPOSES))
    })
}

/// Holds a sample of answers against the slow path; returns the mean size of an answer.
pub fn hold_against_the_oracle(server: &Server, people: Generator, requests: &Requests) -> anyhow::Result<usize> {
    let (oracle, address) = (Oracle::new(people)?, server.address()?);
    let mut bytes = 0;
    runtime()?.block_on(async {
        let mut connection = Connection::open(address).await?;
        for (at, (number, purpose)) in picks(people).take(SAMPLE as usize).enumerate() {
            let before = clock::now();
            let answer = connection.ask(&requests(at as u64)).await?;
            bytes += answer.len();
            let answer = serde_json::from_slice(&answer)?;
            // Quiet hours may begin or end between the two.
            let right = oracle.check(number, purpose, &answer, before);
            right.or_else(|_| oracle.check(number, purpose, &answer, clock::now()))?;
        }
        anyhow::Ok(bytes / SAMPLE as usize)
    })
}

/// A table of decisions in PostgreSQL, by phone number.
fn decisions(bench: &Bench, people: Generator) -> anyhow::Result<String> {
    let url = bench.database("check")?;
    machine::demand_a_disk(&bench.directory)?;
    runtime()?.block_on(async {
        let client = peers::connect(&url).await?;
        client.batch_execute("CREATE TABLE decisions (phone text PRIMARY KEY, decision text NOT NULL)").await?;
        let insert = "INSERT INTO decisions SELECT unnest($1::text[]), 'allow'";
        let numbers: Vec<u64> = (0..people.contacts).collect();
        for some in numbers.chunks(limits::COPY) {
            let phones: anyhow::Result<Vec<String>> =
                some.iter().map(|number| Ok(people.contact(*number)?.phone.as_str().to_owned())).collect();
            client.execute(insert, &[&phones?]).await?;
        }
        client.batch_execute("ANALYZE decisions").await?;
        anyhow::Ok(())
    })?;
    Ok(url)
}

/// Redis with the same table.
fn cached(bench: &Bench, people: Generator) -> anyhow::Result<Option<Redis>> {
    let Some(redis) = bench.redis()? else { return Ok(None) };
    let pairs =
        (0..people.contacts).map(|number| Ok((people.contact(number)?.phone.as_str().to_owned(), "allow".into())));
    redis.fill(pairs)?;
    Ok(Some(redis))
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (place, people) = (Place::create(&bench.directory, None)?, bench.people(bench.quantities.contacts));
    let ours = bench.serve_simulated(&place, people)?;
    let requests = questions(people, &place.key)?;
    let bytes = hold_against_the_oracle(&ours, people, &requests)?.to_string();
    let echo = bench.peer(&["echo", "--bytes", &bytes])?;
    let url = decisions(bench, people)?;
    let query = bench.peer(&["postgres", "--url", &url, "--bytes", &bytes])?;
    let cache = cached(bench, people)?;
    let address = cache.as_ref().map(|cache| cache.address.to_string());
    let get = address.map(|address| bench.peer(&["redis", "--address", &address, "--bytes", &bytes])).transpose()?;
    let mut lines = Vec::new();
    for connections in [1, 16, 64] {
        let side = |name, server| {
            let (requests, within) = (&requests, bench.quantities.load);
            Side::new(name, move || load::on(server, connections, within, requests))
        };
        let mut sides = vec![side("ours", &ours), side("echo", &echo), side("query", &query)];
        if let Some(get) = &get {
            sides.push(side("get", get));
        }
        let rounds = rounds(bench, "check", &mut sides)?;
        let work = |of: &str| format!("check, c = {connections}, {of}");
        let times = |beside: &str, of: &str, goal| ("1", work(of), beside.to_owned(), goal);
        let mut claim =
            |(row, work, beside, goal): (_, String, String, _), figure: &'static str, side: &'static str| {
                lines.push(Line::of(&rounds, (row, work, beside), Unit::Times, goal, |round| {
                    round.ratio(figure, "ours", side)
                }));
            };
        claim(times("JSON echo", "throughput", Goal::AtLeast(0.85)), "rate", "echo");
        claim(times("JSON echo", "p99", Goal::AtMost(1.5)), "p99", "echo");
        claim(times("route with a PostgreSQL query", "throughput", Goal::AtLeast(4.0)), "rate", "query");
        if get.is_some() {
            claim(times("route with a Redis GET", "throughput", Goal::AtLeast(2.0)), "rate", "get");
        }
        let rate = |side: &'static str| move |round: &crate::rounds::Round| round.get(side, "rate");
        lines.push(Line::of(&rounds, ("1", work("throughput"), "(itself)"), Unit::Rate, Goal::Shown, rate("ours")));
        lines.push(Line::of(&rounds, ("1", "echo, the same load", "(itself)"), Unit::Rate, Goal::Shown, rate("echo")));
    }
    hold_against_the_oracle(&ours, people, &requests)?;
    Ok(lines)
}
