//! `consentd apikeys`: callers' keys. They work beside a running server, which follows within a second.

use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;
use consent_store::{ApiKey, Ledger};
use serde::Serialize;
use serde_json::json;

use super::{Context, Outcome, local, words};
use crate::{auth, clock};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a key; it is shown once
    Create {
        /// Who will use it, such as crm; events it records carry this name
        name: String,
        /// What it may do; may be given more than once
        #[arg(long = "scope", value_name = "SCOPE", required = true,
            value_parser = clap::builder::PossibleValuesParser::new(auth::SCOPES))]
        scopes: Vec<String>,
        /// When it ends by itself, such as 30m, 12h, 90d or 1y
        #[arg(long, value_name = "DURATION", value_parser = words::duration)]
        expires: Option<TimeDelta>,
    },
    /// List all keys, never their secrets
    List,
    /// End a key; running servers refuse it within a second
    Revoke {
        /// Id of the key, the part between the underscores
        id: String,
    },
}

pub(super) async fn run(command: Command, context: &Context) -> anyhow::Result<Outcome> {
    local::start_logging()?;
    let ledger = local::open(&context.config()?).await?;
    match command {
        Command::Create { name, scopes, expires } => {
            let expires_at = expires.map(|lifetime| clock::now() + lifetime);
            let made = create(&ledger, &name, &scopes, expires_at).await?;
            context.output.result(&made, || made.text())?;
            Ok(Outcome::Yes)
        }
        Command::List => list(&ledger, context).await,
        Command::Revoke { id } => revoke(&ledger, &id, context).await,
    }
}

/// A key that was just made: the only time it is shown.
#[derive(Serialize)]
pub(super) struct Made {
    id: String,
    key: String,
    name: String,
    scopes: Vec<String>,
    expires_at: Option<DateTime<Utc>>,
}

impl Made {
    /// The key itself.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn text(&self) -> String {
        let end = self.expires_at.map_or_else(|| "never".to_owned(), words::time);
        format!(
            "{}\n\n  name     {}\n  id       {}\n  scopes   {}\n  expires  {end}\n\n\
             It is not kept and will not be shown again. Use it as `Authorization: Bearer KEY`.",
            self.key,
            self.name,
            self.id,
            self.scopes.join(" "),
        )
    }
}

/// Makes a key and keeps its hash.
pub(super) async fn create(
    ledger: &Ledger,
    name: &str,
    scopes: &[String],
    expires_at: Option<DateTime<Utc>>,
) -> anyhow::Result<Made> {
    let (key, hash, text) = auth::make_key(name, scopes, expires_at)?;
    ledger.add_api_key(&key, hash).await?;
    Ok(Made { id: key.id, key: text, name: key.name, scopes: key.scopes, expires_at })
}

async fn list(ledger: &Ledger, context: &Context) -> anyhow::Result<Outcome> {
    let keys = ledger.api_keys().await?;
    if !context.output.is_json() {
        context.output.text(format_args!("{:14}{:18}{:9}{:22}SCOPES", "ID", "NAME", "STATE", "EXPIRES"))?;
    }
    for key in keys {
        let value = json!({
            "id": key.id, "name": key.name, "scopes": key.scopes, "created_at": key.created_at,
            "expires_at": key.expires_at, "revoked_at": key.revoked_at,
        });
        context.output.result(&value, || row(&key))?;
    }
    Ok(Outcome::Yes)
}

fn row(key: &ApiKey) -> String {
    let state = match (key.revoked_at, key.is_valid(clock::now())) {
        (Some(_), _) => "revoked",
        (None, false) => "expired",
        (None, true) => "valid",
    };
    let second = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let end = key.expires_at.map_or_else(|| "never".to_owned(), second);
    format!("{:14}{:18}{state:9}{end:22}{}", key.id, key.name, key.scopes.join(" "))
}

async fn revoke(ledger: &Ledger, id: &str, context: &Context) -> anyhow::Result<Outcome> {
    let revoked = ledger.revoke_api_key(id, clock::now()).await?;
    context.output.result(&json!({"id": id, "revoked": revoked}), || match revoked {
        true => format!("The key {id} no longer works."),
        false => format!("There is no working key with the id {id}."),
    })?;
    Ok(if revoked { Outcome::Yes } else { Outcome::No })
}
