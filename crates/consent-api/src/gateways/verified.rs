//! The one way from a request to something that may be parsed. It is a module of its own so that not even the
//! gateways beside it can make a [`Verified`].

use super::{Account, Acknowledgement, Forged, Signal, Unparsed, WebhookRequest};

/// A request that the account's gateway has signed. Only [`verify`] makes one:
///
/// ```
/// use consent_api::gateways::{Account, Forged, Verified, WebhookRequest, verify};
///
/// fn admit<'a>(request: &'a WebhookRequest, account: &'a Account) -> Result<Verified<'a>, Forged> {
///     verify(request, account)
/// }
/// ```
///
/// ```compile_fail,E0451
/// use consent_api::gateways::{Account, Forged, Verified, WebhookRequest, verify};
///
/// fn admit<'a>(request: &'a WebhookRequest, account: &'a Account) -> Result<Verified<'a>, Forged> {
///     Ok(Verified { request, account })
/// }
/// ```
pub struct Verified<'a> {
    request: &'a WebhookRequest,
    account: &'a Account,
}

/// Checks that a request comes from the gateway of this account, and has not been altered.
pub fn verify<'a>(request: &'a WebhookRequest, account: &'a Account) -> Result<Verified<'a>, Forged> {
    (account.kind.verify)(request, account)?;
    Ok(Verified { request, account })
}

impl Verified<'_> {
    /// The request.
    pub fn request(&self) -> &WebhookRequest {
        self.request
    }

    /// The account whose gateway sent it.
    pub fn account(&self) -> &Account {
        self.account
    }

    /// What it says.
    pub fn parse(&self) -> Result<Vec<Signal>, Unparsed> {
        (self.account.kind.parse)(self)
    }

    /// The request as one that could not be understood, whatever the reason.
    pub fn set_aside(&self, reason: &'static str) -> Unparsed {
        let raw = if self.request.body.is_empty() { self.request.query().as_bytes() } else { &self.request.body };
        Unparsed::new(reason, raw)
    }

    /// What to answer once it is recorded.
    pub fn acknowledge(&self) -> Acknowledgement {
        (self.account.kind.acknowledge)(self)
    }
}
