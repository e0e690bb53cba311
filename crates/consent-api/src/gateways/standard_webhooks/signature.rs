//! The signatures of Standard Webhooks: a list, one of which has to be made with a key of ours over `id.time.body`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::VerifyingKey;
use hmac::Hmac;
use sha2::Sha256;

use crate::gateways::proof::{any_key, check_fresh, matches, unix_seconds};
use crate::gateways::{Account, Forged, WebhookRequest, ed25519};

/// The headers by both their names: id, time, signatures.
const HEADERS: &[[&str; 3]] =
    &[["webhook-id", "webhook-timestamp", "webhook-signature"], ["svix-id", "svix-timestamp", "svix-signature"]];

/// Bytes of a shared secret (specification, "Signature scheme").
const SECRET: std::ops::RangeInclusive<usize> = 24..=64;

/// Whether one of the account's keys signed `id.time.body`, about now.
pub(super) fn verify(request: &WebhookRequest, account: &Account) -> Result<(), Forged> {
    let [id, time, list] = headers(request).ok_or(Forged::Unsigned)?;
    let signed_at = unix_seconds(time)?;
    let message = [id.as_bytes(), b".", time.as_bytes(), b".", &request.body].concat();
    let signatures = Signatures::read(list)?;
    any_key(account, |key| Key::read(key).is_some_and(|key| signatures.are_by(&key, &message)))?;
    check_fresh(signed_at, request)
}

/// What names the request, however often it is sent.
pub(super) fn id(request: &WebhookRequest) -> Option<&str> {
    headers(request).map(|[id, ..]| id)
}

/// The three headers, all of them under the same names.
fn headers(request: &WebhookRequest) -> Option<[&str; 3]> {
    HEADERS.iter().find_map(|[id, time, signature]| {
        let header = |name: &str| request.header(name).filter(|value| !value.is_empty());
        Some([header(id)?, header(time)?, header(signature)?])
    })
}

/// A key, which settles how what it made is checked.
enum Key {
    Shared(Vec<u8>),
    Public(VerifyingKey),
}

impl Key {
    fn read(secret: &str) -> Option<Self> {
        if let Some(public) = secret.strip_prefix("whpk_") {
            return ed25519::public_key(public).map(Self::Public);
        }
        let bytes = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).ok()?;
        SECRET.contains(&bytes.len()).then_some(Self::Shared(bytes))
    }
}

/// The signatures of a request, by the kind of key. While keys are changed there are several.
#[derive(Default)]
struct Signatures {
    shared: Vec<Vec<u8>>,
    public: Vec<Vec<u8>>,
}

impl Signatures {
    /// Reads `v1,<base64> v1a,<base64>`. An entry of another version, or none, is for others to understand.
    fn read(list: &str) -> Result<Self, Forged> {
        let mut signatures = Self::default();
        for (version, signature) in list.split(' ').filter_map(|entry| entry.split_once(',')) {
            let Ok(signature) = STANDARD.decode(signature) else { continue };
            match version {
                "v1" => signatures.shared.push(signature),
                "v1a" => signatures.public.push(signature),
                _ => {}
            }
        }
        let none = signatures.shared.is_empty() && signatures.public.is_empty();
        if none { Err(Forged::Malformed) } else { Ok(signatures) }
    }

    fn are_by(&self, key: &Key, message: &[u8]) -> bool {
        match key {
            Key::Shared(secret) => self.shared.iter().any(|one| matches::<Hmac<Sha256>>(secret, &[message], one)),
            Key::Public(key) => self.public.iter().any(|one| ed25519::signed(key, message, one)),
        }
    }
}

/// Every entry of `secrets` must be a key to check with.
pub(super) fn check(account: &Account) -> Result<(), String> {
    if account.keys().any(|key| key.starts_with("whsk_")) {
        return Err("`secrets` has a private key (whsk_), which nobody but the sender may have".to_owned());
    }
    let some = account.keys().next().is_some();
    if some && account.keys().all(|key| Key::read(key).is_some()) {
        return Ok(());
    }
    let (least, most) = (SECRET.start(), SECRET.end());
    Err(format!("every entry of `secrets` has to be whsec_ and base64 of {least} to {most} bytes, or whpk_ and of 32"))
}
