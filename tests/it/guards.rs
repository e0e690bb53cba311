//! Proof that the guards can fail: each is shown what it is there to notice.

use consent_tests::app::{TestApp, runtime, tell};
use consent_tests::checker::Export;
use consent_tests::database::Kind;
use consent_tests::people::person;
use consent_tests::place::{Place, Setup};
use consent_tests::stories;

#[test]
#[should_panic(expected = "a story must end with TestApp::end")]
fn a_story_that_forgets_to_verify_its_ledger_fails() {
    runtime().block_on(async { drop(TestApp::start(Place::create(Kind::Sqlite).await, Setup::default()).await) });
}

#[test]
#[should_panic(expected = "openapi.yaml does not declare [\"POST /v1/check 418\"]")]
fn a_story_with_an_answer_that_is_not_declared_fails() {
    tell(Kind::Sqlite, async |app: &mut TestApp| app.caller.seen().note("POST", "/v1/check", 418));
}

#[test]
#[should_panic(expected = "the leaf hash is not that of the entry")]
fn a_story_that_damages_its_ledger_fails() {
    tell(Kind::Sqlite, async |app: &mut TestApp| {
        let mut raw = app.raw().await;
        raw.drop_guards().await;
        raw.run("UPDATE entries SET leaf = zeroblob(32)").await.unwrap();
    });
}

#[test]
#[should_panic(expected = "Ok(Summary")]
fn a_story_that_only_says_it_damages_its_ledger_fails() {
    tell(Kind::Sqlite, async |app: &mut TestApp| app.expect_damage("entry 0"));
}

/// Ways to alter an export, line by line.
type Alteration = (&'static str, fn(&mut Vec<String>));

const ALTERATIONS: &[Alteration] = &[
    ("a line is left out", |lines| drop(lines.remove(1))),
    ("the first line is left out", |lines| drop(lines.remove(0))),
    ("the manifest is left out", |lines| drop(lines.pop())),
    ("two lines change places", |lines| lines.swap(1, 2)),
    ("a line stands twice", |lines| lines.insert(1, lines[1].clone())),
    ("a text is altered", |lines| lines[2] = lines[2].replace("STOP", "stop")),
    ("a text is taken away", |lines| {
        let (entry, _) = lines[2].split_once(",\"opening\":").unwrap();
        lines[2] = format!("{entry},\"opening\":null}}");
    }),
    ("a line is added behind the end", |lines| lines.push(lines[0].clone())),
    ("another size is claimed", |lines| {
        let last = lines.len() - 1;
        lines[last] = lines[last].replacen("\"size\":", "\"size\":1", 1);
    }),
];

stories! {
    async fn an_altered_export_is_noticed_by_whoever_verifies_it(app) {
        app.record(&person(1).grant()).await.expect(201);
        app.receive(&app.carrier().text(&person(1).phone, "STOP")).await;
        let answer = app.caller.get("/v1/export").await.expect(200);
        let lines: Vec<String> = answer.text().lines().map(ToOwned::to_owned).collect();
        assert!(lines[2].contains("STOP"));
        Export::read(&lines.join("\n"), Some(app.verifier())).unwrap();
        for (what, alter) in ALTERATIONS {
            let mut altered = lines.clone();
            alter(&mut altered);
            assert_ne!(altered, lines, "{what}");
            assert!(Export::read(&altered.join("\n"), Some(app.verifier())).is_err(), "{what}");
        }
    }
}
