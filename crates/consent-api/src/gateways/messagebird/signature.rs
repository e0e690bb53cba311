//! MessageBird's signature: a JWT that names the hashes of URL and body.

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::gateways::form::hex;
use crate::gateways::proof::same;
use crate::gateways::{Account, Forged, WebhookRequest};

pub(super) const TOKEN: &str = "messagebird-signature-jwt";

const ISSUER: &str = "MessageBird";

/// The algorithms that MessageBird signs with, all of them with our own key.
const ALGORITHMS: &[Algorithm] = &[Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

/// How far MessageBird's clock may be from ours.
const LEEWAY: TimeDelta = TimeDelta::seconds(1);

/// What the token says. Times are seconds since 1970; hashes are SHA-256 in lower-case hexadecimal.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    nbf: i64,
    exp: i64,
    url_hash: String,
    payload_hash: Option<String>,
}

/// Whether one of the account's keys signed this request, for now.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let token = request.header(TOKEN).filter(|token| !token.is_empty()).ok_or(Forged::Unsigned)?;
    let claims = claims(token, account)?;
    if claims.iss != ISSUER {
        return Err(Forged::Malformed);
    }
    check_time(&claims, request)?;
    check_hash(&claims.url_hash, request.url.as_bytes())?;
    match claims.payload_hash {
        Some(hash) if !request.body.is_empty() => check_hash(&hash, &request.body),
        None if request.body.is_empty() => Ok(()),
        // A body was added, or taken away.
        _ => Err(Forged::Mismatch),
    }
}

/// What is signed with a key of the account.
fn claims(token: &str, account: &Account) -> Result<Claims, Forged> {
    let header = decode_header(token).map_err(|_| Forged::Malformed)?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(Forged::Malformed);
    }
    let mut keys = account.keys().peekable();
    keys.peek().ok_or(Forged::UnknownKey)?;
    let validation = signature_alone();
    let signed = |key: &str| decode::<Value>(token, &DecodingKey::from_secret(key.as_bytes()), &validation).ok();
    let signed = keys.find_map(signed).ok_or(Forged::Mismatch)?;
    serde_json::from_value(signed.claims).map_err(|_| Forged::Malformed)
}

/// The library would read the clock; ours is that of the request.
fn signature_alone() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.algorithms = ALGORITHMS.to_vec();
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

fn check_time(claims: &Claims, request: &WebhookRequest) -> Result<(), Forged> {
    let now = request.received.timestamp();
    let leeway = LEEWAY.num_seconds();
    let early = now < claims.nbf.saturating_sub(leeway);
    let late = now > claims.exp.saturating_add(leeway);
    if early || late { Err(Forged::Stale) } else { Ok(()) }
}

fn check_hash(named: &str, bytes: &[u8]) -> Result<(), Forged> {
    let actual = hex(&Sha256::digest(bytes));
    if same(actual.as_bytes(), named.as_bytes()) { Ok(()) } else { Err(Forged::Mismatch) }
}
