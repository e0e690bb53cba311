use std::os::unix::fs::PermissionsExt;

use std::time::Duration;

use secrecy::ExposeSecret;

use super::*;

fn load(text: &str) -> (tempfile::TempDir, Result<Config, ConfigError>) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("consentd.toml");
    fs::write(&path, text).unwrap();
    let config = Config::load(Some(&path));
    (directory, config)
}

#[test]
fn the_default_file_is_a_whole_configuration() {
    let (_directory, config) = load("");
    let config = config.unwrap();
    assert_eq!(config.server.listen, "127.0.0.1:8080");
    assert_eq!(config.server.public_url, "http://127.0.0.1:8080");
    assert_eq!(config.check.deadline(), Duration::from_millis(250));
}

#[test]
fn unknown_keys_and_bad_values_are_refused() {
    for text in [
        "[server]\nlisten_on = \"x\"",
        "[colour]\nred = 1",
        "[server]\nworkers = \"many\"",
        "[server]\ntls_key = \"x\"",
        "[ledger]\norigin = \"a b\"",
        "[ledger]\nbatch = 0",
        "[ledger]\nbatch = 8193",
        "[ledger]\nbatch = -1",
        "[ledger]\nbatch_wait_ms = 1001",
        "[ledger]\nbatch_wait_ms = \"long\"",
        "[[gateway]]\naccount = \"a/b\"\nkind = \"twilio\"\nsecrets = [\"plain:x\"]",
        "[[gateway]]\naccount = \"a\"\nkind = \"twilio\"\nsecrets = [\"plain:x\"]\n[[gateway]]\naccount = \"a\"\nkind = \"twilio\"\nsecrets = [\"plain:x\"]",
        "not toml",
    ] {
        assert!(load(text).1.is_err(), "{text}");
    }
}

#[test]
fn how_much_is_committed_at_once_can_be_set_and_is_as_the_store_has_it_by_default() {
    use consent_store::{Settings, limits};
    assert_eq!(load("").1.unwrap().ledger.settings(), Ok(Settings::default()));
    let set = load("[ledger]\nbatch = 64\nbatch_wait_ms = 5").1.unwrap();
    let batch_wait = Duration::from_millis(5);
    assert_eq!(set.ledger.settings(), Ok(Settings { batch: 64, batch_wait }));
    let most = format!(
        "[ledger]\nbatch = {}\nbatch_wait_ms = {}",
        limits::BATCH_AT_MOST,
        limits::BATCH_WAIT_AT_MOST.as_millis()
    );
    assert!(load(&most).1.is_ok());
}

#[test]
fn relative_paths_lie_beside_the_file() {
    let (directory, config) = load("[database]\nurl = \"sqlite:here.db\"");
    let config = config.unwrap();
    assert_eq!(config.database_url().unwrap(), format!("sqlite:{}", directory.path().join("here.db").display()));
    assert_eq!(config.keys.directory, directory.path().join("consent-data/keys"));
}

#[test]
fn a_password_comes_from_its_file_and_is_shown_nowhere() {
    let directory = tempfile::tempdir().unwrap();
    let password = directory.path().join("password");
    fs::write(&password, "p@ss/word\n").unwrap();
    let text = format!("[database]\nurl = \"postgres://ledger@db/consent\"\npassword_file = {:?}", password.display());
    let (_directory, config) = load(&text);
    let config = config.unwrap();
    assert_eq!(config.database_url().unwrap(), "postgres://ledger:p%40ss%2Fword@db/consent");
    assert!(!format!("{config:?}").contains("ss/word"));
}

#[test]
fn secrets_come_from_files_that_only_their_owner_can_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    fs::write(&path, "12345\n").unwrap();
    let reference = format!("file:{}", path.display());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(secret(&reference).is_err());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(secret(&reference).unwrap().expose_secret(), "12345");
    assert!(secret("env:NO_SUCH_VARIABLE").is_err());
    let error = secret("hunter2").unwrap_err().to_string();
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn gateways_are_known_by_kind() {
    let gateway = "[[gateway]]\naccount = \"t\"\nkind = \"twilio\"\nsecrets = [\"plain:12345\"]";
    assert_eq!(load(gateway).1.unwrap().accounts().unwrap()[0].kind.name, "twilio");
    assert!(load(&gateway.replace("twilio", "carrier pigeon")).1.unwrap().accounts().is_err());
}

#[test]
fn settings_of_the_rules_can_be_changed_and_unknown_ones_are_refused() {
    let changed = load("[rules]\nstop_blocks_transactional_sms = false").1.unwrap();
    let rules = crate::server::rules_of(&changed).unwrap();
    assert!(!rules.settings().stop_blocks_transactional_sms);
    let unknown = load("[rules]\nstop_blocks_nothing = true").1.unwrap();
    assert!(crate::server::rules_of(&unknown).is_err());
}

#[test]
fn answers_to_texts_are_checked_for_what_they_must_say() {
    let confirmed = "[replies]\nprogram = \"INFI\"\nopted_out = \"INFI: no more messages.\"";
    assert!(load("").1.unwrap().replies.opted_out.is_empty());
    assert!(load(confirmed).1.is_ok());
    assert!(load(&confirmed.replace("no more messages", "goodbye")).1.unwrap_err().to_string().contains("opted_out"));
    assert!(load("[replies]\nhelp = \"INFI: help\"\ncolour = 1").1.is_err());
}

#[test]
fn only_a_gateway_that_publishes_its_keys_needs_no_secret() {
    let tenant = "settings = { tenant_id = \"t\", audience = \"a\" }";
    for (kind, rest, wrong) in [
        ("twilio", "secrets = [\"plain:x\"]", None),
        ("twilio", "", Some("has no secrets")),
        ("twilio", "secrets = []", Some("has no secrets")),
        ("aws_sns", "secrets = []", Some("has no secrets")),
        ("azure_event_grid", "", Some("has no secrets")),
        ("azure_event_grid", "settings = { auth = \"entra\" }", Some("tenant_id")),
        ("azure_event_grid", tenant, None),
    ] {
        let (_directory, config) = load(&format!("[[gateway]]\naccount = \"main\"\nkind = \"{kind}\"\n{rest}"));
        let found = config.unwrap().accounts().err().map(|error| error.to_string());
        assert_eq!(found.is_some(), wrong.is_some(), "{kind} {rest} {found:?}");
        assert!(found.unwrap_or_default().contains(wrong.unwrap_or_default()), "{kind} {rest}");
    }
}

#[test]
fn the_default_file_says_for_every_kind_of_gateway_what_it_asks_for() {
    for gateway in gateways::GATEWAYS {
        assert!(DEFAULT.contains(&format!("\n# {} ", gateway.name)), "{}", gateway.name);
    }
}
