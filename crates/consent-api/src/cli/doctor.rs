//! `consentd doctor`: is everything as it should be? It changes nothing and works beside a running server.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use chrono::{Datelike, TimeDelta};
use consent_store::{Keyring, Ledger};
use reqwest::Url;
use serde::Serialize;
use serde_json::json;

use super::{Context, Outcome, failure, local, words};
use crate::config::Config;
use crate::gateways::Account;
use crate::notary::NotaryError;
use crate::{clock, limits, outgoing, server, tls};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Warn,
    Fail,
}

#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    status: Status,
    detail: String,
}

fn check(name: &'static str, status: Status, detail: impl Into<String>) -> Check {
    Check { name, status, detail: detail.into() }
}

/// A check that is as good as its result.
fn judged<E: Into<anyhow::Error>>(name: &'static str, result: Result<String, E>) -> Check {
    match result {
        Ok(detail) => check(name, Status::Ok, detail),
        Err(error) => {
            let error = error.into();
            let hint = failure::hint(&error).map_or(String::new(), |hint| format!("; {hint}"));
            check(name, Status::Fail, format!("{}{hint}", failure::sentence(&error)))
        }
    }
}

pub(super) async fn run(context: &Context) -> anyhow::Result<Outcome> {
    // What is wrong stands in the checks; the log would say it twice.
    crate::telemetry::start_logging("off")?;
    let checks = match context.config() {
        Ok(config) => examine(&config).await,
        Err(error) => vec![judged("configuration", Err(error))],
    };
    let ok = checks.iter().all(|check| check.status != Status::Fail);
    context.output.result(&json!({"ok": ok, "checks": checks}), || text(&checks))?;
    Ok(if ok { Outcome::Yes } else { Outcome::No })
}

fn text(checks: &[Check]) -> String {
    let row = |check: &Check| {
        let status = match check.status {
            Status::Ok => "ok",
            Status::Warn => "warn",
            Status::Fail => "FAIL",
        };
        format!("{status:6}{:15}{}\n", check.name, check.detail.replace('\n', " "))
    };
    let number = |status| checks.iter().filter(|check| check.status == status).count();
    let verdict = match (number(Status::Fail), number(Status::Warn)) {
        (0, 0) => "Everything is in order.".to_owned(),
        (0, warnings) => format!("It works, with {}.", words::count(warnings, "warning")),
        (failures, _) => format!("{} to mend.", words::count(failures, "failure")),
    };
    format!("{}\n{verdict}", checks.iter().map(row).collect::<String>())
}

async fn examine(config: &Config) -> Vec<Check> {
    let mut checks = vec![configuration(config), rules(config), keys(&config.keys.directory)];
    let looking = tokio::time::timeout(limits::DOCTOR, ledger(config));
    let silent = |_| vec![check("database", Status::Fail, "it does not answer in time")];
    checks.extend(looking.await.unwrap_or_else(silent));
    checks.push(spool(&config.spool.directory));
    checks.push(refused(&config.spool.directory.join("refused")));
    checks.push(address(&config.server.public_url, config.gateway.is_empty()));
    checks.extend(gateways(config));
    checks
}

fn configuration(config: &Config) -> Check {
    judged("configuration", tls::of(&config.server).map(|_| format!("listens on {}", config.server.listen)))
}

fn rules(config: &Config) -> Check {
    judged("rules", server::rules_of(config).map(|rules| format!("version {}", rules.version())))
}

fn keys(directory: &Path) -> Check {
    match Keyring::load(directory) {
        Err(error) => judged("keys", Err(error)),
        Ok(keys) => match open_to_others(directory) {
            Some(mode) => check(
                "keys",
                Status::Warn,
                format!("others can list {} (mode {mode:03o}); run chmod 700", directory.display()),
            ),
            None => check(
                "keys",
                Status::Ok,
                format!("{} in {}", words::count(keys.list().len(), "key"), directory.display()),
            ),
        },
    }
}

