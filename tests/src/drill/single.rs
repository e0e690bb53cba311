//! One server in a process of its own, on either database, for drills about load.

use std::path::{Path, PathBuf};
use std::process::Command;

use consent_api::{auth, server};
use consent_core::checkpoint::Verifier;
use serde_json::{Value, json};

use super::line::{Line, request};
use crate::caller::Ask;
use crate::carrier::Carrier;
use crate::database::Kind;
use crate::people::person;
use crate::place::{self, Place, Setup};
use crate::process::Process;

/// Events in one request of an import.
const IMPORTED_AT_ONCE: u32 = 500;

/// A server with its place.
pub struct Single {
    /// The process.
    pub process: Process,
    /// The key of a caller who may do everything.
    pub key: String,
    program: PathBuf,
    place: Place,
    config: PathBuf,
    verifier: Verifier,
}

impl Single {
    /// A server with a new ledger, in which so many people have agreed.
    pub async fn start(program: &Path, kind: Kind, people: u32) -> Self {
        let (place, setup) = (Place::create(kind).await, Setup { log: "warn", ..Setup::default() });
        let ledger = server::prepare(&place.config(&setup)).await.unwrap();
        let (key, hash, text) = auth::make_key("drill", &["admin".to_owned()], None).unwrap();
        ledger.add_api_key(&key, hash).await.unwrap();
        let signing = ledger.vault().keys().signing().verifying_key();
        let verifier = Verifier { name: place::ORIGIN.to_owned(), key: signing };
        drop(ledger);
        let config = place.write(&setup);
        let process = Process::start(program, &config, &place.path().join("log"));
        let single = Self { process, key: text, program: program.to_owned(), place, config, verifier };
        single.import(0, people).await;
        single
    }

    /// Records the consents of these people.
    pub async fn import(&self, from: u32, to: u32) {
        let mut line = Line::to(&self.process.base);
        for at in (from..to).step_by(IMPORTED_AT_ONCE as usize) {
            let sent = import(&self.key, at, to.min(at + IMPORTED_AT_ONCE));
            let (status, body) = line.send(&sent).await.unwrap();
            assert!(status == 200 && !contains(body, b"\"error\""), "{status} {}", String::from_utf8_lossy(body));
        }
    }

    /// The carrier whose messages it believes.
    pub fn carrier(&self) -> &Carrier {
        &self.place.carrier
    }

    /// The key under which the ledger's checkpoints are signed.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Ends it, and checks every byte of its ledger with the program, as an operator would; returns what it printed.
    pub async fn end(self) -> Result<String, String> {
        self.process.kill();
        let mut verify = Command::new(&self.program);
        let output = verify.env_clear().arg("verify").arg("--config").arg(&self.config).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).trim().to_owned();
        self.place.database.remove().await;
        if output.status.success() { Ok(said) } else { Err(said) }
    }
}

/// The request that records the consents of these people.
pub fn import(key: &str, from: u32, to: u32) -> Vec<u8> {
    let events: Vec<Value> = (from..to).map(|n| person(n).grant()).collect();
    request("/v1/events", Some(key), &Ask::json(&json!({"events": events})))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
