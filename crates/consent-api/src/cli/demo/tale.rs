//! The demo's story, told to a person at a terminal.

use consent_query::decision::Decision;
use consent_query::reason::Answer;
use serde_json::Value;

use super::place::{ACCOUNT, Place};
use super::{Show, people};
use crate::cli::words;

/// The whole story, and what to try next.
pub(super) fn tell(show: &Show, place: &Place, key: &str, once: bool) -> String {
    let cast: String =
        people::CAST.iter().map(|(name, address, about)| format!("    {name:6}{address:18}{about}\n")).collect();
    let events = show.history["events"].as_array().cloned().unwrap_or_default();
    let history: String = events.iter().map(row).collect();
    let story = format!(
        "Consent ledger: a first look\n\n\
         A server runs on {} with a ledger of its own and four people in it:\n\n{cast}\n\
         1  May we text Ana about her order?\n\n{}\n\
         2  Somebody pretends to be the gateway and sends STOP in her name, without the right signature.\n\n    \
         HTTP {}: refused, nothing changed\n\n\
         3  Ana texts STOP. The gateway signs the message and posts it to /v1/webhooks/{ACCOUNT}.\n\n    \
         HTTP {}: recorded for good before it was acknowledged\n\n\
         4  May we text Ana about her order now?\n\n{}\n\
         5  What is recorded about her, newest first\n\n{history}\n\
         6  Is the ledger whole?\n\n    \
         Yes: {}, {} and {} were checked against each other.\n",
        place.url,
        answer(&show.before),
        show.forged,
        show.answer,
        answer(&show.after),
        words::count(show.verified.entries, "entry"),
        words::count(show.verified.openings, "opening"),
        words::count(show.verified.checkpoints, "signed checkpoint"),
    );
    let verdict = if show.is_good() { "" } else { "\nThis is NOT what should have happened.\n" };
    let next = if once { String::new() } else { next(place, key) };
    format!("{story}{verdict}{next}")
}

fn answer(decision: &Decision) -> String {
    let answer = if decision.decision == Answer::Allow { "ALLOW" } else { "DENY" };
    let relied: Vec<_> = decision.relied_on.iter().map(|cited| format!("entry {}", cited.seq)).collect();
    format!(
        "    {answer}  {}: {}\n    rests on {} under {}\n",
        decision.reason,
        decision.reason.words(),
        relied.join(" and "),
        decision.rule.source,
    )
}

fn row(event: &Value) -> String {
    let text = |name: &str| words::value(&event[name]);
    let said = if event["body"].is_string() { format!("{:?}", text("body")) } else { String::new() };
    let said = if event["level"].is_string() { format!("{} for {}", text("level"), text("purposes")) } else { said };
    let row = format!("    {:>3}  {}  {:20}{said}", event["seq"], text("received_at"), text("type"));
    format!("{}\n", row.trim_end())
}

fn next(place: &Place, key: &str) -> String {
    let (url, ops, ana, purpose) = (&place.url, &place.ops_url, people::ANA, people::PURPOSE);
    let (config, key_file, directory) = (place.config_file(), place.key_file(), place.directory());
    let consentd = program();
    let (config, key_file, directory) = (config.display(), key_file.display(), directory.display());
    format!(
        "\nNow you, in another terminal\n\n  \
         # ask over HTTP\n  \
         curl -s {url}/v1/check -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\\n    \
         -d '{{\"phone\":\"{ana}\",\"channel\":\"sms\",\"purpose\":\"{purpose}\"}}'\n\n  \
         # ask from a shell; exit code 1 is a deny\n  \
         {consentd} check --url {url} --key-file {key_file} --phone {ana} --channel sms --purpose {purpose} --explain\n\n  \
         # may Eva get an offer by e-mail? may Ben get one by text?\n  \
         {consentd} check --url {url} --key-file {key_file} --email eva@example.com --channel email --purpose special_offers\n  \
         {consentd} check --url {url} --key-file {key_file} --phone +12025550145 --channel sms --purpose special_offers\n\n  \
         # record something, read a history\n  \
         {consentd} record --url {url} --key-file {key_file} '{{\"type\":\"do_not_call_request\",\"phone\":\"+15145550167\"}}'\n  \
         {consentd} history --url {url} --key-file {key_file} --phone {ana}\n\n  \
         # export the ledger and prove it, offline and without trusting us\n  \
         {consentd} export --url {url} --key-file {key_file} --output demo.ndjson\n  \
         curl -s {url}/log/key > demo.verifier\n  \
         {consentd} verify demo.ndjson --key demo.verifier\n\n  \
         # the ledger in its database; everything else\n  \
         {consentd} verify --config {config}\n  \
         {consentd} doctor --config {config}\n  \
         curl -s {ops}/readyz\n\n\
         Everything is in {directory}.\n\
         Serving until Ctrl-C."
    )
}

/// How this program was called, so that the commands can be copied.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "consentd".to_owned())
}
