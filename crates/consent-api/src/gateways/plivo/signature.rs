//! Plivo's signatures: an HMAC over the URL, in version 3 with the parameters, and a nonce.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use sha2::Sha256;

use crate::gateways::form::{self, Form};
use crate::gateways::proof::{any_key, matches};
use crate::gateways::{Account, Forged, WebhookRequest};

/// The setting that says whether version 2 will do.
pub(super) const VERSION: &str = "signature_version";

/// The headers of one version: by the account, by its main account, and the nonce of both.
struct Headers {
    signatures: [&'static str; 2],
    nonce: &'static str,
}

const V3: Headers =
    Headers { signatures: ["x-plivo-signature-v3", "x-plivo-signature-v3-ma"], nonce: "x-plivo-signature-v3-nonce" };
const V2: Headers =
    Headers { signatures: ["x-plivo-signature-v2", "x-plivo-signature-ma-v2"], nonce: "x-plivo-signature-v2-nonce" };

/// Whether one of the account's tokens signed this request.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let v3 = request.headers.iter().any(|(name, _)| V3.signatures.contains(&name.as_str()));
    if v3 || !allows_v2(account) {
        return check(&V3, &signed_by_v3(request)?, request, account);
    }
    let (path, _) = request.url.split_once('?').unwrap_or((&request.url, ""));
    check(&V2, path.as_bytes(), request, account)
}

/// Whether version 2 will do.
pub(super) fn allows_v2(account: &Account) -> bool {
    account.setting(VERSION) == Some("v2")
}

fn check(headers: &Headers, signed: &[u8], request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let named = headers.signatures.iter().filter_map(|name| request.header(name));
    // While a token is changed there are two, with a comma between them.
    let signatures = named.flat_map(|header| header.split(',')).map(signature).collect::<Result<Vec<_>, _>>()?;
    let nonce = request.header(headers.nonce).filter(|nonce| !nonce.is_empty()).ok_or(Forged::Unsigned)?;
    if signatures.is_empty() {
        return Err(Forged::Unsigned);
    }
    let parts = [signed, nonce.as_bytes()];
    let genuine = |key: &[u8], given: &Vec<u8>| matches::<Hmac<Sha256>>(key, &parts, given);
    any_key(account, |key| signatures.iter().any(|given| genuine(key.as_bytes(), given)))
}

fn signature(text: &str) -> Result<Vec<u8>, Forged> {
    STANDARD.decode(text).ok().filter(|bytes| !bytes.is_empty()).ok_or(Forged::Malformed)
}

/// What version 3 signs before the nonce: the URL with its query sorted, and the sorted parameters of a form.
fn signed_by_v3(request: &WebhookRequest) -> Result<Vec<u8>, Forged> {
    let (path, _) = request.url.split_once('?').unwrap_or((&request.url, ""));
    let query = sorted(request.query().as_bytes(), b"=", b"&")?;
    let form = match request.method.as_str() {
        "GET" => Vec::new(),
        "POST" if request.body.is_empty() => Vec::new(),
        "POST" if form::is_form(request) => sorted(&request.body, b"", b"")?,
        _ => return Err(Forged::Malformed),
    };
    let question = if query.is_empty() && form.is_empty() { "" } else { "?" };
    let dot = if query.is_empty() || form.is_empty() { "" } else { "." };
    Ok([path.as_bytes(), question.as_bytes(), &query, dot.as_bytes(), &form, b"."].concat())
}

/// Decoded names and values in byte order, with what stands between them.
///
/// In a form nothing does: `TextStop` would be signed like `Text=Stop`. So a name without `=`, which Plivo never
/// writes, is refused here, and a message that has lost one of its parameters to such a shift is one that cannot be
/// read.
fn sorted(raw: &[u8], is: &[u8], and: &[u8]) -> Result<Vec<u8>, Forged> {
    let form = Form::decode(raw);
    let empty = !raw.is_empty() && raw.split(|&byte| byte == b'&').any(<[u8]>::is_empty);
    if form.has_bare_name || empty {
        return Err(Forged::Malformed);
    }
    let mut pairs: Vec<(&[u8], &[u8])> = form.bytes().collect();
    pairs.sort_unstable();
    let written: Vec<Vec<u8>> = pairs.into_iter().map(|(name, value)| [name, is, value].concat()).collect();
    Ok(written.join(and))
}
