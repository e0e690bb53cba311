//! `consentd demo`: a server with sample people and a sample gateway, and what happens when somebody texts STOP.

mod carrier;
mod people;
mod place;
mod tale;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use consent_query::decision::Decision;
use consent_query::reason::{Answer, Reason};
use consent_store::Summary;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::apikeys;
use super::{Context, Outcome, local};
use crate::client::Client;
use crate::routes::{HistoryQuestion, QuestionBody};
use crate::server::{Server, Service};
use place::Place;

#[derive(Args)]
pub(super) struct Arguments {
    /// An empty folder to keep the sample ledger in [default: a temporary one, removed at the end]
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// End after the show rather than serving on
    #[arg(long)]
    once: bool,
}

/// What happened.
struct Show {
    before: Decision,
    forged: u16,
    answer: u16,
    after: Decision,
    history: Value,
    verified: Summary,
}

impl Show {
    /// Whether the product did what it is for.
    fn is_good(&self) -> bool {
        self.before.decision == Answer::Allow
            && self.after.decision == Answer::Deny
            && self.after.reason == Reason::OptedOutChannel
            && self.forged == 401
            && (200..300).contains(&self.answer)
    }

    fn value(&self, place: &Place, key: &str) -> Value {
        json!({
            "ok": self.is_good(), "url": place.url, "ops_url": place.ops_url, "key": key,
            "directory": place.directory().display().to_string(), "before": self.before, "after": self.after,
            "forged_webhook_status": self.forged, "webhook_status": self.answer,
            "history": self.history["events"], "entries_verified": self.verified.entries,
        })
    }
}

pub(super) async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    local::start_logging()?;
    let place = Place::make(arguments.directory)?;
    let server = Server::build(place.config()?).await?;
    let service = server.service();
    let scopes = ["check", "events:write", "history:read", "export"].map(ToOwned::to_owned);
    let made = apikeys::create(&service.ledger, "demo", &scopes, None).await?;
    place.keep_key(made.key())?;
    let (end, ended) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.run_until(async {
        // The sender is dropped without a word when the server should serve on.
        if ended.await.is_err() {
            std::future::pending::<()>().await;
        }
    }));
    let show = play(&place, made.key(), &service).await?;
    context.output.result(&show.value(&place, made.key()), || tale::tell(&show, &place, made.key(), arguments.once))?;
    if arguments.once {
        // The server may have ended by itself, by a signal.
        let _ = end.send(());
    } else {
        drop(end);
    }
    serving.await.context("the server failed")??;
    Ok(if show.is_good() { Outcome::Yes } else { Outcome::No })
}

/// Plays the scene over HTTP, as an application and a carrier would.
async fn play(place: &Place, key: &str, service: &Service) -> anyhow::Result<Show> {
    let client = Client::new(&place.url, SecretString::from(key.to_owned()))?;
    for event in people::events() {
        client.record(&event, None).await?;
    }
    let question = QuestionBody {
        phone: Some(people::ANA.to_owned()),
        channel: "sms".to_owned(),
        purpose: people::PURPOSE.to_owned(),
        ..QuestionBody::default()
    };
    let before = client.check(&question).await?;
    let forged = carrier::text(place, "not the token", people::ANA, "STOP").await?;
    let answer = carrier::text(place, place.token(), people::ANA, "STOP").await?;
    let after = client.check(&question).await?;
    let asked = HistoryQuestion { phone: Some(people::ANA.to_owned()), ..HistoryQuestion::default() };
    let history = client.history(&asked).await?;
    service.notary.sign().await?;
    let verified = service.ledger.verify(&service.notary.verifier()).await?;
    Ok(Show { before, forged, answer, after, history, verified })
}
