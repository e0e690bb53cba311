//! What a withdrawal covers: a set of pairs of channel and purpose.

use consent_core::scope::{Channel, Purpose, PurposeClass};

/// A set of pairs of channel and purpose, one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage(u128);

const _: () = assert!(Channel::ALL.len() * Purpose::ALL.len() <= 128, "a pair needs a bit");

fn bit(channel: Channel, purpose: Purpose) -> u128 {
    1 << (channel as usize * Purpose::ALL.len() + purpose as usize)
}

impl Coverage {
    /// Each of the channels for each of the purposes.
    pub fn of(channels: &[Channel], purposes: &[Purpose]) -> Self {
        let pairs = channels.iter().flat_map(|channel| purposes.iter().map(move |purpose| bit(*channel, *purpose)));
        Self(pairs.fold(0, |all, pair| all | pair))
    }

    /// Marketing on these channels.
    pub fn marketing(channels: &[Channel]) -> Self {
        Self::of(channels, &marketing_purposes())
    }

    /// All that rests on consent: marketing everywhere and, on channels that are used by consent alone, everything.
    pub fn all_consent() -> Self {
        Channel::ALL.iter().fold(Self::default(), |all, channel| all.and(Self::channel(*channel)))
    }

    /// All that rests on consent on one channel and those that stop together with it.
    pub fn channel(channel: Channel) -> Self {
        let channels = family(channel);
        if by_consent_alone(channel) { Self::of(&channels, Purpose::ALL) } else { Self::marketing(&channels) }
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The first without what is in the second.
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What is in both.
    pub fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether nothing is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the pair is in the set.
    pub fn contains(self, channel: Channel, purpose: Purpose) -> bool {
        self.0 & bit(channel, purpose) != 0
    }
}

/// The purposes that are marketing.
pub(super) fn marketing_purposes() -> Vec<Purpose> {
    Purpose::ALL.iter().copied().filter(|purpose| purpose.class() == PurposeClass::Marketing).collect()
}

/// The channels that stop together with this one, itself included.
pub(super) fn family(channel: Channel) -> Vec<Channel> {
    Channel::ALL.iter().copied().filter(|other| other.family() == channel.family()).collect()
}

/// Service messages by e-mail and post need no consent (15 USC 7702(17), policy P22), so no opt-out ends them.
fn by_consent_alone(channel: Channel) -> bool {
    !matches!(channel, Channel::Email | Channel::Postal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_picture_messages_stop_together_and_take_service_messages_with_them() {
        for asked in [Channel::Sms, Channel::Mms] {
            let all = Coverage::channel(asked);
            assert!(all.contains(Channel::Sms, Purpose::Transactional) && all.contains(Channel::Mms, Purpose::Updates));
            assert!(!all.contains(Channel::Voice, Purpose::Updates));
        }
    }

    #[test]
    fn service_mail_is_not_taken_back_with_all_consent() {
        let all = Coverage::all_consent();
        for &channel in Channel::ALL {
            assert!(all.contains(channel, Purpose::SpecialOffers), "{channel}");
            let service = all.contains(channel, Purpose::Billing);
            assert_eq!(service, !matches!(channel, Channel::Email | Channel::Postal), "{channel}");
        }
    }
}
