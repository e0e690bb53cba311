//! Which events can only take permission away.

use super::EventKind;
use super::kinds::PreferenceSet;

impl EventKind {
    /// Whether the event can only take permission away. Such events are read generously: what is missing or not
    /// understood does not keep the rest from binding.
    pub fn narrows(&self) -> bool {
        match self {
            Self::WithdrawalRequest(_)
            | Self::InboundSms(_)
            | Self::InboundUnparsed(_)
            | Self::OptoutClarified(_)
            | Self::EmailUnsubscribe(_)
            | Self::EmailComplaint(_)
            | Self::EmailBounced(_)
            | Self::DoNotCallRequest(_)
            | Self::Objection(_)
            | Self::NumberDeactivated(_)
            | Self::NationalDncListed(_)
            | Self::RightsRequest(_)
            | Self::RestrictionStarted(_)
            | Self::DeliveryReported(_)
            | Self::ErasureCompleted(_) => true,
            Self::PreferenceSet(choices) => choices.on.is_empty(),
            Self::PushPermission(permission) => permission.state.as_deref() != Some("granted"),
            _ => false,
        }
    }

    /// Whether the event takes permission away, perhaps beside giving some. What it takes away must not be lost.
    pub fn forbids(&self) -> bool {
        match self {
            Self::PreferenceSet(choices) if !choices.off.is_empty() => true,
            kind => kind.narrows(),
        }
    }

    /// What it takes away, without what it gives.
    pub fn forbidding(self) -> Self {
        match self {
            Self::PreferenceSet(choices) if !choices.off.is_empty() => {
                Self::PreferenceSet(PreferenceSet { on: Vec::new(), ..choices })
            }
            kind => kind,
        }
    }
}
