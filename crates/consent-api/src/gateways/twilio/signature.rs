//! Twilio's signature: an HMAC over the URL and, for a form, the sorted parameters.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use secrecy::ExposeSecret;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::gateways::form::{self, Form};
use crate::gateways::proof::matches;
use crate::gateways::{Account, Forged, WebhookRequest};

const SIGNATURE: &str = "x-twilio-signature";
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";
const SHARED_KEY: &str = "sharedkey:";

/// Whether one of the account's keys signed this request.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let signature = request.header(SIGNATURE).ok_or(Forged::Unsigned)?;
    let signature = STANDARD.decode(signature).map_err(|_| Forged::Malformed)?;
    let parameters = signed_parameters(request)?;
    let settings = Settings::read(request)?;
    let keys = settings.keys(account);
    if keys.is_empty() {
        return Err(Forged::UnknownKey);
    }
    let matches =
        |key: &&str, url: &String| (settings.matches)(key.as_bytes(), &[url.as_bytes(), &parameters], &signature);
    let urls = spellings(&request.url);
    let genuine = keys.iter().any(|key| urls.iter().any(|url| matches(key, url)));
    if genuine { Ok(()) } else { Err(Forged::Mismatch) }
}

/// What is signed behind the URL: nothing for a GET, whose parameters are in it, or for a body whose hash is in it.
fn signed_parameters(request: &WebhookRequest) -> Result<Vec<u8>, Forged> {
    match request.method.as_str() {
        "GET" => Ok(Vec::new()),
        "POST" if form::is_form(request) => sorted_parameters(&Form::decode(&request.body)),
        "POST" => check_body_hash(request).map(|()| Vec::new()),
        _ => Err(Forged::Malformed),
    }
}

/// Names and values run together, each different pair once, by byte order.
///
/// Nothing marks where a name ends. `BodyStop` would be signed like `Body=Stop`, so a name without `=`, which Twilio
/// never writes, is refused here; and a message that has lost its `Body`, `From` or `MessageSid` to such a shift is
/// not an empty message but one that cannot be read.
fn sorted_parameters(form: &Form) -> Result<Vec<u8>, Forged> {
    if form.has_bare_name {
        return Err(Forged::Malformed);
    }
    let different: BTreeSet<(&[u8], &[u8])> = form.bytes().collect();
    Ok(different.into_iter().flat_map(|(name, value)| [name, value]).flatten().copied().collect())
}

fn check_body_hash(request: &WebhookRequest) -> Result<(), Forged> {
    let query = Form::decode(request.query().as_bytes());
    let named = query.bytes().find(|(name, _)| *name == b"bodySHA256").map(|(_, hash)| hash);
    let actual = form::hex(&Sha256::digest(&request.body));
    let same = bool::from(named.ok_or(Forged::Unsigned)?.ct_eq(actual.as_bytes()));
    if same { Ok(()) } else { Err(Forged::Mismatch) }
}

/// Which key signed, and how. The header that says so is not signed: it can only choose among our own keys.
struct Settings<'a> {
    key_id: Option<&'a str>,
    matches: Matches,
}

/// From key, signed parts and signature: whether they belong together.
type Matches = fn(&[u8], &[&[u8]], &[u8]) -> bool;

impl<'a> Settings<'a> {
    /// Reads `key=<id>,algorithm=<name>`. Without an id the auth token signed, without an algorithm HMAC-SHA1.
    fn read(request: &'a WebhookRequest) -> Result<Self, Forged> {
        let mut settings = Self { key_id: None, matches: matches::<Hmac<Sha1>> };
        let header = request.header(SETTINGS).unwrap_or_default();
        for (name, value) in header.split(',').filter_map(|part| part.split_once('=')) {
            match (name.trim(), value.trim()) {
                ("key", id) => settings.key_id = Some(id),
                ("algorithm", "HMAC_SHA1") => settings.matches = matches::<Hmac<Sha1>>,
                ("algorithm", "HMAC_SHA256") => settings.matches = matches::<Hmac<Sha256>>,
                ("algorithm", _) => return Err(Forged::Malformed),
                _ => {}
            }
        }
        Ok(settings)
    }

    /// The account's keys that may have signed. An empty one is nobody's secret.
    fn keys(&self, account: &'a Account) -> Vec<&'a str> {
        let entries = account.secrets.iter().map(ExposeSecret::expose_secret);
        let key = |entry: &'a str| match entry.strip_prefix(SHARED_KEY) {
            None => self.key_id.is_none().then_some(entry),
            Some(shared) => shared.split_once(':').filter(|(id, _)| self.key_id == Some(*id)).map(|(_, secret)| secret),
        };
        entries.filter_map(key).filter(|key| !key.is_empty()).collect()
    }
}

/// The URL without a port and with one. Twilio signs either, whichever was configured.
///
/// Only the port is touched: a URL library would re-encode the path, and user info is part of what is signed.
fn spellings(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return vec![url.to_owned()];
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let standard = if scheme.eq_ignore_ascii_case("https") { "443" } else { "80" };
    let (host, port) = match authority.rsplit_once(':') {
        // What follows the last colon of `[::1]` or `user:pass@host` is no number.
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
        _ => (authority, standard),
    };
    vec![format!("{scheme}://{host}{path}"), format!("{scheme}://{host}:{port}{path}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_port_of_a_url_is_spelt_differently() {
        for (url, without, with) in [
            ("https://host/p?q=1", "https://host/p?q=1", "https://host:443/p?q=1"),
            ("http://host/p", "http://host/p", "http://host:80/p"),
            ("https://host", "https://host", "https://host:443"),
            ("https://host?q=a:1", "https://host?q=a:1", "https://host:443?q=a:1"),
            ("https://host:8443/a:1", "https://host/a:1", "https://host:8443/a:1"),
            ("https://user:pass@host:8443/p", "https://user:pass@host/p", "https://user:pass@host:8443/p"),
            ("https://user:77@host/p", "https://user:77@host/p", "https://user:77@host:443/p"),
            ("https://[2001:db8::1]:8443/p", "https://[2001:db8::1]/p", "https://[2001:db8::1]:8443/p"),
            ("https://[2001:db8::1]/p", "https://[2001:db8::1]/p", "https://[2001:db8::1]:443/p"),
        ] {
            assert_eq!(spellings(url), [without, with], "{url}");
        }
        assert_eq!(spellings("no url"), ["no url"]);
    }
}
