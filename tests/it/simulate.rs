//! Questions about made-up histories, at the command line and over HTTP: the same answers, and no ledger touched.

mod route;
mod rules_files;
mod shapes;

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use consent_tests::people::person;
use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_consentd-under-test");

/// The scenarios that everybody may read.
const PUBLIC: &str = include_str!("../../crates/consent-query/fixtures/public.json");

/// The rules that are compiled in.
const RULES: &str = include_str!("../../crates/consent-query/rules.toml");

/// A command that has ended.
struct Ended {
    code: i32,
    /// Standard output.
    out: String,
    /// Standard error.
    err: String,
}

impl Ended {
    fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The command, if it ended so.
    #[track_caller]
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }
}

/// An empty folder in which commands run.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), bytes).unwrap();
    }

    /// The names of everything in the folder.
    fn files(&self) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    fn run(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(self.0.path()).env_clear();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that ends without reading leaves a broken pipe, which is no fault.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let ended = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: ended.status.code().unwrap(), out: text(ended.stdout), err: text(ended.stderr) }
    }

    /// Simulates a file that comes on standard input.
    fn simulate(&self, file: &Value, arguments: &[&str]) -> Ended {
        self.run(&[&["simulate", "-"], arguments].concat(), &file.to_string())
    }
}

/// A written consent, a STOP, and a question about a service text, with what should come out of it.
fn stopped(expect: &Value) -> Value {
    let grant = person(1).grant();
    let mut stop = person(1).text("STOP");
    stop["at"] = json!("2026-02-01T15:00:00Z");
    json!({
        "name": "stopped", "events": [grant, stop], "expect": expect,
        "query": {"at": "2026-02-02T17:00:00Z", "subject": "crm:1", "channel": "sms", "purpose": "transactional"},
    })
}

/// Files that cannot be read as a whole, and the pointer to what is wrong with them.
fn unreadable() -> Vec<(&'static str, &'static str)> {
    vec![
        ("", ""),
        ("[]", ""),
        ("{\"scenarios\": [}", ""),
        ("{\"scenarios\": 1}", "/scenarios"),
        ("{\"deadlines\": {}}", "/deadlines"),
        ("{\"scenario\": []}", ""),
        ("{}", ""),
    ]
}

/// Files with one good scenario and one that cannot be read, and the pointer to what is wrong with that.
fn half_readable() -> Vec<(Value, &'static str)> {
    let good = stopped(&json!({"decision": "deny", "reason": "OPTED_OUT_CHANNEL"}));
    let with = |field: &str, value: Value| {
        let mut scenario = good.clone();
        scenario[field] = value;
        json!({"scenarios": [scenario, good]})
    };
    vec![
        (with("colour", json!("red")), "/scenarios/0/colour"),
        (with("events", json!([{"type": "wombat", "at": "2026-01-01T00:00:00Z"}])), "/scenarios/0/events/0/type"),
        (with("query", json!({})), "/scenarios/0/query/at"),
        (with("config", json!({"colour": "red"})), "/scenarios/0/config"),
        (json!({"scenarios": [good], "deadlines": [{"name": "d", "kind": "wombat"}]}), "/deadlines/0/kind"),
    ]
}

#[test]
fn the_public_scenarios_pass_where_there_is_no_ledger_and_none_is_made() {
    let (desk, public) = (Desk::new(), serde_json::from_str::<Value>(PUBLIC).unwrap());
    desk.write("public.json", PUBLIC);
    let named = |name: &str| public[name].as_array().unwrap().iter().map(|item| item["name"].clone());
    let expected: Vec<Value> = named("scenarios").chain(named("deadlines")).collect();
    for arguments in [&["simulate", "public.json"][..], &["simulate", "-"], &["simulate", "public.json", "--json"]] {
        let ended = desk.run(arguments, PUBLIC).expect(0);
        let lines = ended.lines();
        assert_eq!(lines.iter().map(|line| line["name"].clone()).collect::<Vec<_>>(), expected);
        assert!(lines.iter().all(|line| line["pass"] == true));
        assert_eq!(ended.err, format!("{} passed, 0 failed, 0 without expectation\n", expected.len()));
        assert_eq!(desk.files(), ["public.json"], "something was made");
    }
}

#[test]
fn an_unmet_expectation_exits_1_and_none_at_all_exits_0() {
    let desk = Desk::new();
    let met = stopped(&json!({"decision": "deny", "reason": "OPTED_OUT_CHANNEL"}));
    let unmet = stopped(&json!({"decision": "allow"}));
    let open = stopped(&Value::Null);
    let ended = desk.simulate(&json!({"scenarios": [met, unmet, open]}), &[]).expect(1);
    let passes: Vec<Value> = ended.lines().iter().map(|line| line["pass"].clone()).collect();
    assert_eq!(passes, [json!(true), json!(false), Value::Null]);
    assert!(ended.lines().iter().all(|line| line["reason"] == "OPTED_OUT_CHANNEL"), "{}", ended.out);
    assert_eq!(ended.err, "1 passed, 1 failed, 1 without expectation\n");
    let deadline = |day: &str| {
        let received_at = "2026-03-02T00:00:00Z";
        json!({"deadlines": [
            {"name": "d", "kind": "gdpr_art12_3", "received_at": received_at, "expect_due_on": day},
        ]})
    };
    assert_eq!(desk.simulate(&deadline("2026-04-02"), &[]).expect(0).lines()[0]["due_on"], "2026-04-02");
    desk.simulate(&deadline("2026-04-03"), &[]).expect(1);
    desk.simulate(&json!({"scenarios": [open]}), &[]).expect(0);
}

