//! `consentd serve`: the server.

use serde_json::json;

use super::{Context, Outcome};
use crate::server::Server;
use crate::telemetry;

pub(super) async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let config = context.config()?;
    telemetry::start_logging(&config.log.level)?;
    let server = Server::build(config).await?;
    if context.output.is_json() {
        let (listen, ops_listen) = server.addresses()?;
        context.output.json(&json!({"listen": listen, "ops_listen": ops_listen}))?;
    }
    server.run().await?;
    Ok(Outcome::Yes)
}
