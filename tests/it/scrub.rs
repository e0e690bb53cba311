//! Many questions at once: batches, and lists that are streamed through.

mod memory;
mod resume;
mod shapes;
mod trouble;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use consent_tests::app::{TestApp, tell, tell_with};
use consent_tests::caller::{Answer, Ask};
use consent_tests::database::Kind;
use consent_tests::people::{Person, person};
use consent_tests::place::Setup;
use consent_tests::proxy::Proxy;
use consent_tests::stories;
use reqwest::Method;
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_consentd-under-test");

async fn scrub(app: &TestApp, media: &str, query: &str, list: &str) -> Answer {
    let path = format!("/v1/scrub?channel=sms&purpose=transactional{query}");
    app.caller.send(Method::POST, &path, Ask::text(media, list)).await
}

/// One who agreed, one who agreed and said STOP, one who is not known.
async fn people(app: &TestApp) -> [Person; 3] {
    let [pat, kim, lee] = [person(1), person(2), person(3)];
    app.record_all(&[pat.grant(), kim.grant()]).await;
    app.receive(&app.carrier().text(&kim.phone, "STOP")).await;
    [pat, kim, lee]
}

/// The certificate in a last line.
fn certificate(text: &str) -> Value {
    let last = text.lines().last().unwrap();
    match last.strip_prefix("# certificate ") {
        Some(certificate) => serde_json::from_str(certificate).unwrap(),
        None => serde_json::from_str::<Value>(last).unwrap()["certificate"].clone(),
    }
}

/// A decision without what two answers to the same question may differ in.
fn comparable(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if answer["decision"].is_null() {
        let problem = if answer["error"].is_null() { answer } else { answer["error"].clone() };
        return json!({"type": problem["type"], "errors": problem["errors"], "status": problem["status"]});
    }
    answer["decision_id"] = Value::Null;
    answer["valid_until"] = json!(answer["valid_until"].is_string());
    answer
}

/// What a list of three people and a bad line comes to.
fn assert_counts(certificate: &Value, allowed: &str) {
    assert_eq!((&certificate["rows"], &certificate["denied"]), (&json!(4), &json!(3)), "{certificate}");
    let reasons = json!({allowed: 1, "OPTED_OUT_CHANNEL": 1, "NO_CONSENT": 1, "INVALID_REQUEST": 1});
    assert_eq!(certificate["by_reason"], reasons);
    assert_eq!(certificate["input_sha256"].as_str().unwrap().len(), 64);
    assert!(certificate["valid_until"].is_string() && certificate["decided_at"].is_string());
}

const AGREED: &str = "CONSENT_EXPRESS_WRITTEN";

