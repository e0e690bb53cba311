//! `POST /v1/simulate`.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use consent_api::config::Config;
use consent_api::{auth, server};
use consent_tests::app::{TestApp, runtime, tell};
use consent_tests::caller::{Ask, Caller};
use consent_tests::database::Kind;
use consent_tests::people::person;
use consent_tests::place::{Place, Setup};
use consent_tests::process::Process;
use consent_tests::proxy::Proxy;
use consent_tests::seen::Seen;
use consent_tests::stories;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Desk, PROGRAM, PUBLIC, half_readable, shapes, stopped, unreadable};

stories! {
    async fn the_service_answers_as_the_command_line_does_and_records_nothing(app) {
        let config = app.place.write(&app.setup);
        let (desk, head) = (Desk::new(), app.head().await);
        let public: Value = serde_json::from_str(PUBLIC).unwrap();
        let mut explained = stopped(&Value::Null);
        explained["query"]["explain"] = json!(true);
        let files = half_readable().into_iter().map(|(file, _)| file);
        let files = files.chain([public, json!({"scenarios": [explained], "meta": 1})]);
        let mut shapes_seen = BTreeSet::new();
        for file in files {
            let answer = app.caller.post("/v1/simulate", &file).await.expect(200);
            assert_eq!(answer.header("content-type"), "application/json");
            let results = answer.json()["results"].as_array().unwrap().clone();
            let ended = desk.run(&["simulate", "-", "--config", &config.display().to_string()], &file.to_string());
            assert_eq!(results, ended.lines());
            shapes_seen.extend(results.iter().map(shapes::shape_of));
        }
        assert_eq!(shapes_seen, ["Decided", "Due", "Unread"].map(ToOwned::to_owned).into());
        assert_eq!(app.head().await, head);
    }

    async fn a_file_that_cannot_be_read_as_a_whole_is_refused_with_the_place(app) {
        for (text, pointer) in unreadable() {
            let ask = Ask::text("application/json", text);
            let answer = app.caller.send(Method::POST, "/v1/simulate", ask).await.expect(400);
            assert_eq!(answer.pointers(), [pointer], "{text}");
        }
    }

    async fn a_thousand_scenarios_are_answered_and_one_more_is_refused(app) {
        let scenario = stopped(&json!({"decision": "deny"}));
        let deadline = json!({"name": "d", "kind": "dnc_record_keep_until", "received_at": "2026-03-02T00:00:00Z"});
        let file = |scenarios: usize, deadlines: usize| {
            json!({"scenarios": vec![&scenario; scenarios], "deadlines": vec![&deadline; deadlines]})
        };
        let answer = app.caller.post("/v1/simulate", &file(1_000, 1_000)).await.expect(200).json();
        assert_eq!(answer["results"].as_array().unwrap().len(), 2_000);
        let long = |events: usize| {
            let mut long = scenario.clone();
            long["events"] = json!(vec![&scenario["events"][1]; events]);
            json!({"scenarios": [scenario, long]})
        };
        app.caller.post("/v1/simulate", &long(1_000)).await.expect(200);
        for (file, pointers) in [
            (file(1_001, 0), &["/scenarios"][..]),
            (file(0, 1_001), &["/deadlines"]),
            (file(1_001, 1_001), &["/scenarios", "/deadlines"]),
            (long(1_001), &["/scenarios/1/events"]),
        ] {
            assert_eq!(app.caller.post("/v1/simulate", &file).await.expect(400).pointers(), pointers);
        }
    }

    async fn a_scenario_changes_settings_for_itself_alone(app) {
        let mut lenient = stopped(&Value::Null);
        lenient["config"] = json!({"stop_blocks_transactional_sms": false});
        let file = json!({"scenarios": [stopped(&Value::Null), lenient, stopped(&Value::Null)]});
        let expected = ["OPTED_OUT_CHANNEL", "CONSENT_EXPRESS_WRITTEN", "OPTED_OUT_CHANNEL"];
        assert_eq!(reasons(&app.caller, &file).await, expected);
    }

    async fn a_damaged_ledger_denies_every_check_and_simulates_all_the_same(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let mut raw = app.raw().await;
        raw.drop_guards().await;
        raw.run("DELETE FROM tokens WHERE seq = 1").await.unwrap();
        app.expect_damage("entry 1: the look-up tokens are not those of the people in the event");
        app.restart().await;
        app.until(&pat.question(), "deny LEDGER_UNAVAILABLE").await;
        let file = json!({"scenarios": [stopped(&json!({"decision": "deny", "reason": "OPTED_OUT_CHANNEL"}))]});
        let answer = app.caller.post("/v1/simulate", &file).await.expect(200).json();
        assert_eq!(answer["results"][0]["pass"], true);
    }
}

async fn reasons(caller: &Caller, file: &Value) -> Vec<String> {
    let answer = caller.post("/v1/simulate", file).await.expect(200).json();
    let results = answer["results"].as_array().unwrap().iter();
    results.map(|result| result["reason"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_running_server_answers_by_its_own_rules() {
    runtime().block_on(async {
        let place = Place::create(Kind::Sqlite).await;
        let config = place.write(&Setup { rules: "stop_blocks_transactional_sms = false", ..Setup::default() });
        let ledger = server::prepare(&Config::load(Some(&config)).unwrap()).await.unwrap();
        let (key, hash, text) = auth::make_key("drill", &["check".to_owned()], None).unwrap();
        ledger.add_api_key(&key, hash).await.unwrap();
        drop(ledger);
        let process = Process::start(Path::new(PROGRAM), &config, &place.path().join("log"));
        let caller = Caller::new(&process.base, &Arc::new(Seen::default())).with_key(&text);
        let file = json!({"scenarios": [stopped(&Value::Null)]});
        assert_eq!(reasons(&caller, &file).await, ["CONSENT_EXPRESS_WRITTEN"]);
        process.kill();
    });
}

#[test]
fn nobody_is_answered_while_it_cannot_be_known_who_asks() {
    tell(Kind::Postgres, async |app: &mut TestApp| {
        let server = app.place.database.host().to_owned();
        let direct = app.place.database.at(&server);
        let proxy = Proxy::before(&server).await;
        app.move_to(app.place.database.at(&proxy.host())).await;
        let file = json!({"scenarios": [stopped(&Value::Null)]});
        app.caller.post("/v1/simulate", &file).await.expect(200);
        proxy.cut();
        tokio::time::sleep(consent_api::limits::KEY_BELIEVED).await;
        app.caller.post("/v1/simulate", &file).await.expect(503);
        proxy.mend();
        app.move_to(direct).await;
    });
}
