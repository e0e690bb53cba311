//! The doors of the consent ledger: for carriers, apps, marketers and auditors.
//!
//! [`server::Server`] is built from a [`config::Config`] and run. Every route stands in [`routes`]; every gateway in
//! [`gateways`]. Events enter by one way, the [`intake::Intake`], which either has them in the ledger in time or keeps
//! them in the [`spool`]. The [`notary`] signs what was recorded. [`cli`] is the command line, the only binary.
//!
//! ```no_run
//! # async fn run() -> anyhow::Result<()> {
//! let config = consent_api::config::Config::load(None)?;
//! consent_api::server::Server::build(config).await?.run().await
//! # }
//! ```
//!
//! What this crate does not do: it decides nothing (`consent-query` does), keeps nothing (`consent-store` does), and
//! does not say what events mean (`consent-core` does).

pub mod auth;
mod body;
pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod error;
pub mod gateways;
pub mod intake;
pub mod limits;
pub mod missed;
pub mod notary;
mod outgoing;
pub mod published;
pub mod refused;
pub mod replies;
pub mod reviews;
pub mod routes;
pub mod scrub;
pub mod server;
pub mod spool;
pub mod telemetry;
mod tls;
mod watch;

/// The OpenAPI document, as it is committed. A test compares it with the routes.
pub const OPENAPI: &str = include_str!("../../../openapi.yaml");
