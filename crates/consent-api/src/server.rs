//! The service: built from a configuration, then run.

mod memory;
mod opening;
mod readiness;
mod reconsidering;

use std::collections::BTreeMap;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, dev, web};
use anyhow::Context;
use consent_query::reader::Reader;
use consent_query::rules::Rules;
use consent_store::{Ledger, StoreError};
use tokio::sync::Semaphore;
use utoipa_actix_web::AppExt;

pub use memory::Held;
pub use opening::{make_folder, open_ledger, prepare, rules_of, system_clock};

use crate::auth::{KnownKeys, Shares};
use crate::config::Config;
use crate::gateways::Account;
use crate::intake::Intake;
use crate::missed::Lookout;
use crate::notary::{Notary, NotaryError};
use crate::outgoing::Outgoing;
use crate::published::Published;
use crate::refused::Refused;
use crate::spool::Spool;
use crate::telemetry::{Decided, Metrics};
use crate::watch::watch;
use crate::{limits, outgoing, routes, tls};

/// What every handler works with.
pub struct Service {
    /// The ledger.
    pub ledger: Ledger,
    /// The keys of callers.
    pub keys: KnownKeys,
    /// How much long work each has under way.
    pub shares: Shares,
    /// Answers questions.
    pub reader: Reader,
    /// What it answers from, if that is held in memory.
    pub memory: Option<Held>,
    /// The rules it goes by.
    pub rules: Arc<Rules>,
    /// Leave to answer made-up questions.
    pub simulations: Arc<Semaphore>,
    /// Leave to answer many questions at once.
    pub bulk: Arc<Semaphore>,
    /// Takes events in.
    pub intake: Intake,
    /// Signs checkpoints.
    pub notary: Notary,
    /// Accounts at gateways, by name.
    pub accounts: BTreeMap<String, Account>,
    /// What gateways publish to be checked with.
    pub published: Published,
    /// Notices opt-outs that never reached us.
    pub lookout: Lookout,
    /// Requests whose signature was not valid.
    pub refused: Refused,
    /// Time for a webhook to be committed.
    pub webhook_deadline: Duration,
    /// Time for an event to be committed.
    pub event_deadline: Duration,
    /// The metrics of the process.
    pub metrics: Metrics,
    /// Those of decisions.
    pub decided: Decided,
    /// The routes, as the OpenAPI document lists them.
    pub openapi: utoipa::openapi::OpenApi,
}

/// A service that is ready to run. Its listeners are bound, so that port 0 can be asked for its number.
pub struct Server {
    service: web::Data<Service>,
    spool: Spool,
    config: Config,
    listener: TcpListener,
    ops_listener: TcpListener,
    _lock: Option<File>,
}

impl Server {
    /// Builds the service and binds its listeners.
    pub async fn build(config: Config) -> anyhow::Result<Self> {
        let rules = Arc::new(rules_of(&config)?);
        consent_core::address::warm_up();
        let accounts = config.accounts()?;
        make_folder(&config)?;
        let lock = Ledger::lock(&config.database_url()?)?;
        let ledger = prepare(&config).await?;
        let spool = Spool::open(&config.spool.directory, ledger.clone())?;
        let notary = Notary::new(ledger.clone(), &config.ledger.origin, &config.ledger.anchor);
        match notary.check_past().await {
            Ok(()) => {}
            // Opt-outs must be taken all the same.
            Err(error @ (NotaryError::Backwards(_) | NotaryError::Store(StoreError::Corrupt { .. }))) => {
                tracing::error!(%error, "quarantine: checks are denied");
            }
            Err(error) => return Err(error.into()),
        }
        Outgoing::begin(&ledger).await?;
        for account in &accounts {
            if let Some(weakness) = (account.kind.weak)(account) {
                tracing::warn!(account = account.name, weakness, "this gateway's proof is weak");
            }
            if let Some(why) = outgoing::unable(account, &config.replies) {
                tracing::warn!(account = account.name, why, "this account cannot say what it should");
            }
        }
        let quarantined = {
            let notary = notary.clone();
            move || notary.is_quarantined()
        };
        let reader = Reader::new(ledger.clone(), Arc::clone(&rules), config.check.deadline(), quarantined);
        let memory = Held::open(&ledger, lock.is_some(), &config.index).await;
        let reader = memory.iter().fold(reader, |reader, held| reader.with_index(held.live.clone()));
        let intake = Intake::new(ledger.clone(), spool.clone());
        let service = Service {
            lookout: Lookout::new(&ledger, &reader, &intake, config.events.deadline()),
            keys: KnownKeys::new(ledger.clone()),
            shares: Shares::default(),
            reader,
            memory,
            rules,
            simulations: Arc::new(Semaphore::new(limits::SIMULATIONS)),
            bulk: Arc::new(Semaphore::new(limits::BULK)),
            intake,
            notary,
            refused: Refused::open(&config.spool.directory.join("refused"), ledger.vault(), accounts.iter())?,
            ledger,
            accounts: accounts.into_iter().map(|account| (account.name.clone(), account)).collect(),
            published: Published::new()?,
            webhook_deadline: config.webhooks.deadline(),
            event_deadline: config.events.deadline(),
            metrics: Metrics::install()?,
            decided: Decided::new(),
            openapi: routes::openapi(),
        };
        service.reconsider().await;
        let bind = |address: &str| TcpListener::bind(address).with_context(|| format!("{address} cannot be bound"));
        let (listener, ops_listener) = (bind(&config.server.listen)?, bind(&config.server.ops_listen)?);
        Ok(Self { service: web::Data::new(service), spool, config, listener, ops_listener, _lock: lock })
    }

