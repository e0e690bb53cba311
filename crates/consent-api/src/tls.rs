//! TLS on the listener for callers, for deployments without a proxy.

use std::sync::Arc;

use anyhow::Context;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Server;

/// The TLS settings of the listener; `None` for plain HTTP.
pub fn of(settings: &Server) -> anyhow::Result<Option<ServerConfig>> {
    let (chain, key) = (&settings.tls_certificate, &settings.tls_key);
    if chain.is_empty() {
        return Ok(None);
    }
    let certificates =
        CertificateDer::pem_file_iter(chain).and_then(Iterator::collect).with_context(|| chain.clone())?;
    let key = PrivateKeyDer::from_pem_file(key).with_context(|| key.clone())?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .context("the certificate and its key do not go together")?;
    Ok(Some(config))
}
