//! The tools of a proof: keyed hashes compared in constant time, and the window of a time stamp.

use std::time::Duration;

use chrono::{DateTime, Utc};
use hmac::{KeyInit, Mac};
use subtle::ConstantTimeEq;

use super::{Account, Forged, WebhookRequest};
use crate::limits;

/// Whether this is the MAC of the parts, in time that does not depend on how much of it is right.
pub(super) fn matches<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    // HMAC takes keys of any length; should that change, no key is no match.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return false };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().ct_eq(signature).into()
}

/// Whether two secrets are the same, in time that does not depend on how much of them is.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// Refuses what was signed at another time than about now.
pub(super) fn check_fresh(signed: DateTime<Utc>, request: &WebhookRequest) -> Result<(), Forged> {
    check_within(limits::SIGNATURE_WINDOW, signed, request)
}

/// Refuses what was signed further from now than the window reaches, either way.
pub(super) fn check_within(window: Duration, signed: DateTime<Utc>, request: &WebhookRequest) -> Result<(), Forged> {
    let apart = (request.received - signed).abs();
    if apart.to_std().is_ok_and(|apart| apart <= window) { Ok(()) } else { Err(Forged::Stale) }
}

/// The setting for the seconds that a signature may be old.
const WINDOW: &str = "signature_window";

/// Refuses what was signed for a time to come and, if the account says so (`signature_window`), what was signed longer
/// ago. For gateways that promise no fresh signature with a retry: refusing that could lose an opt-out, while what comes
/// a second time is recognised by its name, for ever.
pub(super) fn check_age(signed: DateTime<Utc>, request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    match window(account) {
        Ok(Some(window)) => check_within(window, signed, request),
        Ok(None) => check_fresh(signed.max(request.received), request),
        Err(_) => Err(Forged::Stale),
    }
}

/// Asks of a configuration that a window that is set can be read.
pub(super) fn check_window(account: &Account) -> Result<(), String> {
    window(account).map(drop)
}

/// How old a signature may be, if the account sets a limit.
pub(super) fn window(account: &Account) -> Result<Option<Duration>, String> {
    let Some(text) = account.setting(WINDOW) else { return Ok(None) };
    let (least, most) = (limits::SIGNATURE_WINDOW, limits::SIGNATURE_WINDOW_LONGEST);
    let window = text.parse().ok().map(Duration::from_secs).filter(|window| (least..=most).contains(window));
    let wrong = || {
        format!("the setting `{WINDOW}` has to be a number of seconds from {} to {}", least.as_secs(), most.as_secs())
    };
    window.map(Some).ok_or_else(wrong)
}

/// The moment that is written as whole seconds since 1970, in digits alone.
pub(super) fn unix_seconds(text: &str) -> Result<DateTime<Utc>, Forged> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| plain);
    seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)).ok_or(Forged::Malformed)
}

/// Looks for a secret of the account that the test accepts. Every one is tried, so that the time taken does not tell
/// which it was.
pub(super) fn any_key(account: &Account, test: impl Fn(&str) -> bool) -> Result<(), Forged> {
    let mut keys = account.keys().peekable();
    if keys.peek().is_none() {
        return Err(Forged::UnknownKey);
    }
    let genuine = keys.fold(false, |found, key| test(key) | found);
    if genuine { Ok(()) } else { Err(Forged::Mismatch) }
}

/// Whether user and password of the request (RFC 7617) are those of a secret, which is written `user:password`.
pub(super) fn check_basic(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    use base64::Engine;
    let header = request.header("authorization").ok_or(Forged::Unsigned)?;
    let (scheme, token) = header.split_once(' ').ok_or(Forged::Malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Forged::Malformed);
    }
    let given = base64::engine::general_purpose::STANDARD.decode(token).map_err(|_| Forged::Malformed)?;
    any_key(account, |secret| is_login(secret) && same(secret.as_bytes(), &given))
}

/// Whether a secret is written `user:password`, both of them something.
pub(super) fn is_login(secret: &str) -> bool {
    secret.split_once(':').is_some_and(|(user, password)| !user.is_empty() && !password.is_empty())
}

/// Asks of a configuration that every secret is written `user:password`.
pub(super) fn check_logins(account: &Account) -> Result<(), String> {
    let all = account.keys().all(is_login) && account.keys().next().is_some();
    if all { Ok(()) } else { Err("every entry of `secrets` has to be written user:password".to_owned()) }
}

/// Asks of a configuration that some secret is not empty.
pub(super) fn check_any_key(account: &Account) -> Result<(), String> {
    account.keys().next().map(drop).ok_or_else(|| "`secrets` has no entry that is not empty".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_digits_alone() {
        assert_eq!(unix_seconds("1760000000").unwrap().timestamp(), 1_760_000_000);
        for text in
            ["", "+1760000000", "-1", "1760000000.5", " 1760000000", "1e9", "99999999999999999999", "999999999999999"]
        {
            assert_eq!(unix_seconds(text), Err(Forged::Malformed), "{text}");
        }
    }
}