    /// Addresses for callers and for operators.
    pub fn addresses(&self) -> std::io::Result<(SocketAddr, SocketAddr)> {
        Ok((self.listener.local_addr()?, self.ops_listener.local_addr()?))
    }

    /// The service behind the listeners.
    pub fn service(&self) -> web::Data<Service> {
        self.service.clone()
    }

    /// Runs until a signal ends it. Requests under way end first; then the last checkpoint is signed.
    pub async fn run(self) -> anyhow::Result<()> {
        self.run_until(std::future::pending()).await
    }

    /// Runs until a signal, or the end of this future, ends it.
    pub async fn run_until(self, end: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let (listen, ops) = self.addresses()?;
        tracing::info!(%listen, %ops, "serving");
        let mut draining = tokio::spawn(self.spool.clone().keep_draining());
        let mut verifying = tokio::spawn(self.service.notary.clone().keep_verifying());
        let mut signing = tokio::spawn(self.service.notary.clone().keep_signing());
        let outgoing = Outgoing::new(self.service.clone(), self.config.replies.clone())?;
        let mut speaking = tokio::spawn(outgoing.keep_working());
        let tidying = tokio::spawn(self.service.metrics.clone().keep_tidy());
        let mut following = tokio::spawn(memory::keep_up(self.service.memory.clone()));
        let (server, ops_handle) = self.web_server()?;
        let handle = server.handle();
        let ending = tokio::spawn({
            let handle = handle.clone();
            async move {
                end.await;
                handle.stop(true).await;
            }
        });
        let mut serving = tokio::spawn(server);
        let outcome = tokio::select! {
            ended = &mut serving => ended.map_err(Into::into).and_then(|ended| ended.context("the web server failed")),
            () = watch_for_failure(self.service.ledger.clone()) => Err(anyhow::anyhow!("the ledger has stopped: see the log")),
            // Neither ends by itself: without them opt-outs would wait and nothing would be signed.
            _ = &mut draining => Err(anyhow::anyhow!("the spool is no longer drained: see the log")),
            _ = &mut verifying => Err(anyhow::anyhow!("the ledger is no longer verified: see the log")),
            _ = &mut signing => Err(anyhow::anyhow!("checkpoints are no longer signed: see the log")),
            _ = &mut speaking => Err(anyhow::anyhow!("the outgoing queue has ended: see the log")),
            _ = &mut following => Err(anyhow::anyhow!("the index no longer follows the ledger: see the log")),
        };
        speaking.abort();
        if !serving.is_finished() {
            handle.stop(true).await;
        }
        // What was accepted is in the ledger or in the spool before the process ends.
        self.service.intake.finish().await;
        self.service.refused.finish().await;
        ops_handle.stop(false).await;
        ending.abort();
        tidying.abort();
        draining.abort();
        signing.abort();
        verifying.abort();
        following.abort();
        if let Some(held) = &self.service.memory {
            held.put_aside().await;
        }
        if !self.service.ledger.has_stopped() && !self.service.notary.is_quarantined() {
            // The next start signs what this one could not.
            if let Err(error) = self.service.notary.sign().await {
                tracing::warn!(%error, "the last checkpoint was not signed");
            }
        }
        outcome
    }

    /// The web server for callers, and the handle of the one for operators, which runs already.
    fn web_server(&self) -> anyhow::Result<(dev::Server, dev::ServerHandle)> {
        let service = self.service.clone();
        let app = move || {
            App::new()
                .wrap(from_fn(watch))
                .app_data(service.clone())
                .into_utoipa_app()
                .configure(routes::public)
                .into_app()
                .default_service(web::to(routes::fallback))
        };
        let ops_service = self.service.clone();
        let ops = move || {
            App::new()
                .wrap(from_fn(watch))
                .app_data(ops_service.clone())
                .configure(routes::ops)
                .default_service(web::to(routes::fallback))
        };
        let settings = &self.config.server;
        let workers = match settings.workers {
            0 => std::thread::available_parallelism()?.get(),
            workers => workers,
        };
        let ops_server =
            HttpServer::new(ops).workers(1).disable_signals().listen(self.ops_listener.try_clone()?)?.run();
        let ops_handle = ops_server.handle();
        tokio::spawn(ops_server);
        let server = HttpServer::new(app)
            .workers(workers)
            .keep_alive(limits::KEEP_ALIVE)
            .client_request_timeout(limits::HEAD_DEADLINE)
            .backlog(limits::BACKLOG)
            .shutdown_timeout(settings.shutdown_timeout_s);
        let listener = self.listener.try_clone()?;
        let server = match tls::of(settings)? {
            Some(tls) => server.listen_rustls_0_23(listener, tls)?,
            None => server.listen(listener)?,
        };
        Ok((server.run(), ops_handle))
    }
}

/// Ends when the disk has failed under the ledger: nothing this process holds can be trusted then.
async fn watch_for_failure(ledger: Ledger) {
    while !ledger.has_stopped() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
