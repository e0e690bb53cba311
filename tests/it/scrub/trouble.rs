//! Lists and batches while the database hangs, and callers who go away in the middle.

use std::time::{Duration, Instant};

use consent_tests::app::{PATIENCE, TestApp, tell, tell_with};
use consent_tests::caller::Ask;
use consent_tests::database::Kind;
use consent_tests::people::{Person, person};
use consent_tests::place::Setup;
use consent_tests::proxy::Proxy;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

use super::{AGREED, certificate};

/// A list that is still being written: what is sent goes out at once.
struct List {
    rows: mpsc::Sender<String>,
    answer: reqwest::Response,
    received: String,
}

impl List {
    /// Begins a list with its first rows.
    async fn begin(app: &TestApp, query: &str, first: String) -> Self {
        let (rows, receiver) = mpsc::channel::<String>(1);
        let body = futures_util::stream::unfold(receiver, |mut receiver| async {
            Some((Ok::<_, std::io::Error>(receiver.recv().await?), receiver))
        });
        let url = format!("{}/v1/scrub?channel=sms&purpose=transactional{query}", app.caller.base());
        let request = reqwest::Client::builder().no_proxy().build().unwrap().post(url);
        let request = request.bearer_auth(app.caller.key().unwrap()).header("content-type", "text/plain");
        rows.send(first).await.unwrap();
        let answer = request.body(reqwest::Body::wrap_stream(body)).send().await.unwrap();
        Self { rows, answer, received: String::new() }
    }

    /// Waits until so many lines have come back.
    async fn until(&mut self, lines: usize) {
        while self.received.lines().count() < lines {
            let piece = tokio::time::timeout(PATIENCE, self.answer.chunk()).await.expect("the list goes on");
            self.received.push_str(std::str::from_utf8(&piece.unwrap().expect("more rows")).unwrap());
        }
    }

    /// Ends the list, and reads the rest.
    async fn end(mut self) -> String {
        drop(self.rows);
        self.received.push_str(&self.answer.text().await.unwrap());
        self.received
    }
}

/// Somebody who agreed, behind a way to the database that can be held up.
async fn behind_a_proxy(app: &mut TestApp) -> (Proxy, Person) {
    let pat = person(1);
    app.record(&pat.grant()).await.expect(201);
    let proxy = Proxy::before(app.place.database.host()).await;
    app.move_to(app.place.database.at(&proxy.host())).await;
    app.until(&pat.question(), &format!("allow {AGREED}")).await;
    (proxy, pat)
}

/// So many rows about one person. 500 are answered together.
fn block(pat: &Person, lines: usize) -> String {
    format!("{}\n", pat.phone).repeat(lines)
}

/// A deadline as in production.
fn setup() -> Setup {
    Setup { check_ms: 250, ..Setup::default() }
}

#[test]
fn while_the_database_hangs_rows_are_denied_in_their_place_and_allowed_again_once_it_answers() {
    tell_with(setup(), Kind::Postgres, async |app: &mut TestApp| {
        let (proxy, pat) = behind_a_proxy(app).await;
        let mut list = List::begin(app, "&return=all", block(&pat, 500)).await;
        list.until(500).await;
        proxy.stall();
        let began = Instant::now();
        list.rows.send(block(&pat, 500)).await.unwrap();
        list.until(1_000).await;
        assert!(began.elapsed() < Duration::from_secs(15), "a block took {:?}", began.elapsed());
        proxy.mend();
        app.until(&pat.question(), &format!("allow {AGREED}")).await;
        list.rows.send(block(&pat, 500)).await.unwrap();
        let text = list.end().await;
        let lines: Vec<&str> = text.lines().collect();
        let row = |answer: &str| format!("{}\t{answer}", pat.phone);
        assert_eq!(lines.len(), 1_501);
        assert!(lines[..500].iter().all(|line| *line == row(&format!("allow\t{AGREED}"))));
        assert!(lines[500..1_000].iter().all(|line| *line == row("deny\tLEDGER_UNAVAILABLE")));
        assert!(lines[1_000..1_500].iter().all(|line| *line == row(&format!("allow\t{AGREED}"))));
        assert_eq!(certificate(&text)["by_reason"], json!({AGREED: 1_000, "LEDGER_UNAVAILABLE": 500}));
    });
}