/// The permissions of a directory, if others have any.
fn open_to_others(directory: &Path) -> Option<u32> {
    let mode = fs::metadata(directory).ok()?.mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Everything that needs the database.
async fn ledger(config: &Config) -> Vec<Check> {
    let ledger = match local::open(config).await {
        Ok(ledger) => ledger,
        Err(error) => return vec![judged("database", Err(error))],
    };
    let head = match ledger.head().await {
        Ok(head) => head,
        Err(error) => return vec![judged("database", Err(error))],
    };
    let settings = match ledger.unsafe_settings().await {
        Ok(wrong) if wrong.is_empty() => {
            check("database", Status::Ok, format!("reachable, {}", words::count(head.size, "entry")))
        }
        Ok(wrong) => check("database", Status::Fail, format!("could lose what it acknowledged: {}", wrong.join(", "))),
        Err(error) => judged("database", Err(error)),
    };
    vec![settings, clock_against(head.received_at), anchor(&ledger, config).await]
}

/// A clock that went backwards would give new entries old times.
fn clock_against(last: chrono::DateTime<chrono::Utc>) -> Check {
    let now = clock::now();
    let shown = words::time(now);
    if now.year() < 2026 {
        return check("clock", Status::Fail, format!("it says {shown}, which is before this program was made"));
    }
    if now < last - TimeDelta::minutes(5) {
        return check(
            "clock",
            Status::Fail,
            format!("it says {shown}, but the last entry is of {}", words::time(last)),
        );
    }
    check("clock", Status::Ok, shown)
}

async fn anchor(ledger: &Ledger, config: &Config) -> Check {
    let place = config.ledger.anchor.display();
    match local::notary(ledger, config).check_past().await {
        Ok(()) if config.ledger.anchor.exists() => check("checkpoint", Status::Ok, format!("{place} is contained")),
        Ok(()) => check("checkpoint", Status::Ok, format!("{place} is not there yet; the server writes it")),
        Err(error @ NotaryError::Backwards(_)) => {
            check("checkpoint", Status::Fail, format!("{error}: the database is older than {place}; checks are denied"))
        }
        Err(error) => judged("checkpoint", Err(error)),
    }
}

fn spool(directory: &Path) -> Check {
    if !directory.exists() {
        return check("spool", Status::Ok, format!("{} is not there yet; the server makes it", directory.display()));
    }
    let counted = fs::read_dir(directory).and_then(|files| {
        let names: Vec<_> = files.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>()?;
        let number = |ending: &str| names.iter().filter(|name| name.extension().is_some_and(|e| e == ending)).count();
        // Not the name by which the server probes, so that the two cannot meet.
        let probe = directory.join("doctor.tmp");
        fs::write(&probe, b"probe")?;
        fs::remove_file(probe)?;
        Ok((number("rec"), number("bad")))
    });
    match counted {
        Err(error) => check("spool", Status::Fail, format!("{}: {error}", directory.display())),
        Ok((0, 0)) => check("spool", Status::Ok, format!("{} is writable and empty", directory.display())),
        Ok((waiting, 0)) => {
            let waiting = words::count(waiting, "record");
            check("spool", Status::Warn, format!("{waiting} wait; a running server records them"))
        }
        Ok((_, bad)) => {
            let bad = words::count(bad, "record");
            check("spool", Status::Warn, format!("{bad} could not be read and were set aside as .bad"))
        }
    }
}

/// Anybody can have a request refused; but those of a gateway whose key we lack are among them.
fn refused(directory: &Path) -> Check {
    let files = |directory: &Path| -> Vec<_> { fs::read_dir(directory).into_iter().flatten().flatten().collect() };
    let rings = files(directory).into_iter().flat_map(|account| files(&account.path()));
    let number: usize = rings.map(|ring| files(&ring.path()).len()).sum();
    let kept = words::count(number, "webhook");
    check("refused", Status::Ok, format!("{kept} with a wrong signature kept; each start tries them again"))
}

/// Gateways sign the address they call; over plain HTTP everybody on the way could read what they say.
fn address(public_url: &str, no_gateways: bool) -> Check {
    let Ok(url) = Url::parse(public_url) else {
        return check("public_url", Status::Fail, format!("{public_url:?} is not a URL"));
    };
    match (url.scheme(), crate::client::is_loopback(&url)) {
        ("https", _) => check("public_url", Status::Ok, public_url),
        (_, true) if no_gateways => check("public_url", Status::Ok, public_url),
        (_, true) => check(
            "public_url",
            Status::Warn,
            format!("{public_url}: set it to the address entered at the gateway, or signatures will not match"),
        ),
        _ => check("public_url", Status::Warn, format!("{public_url} is not https")),
    }
}

fn gateways(config: &Config) -> Vec<Check> {
    let accounts: Vec<Account> = match config.accounts() {
        Ok(accounts) if accounts.is_empty() => {
            return vec![check(
                "gateways",
                Status::Ok,
                "none is configured; add a [[gateway]] to receive opt-outs by text",
            )];
        }
        Ok(accounts) => accounts,
        Err(error) => return vec![judged("gateways", Err(error))],
    };
    let state = |account: &Account| match (account.kind.weak)(account) {
        Some(weakness) => check("gateway", Status::Warn, format!("{}: {weakness}", account.name)),
        None => check("gateway", Status::Ok, format!("{} ({})", account.name, account.kind.name)),
    };
    let unable = |account: &Account| {
        let why = outgoing::unable(account, &config.replies)?;
        Some(check("outgoing", Status::Warn, format!("{}: {why}", account.name)))
    };
    accounts.iter().map(state).chain(accounts.iter().filter_map(unable)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_far_behind_the_ledger_is_a_failure() {
        let now = clock::now();
        assert_eq!(clock_against(now).status, Status::Ok);
        assert_eq!(clock_against(now + TimeDelta::minutes(4)).status, Status::Ok);
        assert_eq!(clock_against(now + TimeDelta::minutes(6)).status, Status::Fail);
    }

    #[test]
    fn the_public_address_is_https_or_this_machine() {
        for (url, no_gateways, expected) in [
            ("https://consent.example.com", false, Status::Ok),
            ("http://127.0.0.1:8080", true, Status::Ok),
            ("http://127.0.0.1:8080", false, Status::Warn),
            ("http://consent.example.com", true, Status::Warn),
            ("consent", true, Status::Fail),
        ] {
            assert_eq!(address(url, no_gateways).status, expected, "{url}");
        }
    }

    #[test]
    fn records_that_wait_in_the_spool_are_a_warning() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(spool(directory.path()).status, Status::Ok);
        fs::write(directory.path().join("1.rec"), "x").unwrap();
        assert_eq!(spool(directory.path()).status, Status::Warn);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