stories! {
    async fn a_batch_answers_each_question_as_a_single_check_does(app) {
        let [pat, kim, lee] = people(app).await;
        let mut questions: Vec<Value> = [&pat, &kim, &lee].iter().map(|who| who.question()).collect();
        for (field, value) in [
            ("phone", json!("202555")), ("phone", json!(1)), ("channel", json!("fax")), ("chanel", json!("sms")),
            ("as_of", json!("2026-01-01T00:00:00Z")), ("min_position", json!(1_000)), ("explain", json!(true)),
            ("email", json!(kim.email)), ("subject", json!(kim.subject)), ("purpose", json!("special_offers")),
        ] {
            let mut question = pat.question();
            question[field] = value;
            questions.push(question);
        }
        let answer = app.caller.post("/v1/check/batch", &json!({"questions": questions})).await.expect(200).json();
        let results = answer["results"].as_array().unwrap();
        assert_eq!((results.len(), &answer["position"]), (questions.len(), &json!(app.head().await.size)));
        for (question, result) in questions.iter().zip(results) {
            let single = app.caller.post("/v1/check", question).await.json();
            assert_eq!(comparable(result), comparable(&single), "{question}");
        }
        let short: Vec<_> = questions.iter().take(3).map(|question| json!({"phone": question["phone"]})).collect();
        let body = json!({"defaults": {"channel": "sms", "purpose": "transactional"}, "questions": short});
        let answer = app.caller.post("/v1/check/batch", &body).await.expect(200).json();
        for (full, short) in results.iter().zip(answer["results"].as_array().unwrap()) {
            assert_eq!(comparable(full), comparable(short));
        }
    }

    async fn a_batch_as_a_whole_is_refused_with_its_fault(app) {
        for (body, pointer) in [
            (json!({}), "/questions"),
            (json!({"questions": [], "more": 1}), "/more"),
            (json!({"questions": [], "defaults": {"chanel": "sms"}}), "/defaults/chanel"),
            (json!({"questions": vec![json!({}); 10_001]}), "/questions"),
        ] {
            assert_eq!(app.caller.post("/v1/check/batch", &body).await.expect(400).pointers(), [pointer]);
        }
    }

    async fn a_list_of_each_format_comes_back_without_those_who_may_not_be_contacted(app) {
        let [pat, kim, lee] = people(app).await;
        let size = app.head().await.size;
        let text = format!("{}\r\n{}\n{}\nno number\n", pat.phone, kim.phone, lee.phone);
        let answer = scrub(app, "text/plain", "", &text).await.expect(200);
        assert!(answer.header("content-type").starts_with("text/plain"));
        assert!(answer.text().starts_with(&format!("{}\r\n# certificate", pat.phone)), "{}", answer.text());
        assert_counts(&certificate(answer.text()), AGREED);
        assert_eq!(certificate(answer.text())["position"], json!({"smallest": size, "largest": size}));

        let csv = format!("name,phone\n\"P\n, 1\",{}\nK,{}\nL,{}\nM\n", pat.phone, kim.phone, lee.phone);
        let answer = scrub(app, "text/csv; charset=utf-8", "", &csv).await.expect(200);
        assert_eq!(answer.text(), format!("name,phone\n\"P\n, 1\",{}\n", pat.phone));
        let answer = scrub(app, "text/csv", "&return=all&certificate=line", &csv).await.expect(200);
        for row in [
            "name,phone,decision,reason,detail\n".to_owned(),
            format!(",{},allow,{AGREED},\n", pat.phone),
            format!("\nK,{},deny,OPTED_OUT_CHANNEL,\nL,{},deny,NO_CONSENT,\n", kim.phone, lee.phone),
            "\n,,deny,INVALID_REQUEST,\"line 6: the row has 1 fields, the header line 2\"\n".to_owned(),
        ] {
            assert!(answer.text().contains(&row), "{row} is not in {}", answer.text());
        }
        assert_counts(&certificate(answer.text()), AGREED);
    }

    async fn objects_come_back_with_their_decision_and_a_bad_line_in_its_place(app) {
        let [pat, kim, lee] = people(app).await;
        let list = format!(
            "{}\nno object\n{}\n{}",
            json!({"phone": pat.phone, "n": 1}), json!({"email": kim.email, "phone": kim.phone}), json!({"phone": lee.phone})
        );
        let answer = scrub(app, "application/x-ndjson", "&return=all", &list).await.expect(200);
        let lines: Vec<Value> = answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let reasons: Vec<_> = lines.iter().map(|line| line["reason"].as_str().unwrap_or_default()).collect();
        assert_eq!(reasons, [AGREED, "INVALID_REQUEST", "OPTED_OUT_CHANNEL", "NO_CONSENT", ""]);
        assert_eq!((&lines[0]["n"], lines[0]["valid_until"].is_string()), (&json!(1), true));
        assert_eq!((&lines[1]["line"], &lines[1]["decision"]), (&json!(2), &json!("deny")));
        assert_counts(&certificate(answer.text()), AGREED);
        let kept = scrub(app, "application/x-ndjson", "", &list).await.expect(200);
        assert_eq!(kept.text().lines().count(), 3, "the allowed one, the bad line, the certificate");
    }

    async fn a_list_answers_about_each_address_of_somebody_as_a_single_check_does(app) {
        let mut rows = Vec::new();
        // The first of their words are like no others: several say the same.
        for n in 0..6 {
            let (who, other) = (person(n), person(100 + n));
            let linked = json!({"type": "identity_linked", "subject": who.subject, "phone": other.phone});
            app.record_all(&[who.grant(), linked]).await;
            let addresses = [("phone", &other.phone), ("phone", &who.phone), ("subject", &who.subject), ("email", &who.email)];
            // Each of them once goes before the others.
            rows.extend((0..4).map(|at| addresses[(at + n as usize) % 4]).map(|(field, value)| json!({field: value})));
        }
        let list: String = rows.iter().map(|row| format!("{row}\n")).collect();
        let answer = scrub(app, "application/x-ndjson", "&return=all", &list).await.expect(200);
        let mut reasons = BTreeSet::new();
        for (row, line) in rows.iter().zip(answer.text().lines()) {
            let mut question = row.clone();
            question["channel"] = json!("sms");
            question["purpose"] = json!("transactional");
            let (single, line) = (app.decide(&question).await, serde_json::from_str::<Value>(line).unwrap());
            let text = |field: &str| line[field].as_str().unwrap_or_default().to_owned();
            assert_eq!(format!("{} {}", text("decision"), text("reason")), single, "{row}");
            reasons.insert(single);
        }
        assert!(reasons.len() > 1, "nothing depends on the address: {reasons:?}");
    }

    async fn a_list_of_several_blocks_keeps_its_order(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let row = |at: u32| if at.is_multiple_of(3) { format!("{at},{}\n", pat.phone) } else { format!("{at},{}\n", person(at + 10).phone) };
        let list: String = (0..1_201).map(row).collect();
        let answer = scrub(app, "text/csv", "", &format!("n,phone\n{list}")).await.expect(200);
        let expected: String = (0..1_201).filter(|at: &u32| at.is_multiple_of(3)).map(row).collect();
        assert!(answer.text() == format!("n,phone\n{expected}"));
    }

    async fn a_list_that_cannot_be_scrubbed_is_refused(app) {
        scrub(app, "text/csv", "", "name\nPat\n").await.expect(400);
        scrub(app, "text/csv", "&column=mobile", "phone\n1\n").await.expect(400);
        scrub(app, "text/plain", "&colour=red", "").await.expect(400);
        scrub(app, "application/json", "", "{}").await.expect(415);
        for query in ["", "?channel=sms", "?channel=fax&purpose=updates", "?channel=sms&purpose=fun"] {
            app.caller.send(Method::POST, &format!("/v1/scrub{query}"), Ask::text("text/plain", "")).await.expect(400);
        }
        let path = "/v1/scrub?channel=sms&purpose=updates";
        let ask = Ask::text("text/plain", "").with("content-encoding", "gzip");
        app.caller.send(Method::POST, path, ask).await.expect(415);
        let empty = app.caller.send(Method::POST, path, Ask::text("text/plain", "")).await.expect(200);
        assert_eq!(certificate(empty.text())["rows"], 0);
    }
}

