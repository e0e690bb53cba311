//! `consentd migrate`: brings the tables up to this version.

use anyhow::Context as _;
use serde_json::json;

use super::{Context, Outcome, local};
use crate::server;

pub(super) async fn run(context: &Context) -> anyhow::Result<Outcome> {
    local::start_logging()?;
    let config = context.config()?;
    server::make_folder(&config)?;
    let ran = server::open_ledger(&config).await?.migrate().await.context("the tables cannot be brought up to date")?;
    context.output.result(&json!({"ran": ran}), || match ran.as_slice() {
        [] => "Nothing to do: the tables are up to date.".to_owned(),
        ran => ran.iter().map(|name| format!("ran {name}\n")).collect(),
    })?;
    Ok(Outcome::Yes)
}
