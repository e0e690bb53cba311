//! The token of a webhook: signed with HMAC-SHA256, with the hash of the body in it.

use std::collections::HashSet;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::gateways::proof::{check_age, same};
use crate::gateways::{Account, Forged, WebhookRequest, form};

/// Who signs.
const ISSUER: &str = "Vonage";

/// What the token claims. There is no `exp`: how old it is says `iat`.
#[derive(Deserialize)]
struct Claims {
    /// Seconds since 1970.
    iat: i64,
    iss: String,
    /// SHA-256 of the body in hexadecimal; absent where there is none.
    payload_hash: Option<String>,
    api_key: Option<String>,
}

/// Whether the token is signed with a secret of the account, about now, for this body.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let header = request.header("authorization").filter(|header| !header.is_empty()).ok_or(Forged::Unsigned)?;
    let (scheme, token) = header.split_once(' ').ok_or(Forged::Malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Forged::Malformed);
    }
    let claims = signed_claims(token, account)?;
    if claims.iss != ISSUER {
        return Err(Forged::Malformed);
    }
    if account.setting("api_key").is_some_and(|ours| claims.api_key.as_deref() != Some(ours)) {
        return Err(Forged::NotOurs);
    }
    check_body(&claims, &request.body)?;
    let signed = chrono::DateTime::from_timestamp(claims.iat, 0).ok_or(Forged::Malformed)?;
    check_age(signed, request, account)
}

/// The claims, if one of the account's secrets signed them. Every secret is tried, so that the time taken does not
/// tell which it was.
fn signed_claims(token: &str, account: &Account) -> Result<Claims, Forged> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Forged::Malformed)?;
    if header.alg != Algorithm::HS256 {
        return Err(Forged::Malformed);
    }
    let mut keys = account.keys().peekable();
    if keys.peek().is_none() {
        return Err(Forged::UnknownKey);
    }
    let rules = rules();
    let claims = |key: &str| jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(key.as_bytes()), &rules);
    let found: Vec<Claims> = keys.filter_map(|key| claims(key).ok()).map(|token| token.claims).collect();
    found.into_iter().next().ok_or(Forged::Mismatch)
}

/// HS256, whatever the token says of itself. Its times are held against the time of the request, not against the
/// clock that the library reads.
fn rules() -> Validation {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.required_spec_claims = HashSet::new();
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules
}

/// A token with a hash is for that body alone; one without is for no body at all.
fn check_body(claims: &Claims, body: &[u8]) -> Result<(), Forged> {
    let actual = form::hex(&Sha256::digest(body));
    match &claims.payload_hash {
        Some(hash) if same(hash.to_ascii_lowercase().as_bytes(), actual.as_bytes()) => Ok(()),
        Some(_) => Err(Forged::Mismatch),
        None if body.is_empty() => Ok(()),
        None => Err(Forged::Unsigned),
    }
}