#[test]
fn from_the_moment_the_ledger_cannot_be_reached_every_row_is_denied() {
    tell_with(Setup { check_ms: 250, ..Setup::default() }, Kind::Postgres, async |app: &mut TestApp| {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let proxy = Proxy::before(app.place.database.host()).await;
        app.move_to(app.place.database.at(&proxy.host())).await;
        app.until(&pat.question(), &format!("allow {AGREED}")).await;
        let (sender, receiver) = tokio::sync::mpsc::channel::<String>(1);
        let list = futures_util::stream::unfold(receiver, |mut receiver| async {
            Some((Ok::<_, std::io::Error>(receiver.recv().await?), receiver))
        });
        let url = format!("{}/v1/scrub?channel=sms&purpose=transactional", app.caller.base());
        let request = reqwest::Client::builder().no_proxy().build().unwrap().post(url);
        let request = request.bearer_auth(app.caller.key().unwrap()).header("content-type", "text/plain");
        let rows = format!("{}\n", pat.phone).repeat(500);
        sender.send(rows.clone()).await.unwrap();
        let mut answer = request.body(reqwest::Body::wrap_stream(list)).send().await.unwrap();
        let mut text = String::new();
        while text.len() < rows.len() {
            text.push_str(std::str::from_utf8(&answer.chunk().await.unwrap().unwrap()).unwrap());
        }
        assert_eq!(text, rows, "they are answered while the rest is still to come");
        proxy.cut();
        sender.send(rows.repeat(2)).await.unwrap();
        drop(sender);
        let rest = answer.text().await.unwrap();
        assert!(rest.starts_with("# certificate "), "{rest}");
        assert_eq!(certificate(&rest)["by_reason"], json!({AGREED: 500, "LEDGER_UNAVAILABLE": 1_000}));
        let body = json!({"questions": [pat.question(), pat.question()]});
        let batch = app.caller.post("/v1/check/batch", &body).await.expect(200).json();
        for result in batch["results"].as_array().unwrap() {
            assert_eq!((&result["decision"], &result["reason"]), (&json!("deny"), &json!("LEDGER_UNAVAILABLE")));
        }
        proxy.mend();
        app.until(&pat.question(), &format!("allow {AGREED}")).await;
    });
}

