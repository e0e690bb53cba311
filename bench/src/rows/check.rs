//! Row 1: one question over HTTP, beside an echo and look-ups elsewhere.

mod elsewhere;

use std::rc::Rc;

use consent_api::clock;
use consent_tests::dice::Dice;

use crate::bench::Bench;
use crate::children::Server;
use crate::generator::Generator;
use crate::load::{self, Connection, Requests};
use crate::oracle::{self, Oracle};
use crate::place::{Place, runtime};
use crate::rounds::{Round, Side, measure as rounds};
use crate::table::{Goal, Line, Unit};
use elsewhere::{Elsewhere, Where};

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

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (place, people) = (Place::create(&bench.directory, None)?, bench.people(bench.quantities.contacts));
    let ours = bench.serve_simulated(&place, people)?;
    let requests = questions(people, &place.key)?;
    let bytes = hold_against_the_oracle(&ours, people, &requests)?;
    let echo = bench.peer(&["echo", "--bytes", &bytes.to_string()])?;
    let mut peers = Vec::new();
    for whereabouts in [Where::WithItsServer, Where::Everywhere] {
        peers.push(Elsewhere::postgres(bench, people, bytes, whereabouts)?);
        peers.extend(Elsewhere::redis(bench, people, bytes, whereabouts)?);
    }
    let mut lines = Vec::new();
    for connections in [1, 16, 64] {
        let side = |name, server| {
            let (requests, within) = (&requests, bench.quantities.load);
            Side::new(name, move || load::on(server, connections, within, requests))
        };
        let mut sides = vec![side("ours", &ours), side("echo", &echo)];
        sides.extend(peers.iter().map(|peer| side(peer.side, &peer.server)));
        let rounds = rounds(bench, "check", &mut sides)?;
        let mut claim = |of: &str, beside: &str, figure: &'static str, side: &'static str, goal| {
            let named = ("1", format!("check, c = {connections}, {of}"), beside);
            lines.push(Line::of(&rounds, named, Unit::Times, goal, |round| round.ratio(figure, "ours", side)));
        };
        claim("throughput", "JSON echo", "rate", "echo", Goal::AtLeast(0.85));
        claim("p99", "JSON echo", "p99", "echo", Goal::AtMost(1.5));
        for peer in &peers {
            claim("throughput", peer.what, "rate", peer.side, Goal::AtLeast(peer.goal));
        }
        let rate = |side: &'static str| move |round: &Round| round.get(side, "rate");
        let work = format!("check, c = {connections}, throughput");
        lines.push(Line::of(&rounds, ("1", work, "(itself)"), Unit::Rate, Goal::Shown, rate("ours")));
        lines.push(Line::of(&rounds, ("1", "echo, the same load", "(itself)"), Unit::Rate, Goal::Shown, rate("echo")));
    }
    hold_against_the_oracle(&ours, people, &requests)?;
    Ok(lines)
}
