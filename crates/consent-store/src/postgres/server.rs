//! How a PostgreSQL server is reached.

use std::sync::Arc;
use std::time::Duration;

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Conn;
use crate::error::StoreError;

/// How long a connection may take to come up, and to notice that the other side is gone. A keep-alive does not
/// notice while a query is in flight, the user timeout of TCP does.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(3);
const KEEP_ALIVE: Duration = Duration::from_secs(3);
/// What every connection is set to before it is used. A node that freezes or is cut off in the middle of an append
/// would hold the head for hours; the server lets go of it within seconds.
const SETTINGS: &str = "SET lock_timeout = '2s'; SET synchronous_commit = on; SET TIME ZONE 'UTC'; \
    SET application_name = 'consentd'; SET idle_in_transaction_session_timeout = '5s'; \
    SET default_transaction_isolation = 'read committed'; SET tcp_keepalives_idle = 3; \
    SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 5000";

/// A server, and how to speak with it. Made once: to read the certificates of the system takes longer than to connect.
#[derive(Clone)]
pub(super) struct Server {
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
}

impl Server {
    /// The server of a URL.
    pub(super) fn of(url: &str) -> Result<Self, StoreError> {
        // Verification is what our TLS always does, so the stricter words of libpq mean `require` here.
        let url = url.replace("sslmode=verify-full", "sslmode=require").replace("sslmode=verify-ca", "sslmode=require");
        let mut config: tokio_postgres::Config = url.parse().map_err(|_| StoreError::BadUrl)?;
        config.connect_timeout(CONNECT_TIMEOUT).tcp_user_timeout(TCP_USER_TIMEOUT);
        config.keepalives_idle(KEEP_ALIVE).keepalives_interval(Duration::from_secs(1)).keepalives_retries(3);
        if !url.contains("target_session_attrs") {
            // Of several servers, and of all that one name stands for, the one that is written to: a standby may not
            // know yet what was acknowledged.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_ssl_mode() == SslMode::Prefer {
            // "Prefer" falls back to plain text when asked to: fine on this machine, not across a network.
            config.ssl_mode(if is_local(&config) { SslMode::Disable } else { SslMode::Require });
        }
        Ok(Self { config, tls: tls()? })
    }

    /// A connection that is set as it must be.
    pub(super) async fn connect(&self) -> Result<Conn, StoreError> {
        let opening = async {
            let (client, connection) = self.config.connect(self.tls.clone()).await.map_err(|error| refused(&error))?;
            let opened = AsyncPgConnection::try_from_client_and_connection(client, connection).await;
            let mut conn = opened.map_err(|_| StoreError::Unavailable)?;
            conn.batch_execute(SETTINGS).await?;
            Ok(conn)
        };
        tokio::time::timeout(2 * CONNECT_TIMEOUT, opening).await.map_err(|_| StoreError::Unavailable)?
    }
}

fn is_local(config: &tokio_postgres::Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
        Host::Unix(_) => true,
    }) && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
}

/// A server that answers with a refusal, such as of a password, is not one that cannot be reached.
fn refused(error: &tokio_postgres::Error) -> StoreError {
    error.as_db_error().map_or(StoreError::Unavailable, |refusal| StoreError::Database(refusal.message().to_owned()))
}

fn tls() -> Result<MakeRustlsConnect, StoreError> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| StoreError::Unavailable)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_takes_writes_is_meant_unless_the_url_says_otherwise() {
        for (parameters, meant) in [
            ("", TargetSessionAttrs::ReadWrite),
            ("?sslmode=verify-full", TargetSessionAttrs::ReadWrite),
            ("?target_session_attrs=read-write", TargetSessionAttrs::ReadWrite),
            ("?sslmode=require&target_session_attrs=any", TargetSessionAttrs::Any),
        ] {
            for hosts in ["first.example.com", "first.example.com,second.example.com:5433"] {
                let server = Server::of(&format!("postgres://consent@{hosts}/ledger{parameters}")).unwrap();
                assert_eq!(server.config.get_target_session_attrs(), meant, "{hosts} {parameters}");
            }
        }
    }
}
