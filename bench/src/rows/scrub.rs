//! Row 5: a list of numbers, beside a bare loop and PostgreSQL.

use std::process::Command;
use std::time::Instant;

use actix_web::web::Bytes;
use anyhow::{Context, ensure};
use futures_util::{SinkExt, TryStreamExt};
use serde_json::Value;

use crate::bench::Bench;
use crate::children::Server;
use crate::generator::{Generator, List};
use crate::place::{Place, runtime};
use crate::rounds::{Figures, Round, Side, measure as rounds};
use crate::serve::loops::Table;
use crate::table::{Goal, Line, Unit};
use crate::{limits, oracle, peers, streaming};

/// Where a list goes; plain SQL can answer this question.
pub const PATH: &str = "/v1/scrub?channel=sms&purpose=transactional";

/// Scrubs a list over HTTP, and holds the count of allowed rows against what is right.
pub fn by_stream(server: &Server, key: &str, list: &List) -> anyhow::Result<Figures> {
    let (address, text) = (server.address()?, Bytes::from(list.text.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let streamed = runtime.block_on(streaming::scrub(address, server, PATH, key, &text))?;
    let certificate = oracle::certificate(&streamed.tail)?;
    let allowed = certificate.get("allowed").and_then(Value::as_u64);
    ensure!(allowed == Some(list.allowed), "{allowed:?} rows allowed, right is {}", list.allowed);
    Ok(with_rate(streamed.figures, list.rows))
}

fn with_rate(mut figures: Figures, rows: u64) -> Figures {
    let seconds = figures.get("seconds").copied().unwrap_or(f64::NAN);
    figures.insert("rate", rows as f64 / seconds);
    figures
}

/// The same list through a bare loop in this process.
fn by_loop(table: &Table, list: &List) -> anyhow::Result<Figures> {
    let (began, mut out) = (Instant::now(), Vec::with_capacity(list.text.len()));
    let allowed = table.scrub(&list.text, &mut out);
    let seconds = began.elapsed().as_secs_f64();
    ensure!(allowed == list.allowed, "the bare loop is wrong");
    Ok(with_rate(Figures::from([("seconds", seconds)]), list.rows))
}

/// The same by the program on a file.
fn by_file(place: &Place, list: &List) -> anyhow::Result<Figures> {
    let (input, output) = (place.path().join("list.txt"), place.path().join("out.txt"));
    std::fs::write(&input, &list.text)?;
    let began = Instant::now();
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["program", "scrub"]).arg(&input).args(["--channel", "sms", "--purpose", "transactional", "--json"]);
    let done = command.arg("--output").arg(&output).arg("--config").arg(place.config_file()?).output()?;
    let seconds = began.elapsed().as_secs_f64();
    ensure!(done.status.success(), "consentd scrub: {}", String::from_utf8_lossy(&done.stderr));
    let allowed = std::fs::read(&output)?.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
    ensure!(allowed as u64 == list.allowed, "{allowed} rows allowed in a file, right is {}", list.allowed);
    std::fs::remove_file(&output)?;
    Ok(with_rate(Figures::from([("seconds", seconds)]), list.rows))
}

/// Two tables in PostgreSQL: who agreed, and who took it back.
fn tables(bench: &Bench, people: Generator) -> anyhow::Result<String> {
    let url = bench.database("scrub")?;
    runtime()?.block_on(async {
        let client = peers::connect(&url).await?;
        let create = "CREATE TABLE consents (phone text PRIMARY KEY); CREATE TABLE opt_outs (phone text PRIMARY KEY)";
        client.batch_execute(create).await?;
        let numbers: Vec<u64> = (0..people.contacts).collect();
        for some in numbers.chunks(limits::COPY) {
            let (mut consents, mut opt_outs) = (Vec::new(), Vec::new());
            for number in some {
                let contact = people.contact(*number)?;
                match contact.story {
                    crate::generator::Story::EmailOnly => {}
                    crate::generator::Story::Stopped => {
                        consents.push(contact.phone.as_str().to_owned());
                        opt_outs.push(contact.phone.as_str().to_owned());
                    }
                    _ => consents.push(contact.phone.as_str().to_owned()),
                }
            }
            client.execute("INSERT INTO consents SELECT unnest($1::text[])", &[&consents]).await?;
            client.execute("INSERT INTO opt_outs SELECT unnest($1::text[])", &[&opt_outs]).await?;
        }
        client.batch_execute("ANALYZE").await?;
        anyhow::Ok(())
    })?;
    Ok(url)
}

/// The same by PostgreSQL: the list into a temporary table, then an anti-join. The count is the oracle in SQL.
fn by_anti_join(url: &str, list: &List) -> anyhow::Result<Figures> {
    const ANTI_JOIN: &str = "COPY (SELECT l.phone FROM list l JOIN consents c USING (phone) WHERE NOT EXISTS \
        (SELECT 1 FROM opt_outs o WHERE o.phone = l.phone)) TO STDOUT";
    runtime()?.block_on(async {
        let client = peers::connect(url).await?;
        let began = Instant::now();
        client.batch_execute("CREATE TEMP TABLE list (phone text NOT NULL)").await?;
        let mut into = Box::pin(client.copy_in("COPY list FROM STDIN").await?);
        into.send(Bytes::from(list.text.clone())).await?;
        into.close().await?;
        client.batch_execute("ANALYZE list").await?;
        let mut out = Box::pin(client.copy_out(ANTI_JOIN).await?);
        let mut allowed = 0;
        while let Some(piece) = out.try_next().await? {
            allowed += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
        }
        let seconds = began.elapsed().as_secs_f64();
        ensure!(allowed == list.allowed, "SQL allows {allowed} rows, the generator {}", list.allowed);
        Ok(with_rate(Figures::from([("seconds", seconds)]), list.rows))
    })
}

/// Measures the row.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (place, people) = (Place::create(&bench.directory, None)?, bench.people(bench.quantities.contacts));
    let server = bench.serve_simulated(&place, people)?;
    let (rows, recorded) = (bench.quantities.list, bench.ledger()?);
    let list = people.list(rows)?;
    let short = bench.people(bench.quantities.recorded).list(bench.quantities.short_list)?;
    let (contacts, seed) = (people.contacts.to_string(), people.seed.to_string());
    let streamed = bench.peer(&["loop", "--contacts", &contacts, "--seed", &seed])?;
    let (table, url) = (Table::of(people)?, tables(bench, people)?);
    let mut sides = [
        Side::new("ours", || by_stream(&server, &place.key, &list).context("scrub")),
        Side::new("file", || by_file(&recorded, &short)),
        Side::new("loop", || by_loop(&table, &list)),
        Side::new("streamed", || by_stream(&streamed, "", &list).context("bare loop")),
        Side::new("anti-join", || by_anti_join(&url, &list)),
    ];
    let rounds = rounds(bench, "scrub", &mut sides)?;
    let rate = |theirs: &'static str| move |round: &Round| round.ratio("rate", "ours", theirs);
    let work = format!("scrub of {rows} rows, HTTP stream");
    let (loops, sql) = ("bare loop, HTTP stream", "PostgreSQL COPY and anti-join");
    Ok(vec![
        Line::of(&rounds, ("5", work.as_str(), loops), Unit::Times, Goal::AtLeast(0.4), rate("streamed")),
        Line::of(&rounds, ("5", work.as_str(), sql), Unit::Times, Goal::AtLeast(3.0), rate("anti-join")),
        Line::of(&rounds, ("5", work.as_str(), "bare loop in process"), Unit::Times, Goal::Shown, rate("loop")),
        Line::of(&rounds, ("5", work.as_str(), "(itself)"), Unit::Rate, Goal::Shown, |round| round.get("ours", "rate")),
        Line::of(&rounds, ("5", "memory above idle", "(itself)"), Unit::Bytes, Goal::AtMost(limits::GROWTH), |round| {
            round.get("ours", "growth")
        }),
        Line::of(
            &rounds,
            ("5", "scrub of a file by the program, index rebuilt", loops),
            Unit::Times,
            Goal::Shown,
            |round| round.ratio("rate", "file", "streamed"),
        ),
    ])
}
