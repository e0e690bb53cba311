//! What is sent in tests, and how a call is shown.

use std::sync::LazyLock;

use consent_core::address::Phone;
use secrecy::SecretString;
use uuid::Uuid;

use super::{NOW, account};
use crate::gateways::{Account, Call, OptOut, Text};

static PERSON: LazyLock<Phone> = LazyLock::new(|| Phone::parse("+14155550123").unwrap());

/// An account with what its gateway asks for when it is called.
pub(in crate::gateways) fn account_that_sends(
    kind: &str,
    settings: &[(&str, &str)],
    credentials: &[(&str, &str)],
) -> Account {
    let mut account = account(kind, &["secret"]);
    account.settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let credential = |(name, value): &(&str, &str)| ((*name).to_owned(), SecretString::from(*value));
    account.credentials = credentials.iter().map(credential).collect();
    account
}

/// A text from +14155550100 to +14155550123.
pub(in crate::gateways) fn text(body: &str) -> Text<'_> {
    Text { from: "+14155550100", to: &PERSON, body, id: Uuid::from_u128(7), now: NOW }
}

/// The opt-out of +14155550123, sent to +14155550100.
pub(in crate::gateways) fn opt_out() -> OptOut<'static> {
    OptOut { from: Some("+14155550100"), phone: &PERSON, at: NOW, id: Uuid::from_u128(7), now: NOW }
}

/// A call as it goes over the wire.
pub(in crate::gateways) fn shown(call: &Call) -> String {
    let headers: String = call.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("{} {}\n{headers}\n{}", call.method, call.url, String::from_utf8_lossy(&call.body))
}
