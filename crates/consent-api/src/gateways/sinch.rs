//! Sinch: two of its interfaces carry texts, each a kind of gateway of its own. They sign alike, and are called at a
//! host that names a region.

pub(super) mod conversation;
mod signature;
pub(super) mod sms;

use super::{Account, Incomplete, proof};

/// Scheme and host of an interface in the region of the account.
fn api_url(account: &Account, service: &str) -> String {
    let region = account.setting("region").unwrap_or("us");
    account.api_url(&format!("https://{region}.{service}.api.sinch.com")).to_owned()
}

/// What is wrong with the settings that both kinds have.
fn check(account: &Account) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if account.setting("region").is_some_and(|region| !region.bytes().all(plain)) {
        return Err("the setting `region` has to be a region of Sinch, such as us or eu".to_owned());
    }
    if account.keys().next().is_none() {
        return Err("`secrets` has no entry that is not empty".to_owned());
    }
    proof::check_window(account)
}

/// Asks for the settings that a call needs, once there is the credential for it.
fn check_call(account: &Account, credentials: &[&'static str], settings: &[&'static str]) -> Result<(), String> {
    if credentials.iter().all(|name| account.credential(name).is_none()) {
        return Ok(());
    }
    let missing = |incomplete: Incomplete| format!("{incomplete}, without which nothing can be sent");
    credentials.iter().try_for_each(|name| account.need_credential(name).map(drop)).map_err(missing)?;
    settings.iter().try_for_each(|name| account.need_setting(name).map(drop)).map_err(missing)
}

#[cfg(test)]
mod tests;
