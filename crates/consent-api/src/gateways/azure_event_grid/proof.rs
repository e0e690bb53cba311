//! Whether it is Event Grid that calls, with events of our resource.

use crate::gateways::proof::{any_key, same};
use crate::gateways::{Account, Forged, WebhookRequest, form};

use super::{events, token};

/// How the caller is proved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Auth {
    Entra,
    Secret,
}

impl Auth {
    fn of(account: &Account) -> Option<Self> {
        match (account.setting("auth"), account.setting("tenant_id")) {
            (Some("entra"), _) | (None, Some(_)) => Some(Self::Entra),
            (Some("secret"), _) | (None, None) => Some(Self::Secret),
            (Some(_), _) => None,
        }
    }
}

/// Whether the account is proved by tokens of Entra.
pub(super) fn by_entra(account: &Account) -> bool {
    Auth::of(account) == Some(Auth::Entra)
}

/// Whether Event Grid sent this request, and for our resource.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    if request.method != "POST" {
        return Err(Forged::Malformed);
    }
    match Auth::of(account).ok_or(Forged::UnknownKey)? {
        Auth::Entra => token::verify(request, account)?,
        Auth::Secret => verify_secret(request, account)?,
    }
    match account.setting("topic") {
        Some(topic) if !events::are_all_of(&request.body, topic) => Err(Forged::NotOurs),
        _ => Ok(()),
    }
}

fn verify_secret(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let given = match account.setting("secret_header") {
        Some(name) => request.header(&name.to_ascii_lowercase()).map(|value| value.as_bytes().to_owned()),
        None => code(request.query()),
    };
    let given = given.filter(|given| !given.is_empty()).ok_or(Forged::Unsigned)?;
    any_key(account, |secret| same(secret.as_bytes(), &given))
}

/// The `code` of a query. A `+` is a `+`: secrets are no words. One that stands twice is none.
fn code(query: &str) -> Option<Vec<u8>> {
    let mut codes = query.split('&').filter_map(|pair| pair.strip_prefix("code="));
    let code = codes.next().filter(|_| codes.next().is_none())?;
    Some(form::percent_decode(code.as_bytes()))
}

pub(super) fn weak(account: &Account) -> Option<&'static str> {
    Some(match Auth::of(account) {
        Some(Auth::Entra) => "the token proves that Event Grid calls, but nothing proves what it says",
        _ => "whoever learns the secret in the address or header can write anything; Entra tokens are safer",
    })
}

pub(super) fn check(account: &Account) -> Result<(), String> {
    match Auth::of(account) {
        None => return Err("settings.auth must be \"entra\" or \"secret\"".to_owned()),
        Some(Auth::Entra) => token::check(account)?,
        Some(Auth::Secret) if account.keys().next().is_none() => {
            return Err("secrets holds no secret; without settings.tenant_id one is needed".to_owned());
        }
        Some(Auth::Secret) => {}
    }
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if account.setting("secret_header").is_some_and(|name| !is_name(name)) {
        return Err("settings.secret_header is not the name of a header".to_owned());
    }
    super::sending::check(account)
}
