//! Who calls: API keys and what they allow.
//!
//! A key is `consent_<id>_<secret>` with 256 random bits, shown once and kept as its SHA-256. A node believes what it
//! looked up for one second at most, so that a revocation works on every node within a second; an expiry works at once.

mod known;
mod share;

use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, dev, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use consent_store::ApiKey;
use futures_util::future::{Either, LocalBoxFuture, Ready, ready};
use sha2::{Digest, Sha256};

pub use known::KnownKeys;
pub use share::{Share, Shares};

use crate::error::{Kind, Problem};
use crate::server::Service;
use crate::{clock, limits};

/// What a key may allow. One entry for each scope of the interface; `admin` allows everything.
pub const SCOPES: &[&str] = &[
    "admin",
    "events:write",
    "check",
    "history:read",
    "export",
    "changes:read",
    "subscriptions",
    "preferences",
    "rights",
    "policies",
    "imports",
    "reviews",
    "reports",
    "receipts",
];

/// A scope that a route asks for.
pub trait Scope: 'static {
    /// Its name, one of [`SCOPES`].
    const NAME: &'static str;
}

/// Defines the scopes that routes ask for in their signatures.
macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {$(
        $(#[$doc])*
        pub struct $name;
        impl Scope for $name { const NAME: &'static str = $text; }
    )*};
}

scopes! {
    /// Record events.
    EventsWrite = "events:write",
    /// Ask questions.
    Check = "check",
    /// Read the history of a person.
    HistoryRead = "history:read",
    /// Export the ledger.
    Export = "export",
    /// Read messages that wait for a person, and say what they are.
    Reviews = "reviews",
}

/// A caller whose key allows `S`. A handler that takes one cannot be reached without it.
pub struct Caller<S: Scope> {
    key: Arc<ApiKey>,
    scope: PhantomData<S>,
}

/// A caller who is known, or is looked up.
type Asking<T> = Either<Ready<Result<T, Problem>>, LocalBoxFuture<'static, Result<T, Problem>>>;

impl<S: Scope> Caller<S> {
    /// Name of the key.
    pub fn name(&self) -> &str {
        &self.key.name
    }

    /// Leave for one piece of long work.
    pub fn share(&self, shares: &Shares) -> Result<Share, Problem> {
        shares.take(&self.key)
    }

    /// The caller with this key, if there is one, it works, and allows `S`.
    fn with(key: Option<Arc<ApiKey>>) -> Result<Self, Problem> {
        let key = key.filter(|key| key.is_valid(clock::now())).ok_or_else(unauthenticated)?;
        if key.scopes.iter().any(|scope| scope == S::NAME || scope == "admin") {
            Ok(Self { key, scope: PhantomData })
        } else {
            Err(Problem::new(Kind::Forbidden, format!("it needs the scope {}", S::NAME)))
        }
    }
}

impl<S: Scope> FromRequest for Caller<S> {
    type Error = Problem;
    type Future = Asking<Self>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let Some(service) = request.app_data::<web::Data<Service>>() else {
            return Either::Left(ready(Err(Problem::new(Kind::Internal, ""))));
        };
        let Some(hash) = bearer(request).map(hash) else { return Either::Left(ready(Err(unauthenticated()))) };
        match service.keys.recall(&hash) {
            Some(key) => Either::Left(ready(Self::with(Some(key)))),
            None => {
                let keys = service.keys.clone();
                Either::Right(Box::pin(async move { Self::with(keys.look_up(hash).await?) }))
            }
        }
    }
}

/// A caller whose key allows `S`; none, if the ledger could not say so within the time for a check. Nothing may be told
/// to the latter but that the ledger is unavailable.
pub struct IfReachable<S: Scope>(pub Option<Caller<S>>);

impl<S: Scope> FromRequest for IfReachable<S> {
    type Error = Problem;
    type Future = Asking<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let looking = match Caller::from_request(request, payload) {
            Either::Left(known) => return Either::Left(ready(known.into_inner().map(|caller| Self(Some(caller))))),
            Either::Right(looking) => looking,
        };
        let deadline = request.app_data::<web::Data<Service>>().map(|service| service.reader.deadline());
        let looking = tokio::time::timeout(deadline.unwrap_or_default(), looking);
        Either::Right(Box::pin(async move {
            match looking.await {
                Ok(Ok(caller)) => Ok(Self(Some(caller))),
                Ok(Err(problem)) if !problem.is_unavailable() => Err(problem),
                Ok(Err(_)) | Err(_) => Ok(Self(None)),
            }
        }))
    }
}

fn unauthenticated() -> Problem {
    Problem::new(Kind::Unauthenticated, "send Authorization: Bearer <key>")
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = header.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty() && key.len() <= limits::API_KEY).then_some(key)
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// A new key: what is kept of it, its hash, and the key itself.
pub fn make_key(
    name: &str,
    scopes: &[String],
    expires_at: Option<DateTime<Utc>>,
) -> anyhow::Result<(ApiKey, [u8; 32], String)> {
    anyhow::ensure!(!name.is_empty() && name.len() <= 128, "a name has 1 to 128 bytes");
    anyhow::ensure!(!scopes.is_empty(), "at least one scope is needed");
    for scope in scopes {
        anyhow::ensure!(SCOPES.contains(&scope.as_str()), "{scope:?} is none of the scopes {}", SCOPES.join(" "));
    }
    let (mut id, mut secret) = ([0; 6], [0; 32]);
    getrandom::fill(&mut id)?;
    getrandom::fill(&mut secret)?;
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!("consent_{id}_{}", URL_SAFE_NO_PAD.encode(secret));
    let created_at = clock::now();
    let key = ApiKey { id, name: name.to_owned(), scopes: scopes.to_vec(), created_at, expires_at, revoked_at: None };
    Ok((key, hash(&text), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_256_random_bits_and_its_id_in_front() {
        let scopes = vec!["check".to_owned()];
        let (key, hashed, text) = make_key("crm", &scopes, None).unwrap();
        assert!(text.starts_with(&format!("consent_{}_", key.id)));
        assert_eq!(URL_SAFE_NO_PAD.decode(text.splitn(3, '_').last().unwrap()).unwrap().len(), 32);
        assert_eq!(hash(&text), hashed);
        assert_ne!(make_key("crm", &scopes, None).unwrap().2, text);
        assert!(make_key("crm", &["everything".to_owned()], None).is_err());
    }

    #[test]
    fn scopes_that_routes_ask_for_can_be_given() {
        for scope in [EventsWrite::NAME, Check::NAME, HistoryRead::NAME, Export::NAME, Reviews::NAME] {
            assert!(SCOPES.contains(&scope));
        }
    }
}
