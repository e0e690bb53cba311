//! Tokens of Microsoft Entra ID: that Event Grid, and no other application, got one to call us with.

use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use crate::gateways::proof::same;
use crate::gateways::{Account, Forged, WebhookRequest};
use crate::limits;

/// Event Grid's own application id, in every tenant.
const EVENT_GRID: &str = "4962773b-9cdb-44cf-a8bf-237846a00ab7";

/// What a token says. `appid` is in those of version 1, `azp` in those of version 2.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    exp: i64,
    nbf: Option<i64>,
    appid: Option<String>,
    azp: Option<String>,
}

/// Where the keys of the tenant stand. Only the configuration has a say in it.
pub(super) fn keys_at(request: &WebhookRequest, account: &Account) -> Option<String> {
    bearer(request).ok().filter(|_| super::proof::by_entra(account))?;
    let tenant = account.setting("tenant_id")?;
    let own = || format!("https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys");
    Some(account.setting("jwks_url").map_or_else(own, ToOwned::to_owned))
}

/// Whether the request bears a token of the tenant, for us, of Event Grid.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let (token, key_id) = bearer(request)?;
    let keys = request.published_keys.as_deref().ok_or(Forged::UnknownKey)?;
    let claims = claims(token, &find_key(keys, &key_id)?)?;
    check_time(&claims, request.received)?;
    let is = |name: &str, value: &str| account.setting(name).is_some_and(|set| same(set.as_bytes(), value.as_bytes()));
    let callers: Vec<_> = [&claims.appid, &claims.azp].into_iter().flatten().collect();
    let caller = account.setting("client_id").unwrap_or(EVENT_GRID);
    let ours = is("audience", &claims.aud) && issuers(account).contains(&claims.iss);
    let calls = !callers.is_empty() && callers.iter().all(|id| same(id.as_bytes(), caller.as_bytes()));
    if ours && calls { Ok(()) } else { Err(Forged::NotOurs) }
}

/// What is missing for this proof.
pub(super) fn check(account: &Account) -> Result<(), String> {
    let tenant = account.setting("tenant_id").ok_or("settings.tenant_id is missing")?;
    if !tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)) {
        return Err("settings.tenant_id is not the id of a tenant".to_owned());
    }
    account.setting("audience").ok_or("settings.audience is missing")?;
    if account.setting("jwks_url").is_some_and(|url| !url.starts_with("https://")) {
        return Err("settings.jwks_url must begin with https://".to_owned());
    }
    Ok(())
}

/// The token, and the id of the key that it names. The algorithm is the one that Entra uses, whatever the token says.
fn bearer(request: &WebhookRequest) -> Result<(&str, String), Forged> {
    let header = request.header("authorization").ok_or(Forged::Unsigned)?;
    let (scheme, token) = header.split_once(' ').ok_or(Forged::Malformed)?;
    let head = decode_header(token).map_err(|_| Forged::Malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") || head.alg != Algorithm::RS256 {
        return Err(Forged::Malformed);
    }
    Ok((token, head.kid.ok_or(Forged::Malformed)?))
}

fn find_key(keys: &[u8], id: &str) -> Result<DecodingKey, Forged> {
    let set: JwkSet = serde_json::from_slice(keys).map_err(|_| Forged::UnknownKey)?;
    let key = set.find(id).filter(|key| is_for_signatures(key)).ok_or(Forged::UnknownKey)?;
    DecodingKey::from_jwk(key).map_err(|_| Forged::UnknownKey)
}

fn is_for_signatures(key: &Jwk) -> bool {
    let rsa = matches!(key.algorithm, AlgorithmParameters::RSA(_));
    rsa && key.common.public_key_use.as_ref().is_none_or(|used| *used == PublicKeyUse::Signature)
}

/// What the token says, if the key signed it. What it says is checked here, against the time that the request came.
fn claims(token: &str, key: &DecodingKey) -> Result<Claims, Forged> {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    validation.validate_exp = false;
    validation.validate_aud = false;
    decode(token, key, &validation).map(|token| token.claims).map_err(|_| Forged::Mismatch)
}

fn check_time(claims: &Claims, received: DateTime<Utc>) -> Result<(), Forged> {
    let window = i64::try_from(limits::SIGNATURE_WINDOW.as_secs()).unwrap_or_default();
    let now = received.timestamp();
    let begun = claims.nbf.is_none_or(|from| from.saturating_sub(window) <= now);
    if begun && now <= claims.exp.saturating_add(window) { Ok(()) } else { Err(Forged::Stale) }
}

/// Who issues tokens of the tenant, of version 2 and of version 1.
fn issuers(account: &Account) -> Vec<String> {
    let tenant = account.setting("tenant_id");
    let of = |tenant| {
        vec![format!("https://login.microsoftonline.com/{tenant}/v2.0"), format!("https://sts.windows.net/{tenant}/")]
    };
    tenant.map(of).unwrap_or_default()
}