#[test]
fn a_batch_is_denied_as_a_whole_while_the_database_hangs_and_never_cut_short() {
    tell_with(setup(), Kind::Postgres, async |app: &mut TestApp| {
        let (proxy, pat) = behind_a_proxy(app).await;
        let body = json!({"questions": vec![pat.question(); 1_000]});
        proxy.stall();
        let began = Instant::now();
        let batch = app.caller.post("/v1/check/batch", &body).await.expect(200).json();
        assert!(began.elapsed() < Duration::from_secs(25), "a batch took {:?}", began.elapsed());
        let reasons: Vec<&Value> = batch["results"].as_array().unwrap().iter().map(|one| &one["reason"]).collect();
        assert_eq!(reasons, vec!["LEDGER_UNAVAILABLE"; 1_000]);
        proxy.mend();
        app.until(&pat.question(), &format!("allow {AGREED}")).await;
        let batch = app.caller.post("/v1/check/batch", &body).await.expect(200).json();
        assert!(batch["results"].as_array().unwrap().iter().all(|one| one["reason"] == AGREED));
    });
}

#[test]
fn a_list_over_a_slow_way_keeps_its_deadline_and_every_row() {
    tell_with(setup(), Kind::Postgres, async |app: &mut TestApp| {
        let (proxy, pat) = behind_a_proxy(app).await;
        let mut list = List::begin(app, "&return=all", block(&pat, 500)).await;
        list.until(500).await;
        proxy.slow_down(Duration::from_millis(60));
        let began = Instant::now();
        list.rows.send(block(&pat, 500)).await.unwrap();
        list.until(1_000).await;
        assert!(began.elapsed() < Duration::from_secs(15), "a block took {:?}", began.elapsed());
        proxy.mend();
        let text = list.end().await;
        let certificate = certificate(&text);
        assert_eq!((text.lines().count(), &certificate["rows"]), (1_001, &json!(1_000)));
        let known = |line: &&str| line.ends_with(AGREED) || line.ends_with("LEDGER_UNAVAILABLE");
        assert_eq!(text.lines().filter(known).count(), 1_000, "{text}");
    });
}

/// Waits until nothing is answered any more; returns how much was in all.
async fn until_quiet(app: &TestApp) -> u64 {
    let end = Instant::now() + PATIENCE;
    let mut before = app.decisions().await;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = app.decisions().await;
        if now == before {
            return now;
        }
        assert!(Instant::now() < end, "it still answers: {now}");
        before = now;
    }
}

#[test]
fn a_caller_who_hangs_up_in_the_middle_of_a_list_ends_the_work_and_frees_the_place() {
    tell(Kind::Sqlite, async |app: &mut TestApp| {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let (rows, before) = (2_000_000, app.decisions().await);
        let list = block(&pat, rows);
        let ask = Ask::text("text/plain", "");
        let path = "/v1/scrub?channel=sms&purpose=transactional";
        // More of them than may be answered at the same time.
        let hang_up = async || {
            let head = app.caller.head("POST", path, &ask, list.len());
            let mut connection = app.caller.open(head.as_bytes()).await;
            let (mut reader, mut writer) = connection.split();
            let reading = async {
                let mut some = vec![0; 64 * 1024];
                assert!(reader.read(&mut some).await.unwrap() > 0);
            };
            tokio::select! {
                _ = writer.write_all(list.as_bytes()) => panic!("the list is all read"),
                () = reading => {}
            }
        };
        tokio::join!(hang_up(), hang_up(), hang_up());
        let answered = until_quiet(app).await - before;
        assert!(answered < rows as u64, "{answered} rows were answered for nobody");
        let began = Instant::now();
        let body = json!({"questions": vec![pat.question(); 10]});
        app.caller.post("/v1/check/batch", &body).await.expect(200);
        assert!(began.elapsed() < Duration::from_secs(5), "a batch waited {:?}", began.elapsed());
    });
}

#[test]
fn a_list_that_breaks_off_gets_no_certificate() {
    tell(Kind::Sqlite, async |app: &mut TestApp| {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let path = "/v1/scrub?channel=sms&purpose=transactional";
        let head = app.caller.head("POST", path, &Ask::text("text/plain", ""), 1_000_000);
        let mut connection = app.caller.open(format!("{head}{}", block(&pat, 600)).as_bytes()).await;
        let (mut text, mut some) = (String::new(), vec![0; 4_096]);
        while !text.contains(&pat.phone) {
            let length = connection.read(&mut some).await.unwrap();
            text.push_str(&String::from_utf8_lossy(&some[..length]));
        }
        connection.shutdown().await.unwrap();
        let mut rest = Vec::new();
        // However it ends, with an error or without: nothing may say that this was all.
        let _ = connection.read_to_end(&mut rest).await;
        text.push_str(&String::from_utf8_lossy(&rest));
        assert!(!text.contains("certificate") && !text.ends_with("0\r\n\r\n"), "{}", &text[text.len() - 200..]);
    });
}