#[test]
fn the_program_scrubs_a_file_from_the_database_and_from_a_server() {
    tell(Kind::Sqlite, async |app: &mut TestApp| {
        let [pat, kim, lee] = people(app).await;
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let list = format!("phone\n{}\n{}\n{}\n\"\n", pat.phone, kim.phone, lee.phone);
        fs::write(at("list.csv"), list).unwrap();
        let config = app.place.write(&app.setup);
        let url = app.caller.base().to_owned();
        for remote in [vec![], vec!["--url", &url]] {
            let mut command = Command::new(PROGRAM);
            command.env_clear().env("CONSENT_API_KEY", app.caller.key().unwrap()).arg("scrub").arg(at("list.csv"));
            command.args(["--channel", "sms", "--purpose", "transactional", "--json", "--resume"]).args(&remote);
            command
                .arg("--output")
                .arg(at("out.csv"))
                .arg("--report")
                .arg(at("report.json"))
                .arg("--config")
                .arg(&config);
            let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
            assert!(output.status.success(), "{remote:?} {}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(fs::read_to_string(at("out.csv")).unwrap(), format!("phone\n{}\n", pat.phone));
            assert_counts(&serde_json::from_slice(&output.stdout).unwrap(), AGREED);
            let report: Value = serde_json::from_slice(&fs::read(at("report.json")).unwrap()).unwrap();
            assert!(report["rows_per_second"].is_number() && report["by_reason"][AGREED] == 1);
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3, "nothing else is left behind");
        }
    });
}

#[test]
fn the_program_waits_while_its_key_has_too_much_under_way() {
    tell(Kind::Sqlite, async |app: &mut TestApp| {
        let [pat, ..] = people(app).await;
        let directory = tempfile::tempdir().unwrap();
        let list = directory.path().join("list.txt");
        fs::write(&list, format!("{}\n", pat.phone)).unwrap();
        let ask = Ask::text("text/plain", "");
        let head = app.caller.head("POST", "/v1/scrub?channel=sms&purpose=updates", &ask, 1_000);
        let mut others = Vec::new();
        while app.caller.post("/v1/check/batch", &json!({"questions": []})).await.status != 429 {
            others.push(app.caller.open(head.as_bytes()).await);
        }
        let mut command = Command::new(PROGRAM);
        command.env_clear().env("CONSENT_API_KEY", app.caller.key().unwrap()).arg("scrub").arg(&list);
        command.args(["--channel", "sms", "--purpose", "transactional", "--url", app.caller.base()]);
        let running = tokio::task::spawn_blocking(move || command.output().unwrap());
        tokio::time::sleep(consent_api::limits::CLIENT_PAUSE * 2).await;
        assert!(!running.is_finished(), "it does not wait");
        drop(others);
        let output = running.await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).starts_with(&pat.phone));
    });
}