#[test]
fn a_scenario_that_cannot_be_read_exits_1_and_the_others_are_answered() {
    let desk = Desk::new();
    for (file, pointer) in half_readable() {
        let ended = desk.simulate(&file, &[]).expect(1);
        let (bad, good): (Vec<Value>, Vec<Value>) = ended.lines().into_iter().partition(|line| line["pass"] == false);
        assert_eq!((bad.len(), good.len()), (1, 1), "{}", ended.out);
        assert_eq!(bad[0]["error"]["pointer"], pointer);
        assert_eq!(good[0]["reason"], "OPTED_OUT_CHANNEL");
    }
}

#[test]
fn a_file_that_cannot_be_read_as_a_whole_exits_2_and_names_the_place() {
    let desk = Desk::new();
    for (text, pointer) in unreadable() {
        let ended = desk.run(&["simulate", "-"], text).expect(2);
        assert!(ended.err.contains(&format!("-: {pointer}")) && ended.out.is_empty(), "{text}: {}", ended.err);
    }
    desk.write("latin.json", b"{\"\xe9\": 1}");
    for arguments in [&["simulate", "missing.json"][..], &["simulate", "latin.json"], &["simulate", "."]] {
        let ended = desk.run(arguments, "").expect(2);
        assert!(ended.err.contains(arguments[1]), "{}", ended.err);
    }
    desk.run(&["simulate"], "").expect(2);
}

#[test]
fn the_rules_of_the_configuration_answer_and_others_can_be_tried() {
    let desk = Desk::new();
    let file = json!({"scenarios": [stopped(&Value::Null)]});
    let answer = |arguments: &[&str]| {
        let line = desk.simulate(&file, arguments).expect(0).lines().remove(0);
        (line["reason"].as_str().unwrap().to_owned(), line["rule"]["version"].as_str().unwrap().to_owned())
    };
    let version = RULES.lines().find_map(|line| line.strip_prefix("version = ")).unwrap().trim_matches('"').to_owned();
    assert_eq!(answer(&[]), ("OPTED_OUT_CHANNEL".to_owned(), version.clone()));
    desk.write("lenient.toml", "[rules]\nstop_blocks_transactional_sms = false");
    assert_eq!(answer(&["--config", "lenient.toml"]), ("CONSENT_EXPRESS_WRITTEN".to_owned(), version.clone()));
    desk.write("other.toml", RULES.replacen(&version, "other", 1));
    desk.write("elsewhere.toml", "[rules]\nfile = \"other.toml\"");
    assert_eq!(answer(&["--config", "elsewhere.toml"]), ("OPTED_OUT_CHANNEL".to_owned(), "other".to_owned()));
    desk.write("tried.toml", RULES.replacen(&version, "tried", 1));
    for config in ["lenient.toml", "elsewhere.toml"] {
        let (reason, tried) = answer(&["--config", config, "--rules", "tried.toml"]);
        assert_eq!(tried, "tried", "{config}");
        assert_eq!(reason == "OPTED_OUT_CHANNEL", config == "elsewhere.toml", "the settings of {config} count");
    }
    // What a folder is configured with is found without being named.
    desk.write("consentd.toml", "[rules]\nstop_blocks_transactional_sms = false");
    assert_eq!(answer(&[]).0, "CONSENT_EXPRESS_WRITTEN");
}

#[test]
fn rules_that_cannot_be_used_exit_2_so_that_1_says_that_an_expectation_failed() {
    let desk = Desk::new();
    desk.write("bad.toml", RULES.replacen("max_ttl = \"PT15M\"", "max_ttl = \"PT9H\"", 1));
    desk.write("bad-file.toml", "[rules]\nfile = \"bad.toml\"");
    desk.write("bad-setting.toml", "[rules]\nstop_blocks_nothing = true");
    desk.write("bad-section.toml", "[colour]\nred = 1");
    for (arguments, said) in [
        (["--rules", "bad.toml"], "bad.toml: rules, line "),
        (["--rules", "missing.toml"], "missing.toml cannot be read"),
        (["--config", "bad-file.toml"], "bad.toml: rules, line "),
        (["--config", "bad-setting.toml"], "stop_blocks_nothing"),
        (["--config", "bad-section.toml"], "colour"),
        (["--config", "missing.toml"], "missing.toml"),
    ] {
        let ended = desk.simulate(&json!({"scenarios": [stopped(&Value::Null)]}), &arguments).expect(2);
        assert!(ended.err.contains(said) && ended.out.is_empty(), "{arguments:?}: {}", ended.err);
    }
}
