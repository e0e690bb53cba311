//! Channels and purposes: what a consent or a withdrawal can cover.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A name that is in no list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a known {0}")]
pub struct UnknownName(&'static str);

/// Defines an enum whose variants are the words used on the wire, with the list of all of them.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Every value, in the order in which it is documented.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word used on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::scope::UnknownName;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)* _ => Err($crate::scope::UnknownName::new($what)) }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> { to.serialize_str(self.as_str()) }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Word;
                impl serde::de::Visitor<'_> for Word {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("a string") }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                from.deserialize_str(Word)
            }
        }
    };
}
pub(crate) use words;

impl UnknownName {
    pub(crate) const fn new(what: &'static str) -> Self {
        Self(what)
    }
}

words! {
    /// A way to reach a person.
    Channel, "channel" {
        /// Text message.
        Sms = "sms",
        /// Multimedia message; stops together with `sms`.
        Mms = "mms",
        /// Telephone call.
        Voice = "voice",
        /// E-mail.
        Email = "email",
        /// Notification on a device.
        Push = "push",
        /// WhatsApp message.
        Whatsapp = "whatsapp",
        /// Letter.
        Postal = "postal",
    }
}

/// The kind of address on which a channel reaches a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressKind {
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// Neither: a device or a postal address, known only through the subject.
    Other,
}

impl Channel {
    /// The channel as far as stopping goes: `sms` and `mms` stop together.
    pub fn family(self) -> Self {
        if self == Self::Mms { Self::Sms } else { self }
    }

    /// The kind of address this channel needs.
    pub fn address_kind(self) -> AddressKind {
        match self {
            Self::Sms | Self::Mms | Self::Voice | Self::Whatsapp => AddressKind::Phone,
            Self::Email => AddressKind::Email,
            Self::Push | Self::Postal => AddressKind::Other,
        }
    }
}

words! {
    /// Why a message is sent.
    Purpose, "purpose" {
        /// News of the platform (policy P23).
        Updates = "updates",
        /// Special offers.
        SpecialOffers = "special_offers",
        /// News of services.
        Services = "services",
        /// About a transaction under way.
        Transactional = "transactional",
        /// Invoices and payments.
        Billing = "billing",
        /// Customer support.
        Support = "support",
        /// Security advisories.
        Security = "security",
        /// Maintenance advisories.
        Maintenance = "maintenance",
        /// The answer to a question the person asked.
        InquiryReply = "inquiry_reply",
        /// Notice of a changed policy.
        PolicyChangeNotice = "policy_change_notice",
        /// The answer to a request made under data protection law.
        RightsResponse = "rights_response",
        /// The one confirmation of an opt-out.
        OptoutConfirmation = "optout_confirmation",
        /// The answer to HELP.
        HelpResponse = "help_response",
        /// Danger to somebody's safety.
        Emergency = "emergency",
    }
}

/// What a purpose is in the eyes of the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurposeClass {
    /// Advertising and telemarketing.
    Marketing,
    /// Part of a service the person uses.
    Service,
    /// Required by law.
    Legal,
    /// Part of the opt-out protocol itself.
    Protocol,
    /// Danger to somebody's safety.
    Emergency,
}

impl Purpose {
    /// The class this purpose belongs to.
    pub fn class(self) -> PurposeClass {
        match self {
            Self::Updates | Self::SpecialOffers | Self::Services => PurposeClass::Marketing,
            Self::Transactional
            | Self::Billing
            | Self::Support
            | Self::Security
            | Self::Maintenance
            | Self::InquiryReply => PurposeClass::Service,
            Self::PolicyChangeNotice | Self::RightsResponse => PurposeClass::Legal,
            Self::OptoutConfirmation | Self::HelpResponse => PurposeClass::Protocol,
            Self::Emergency => PurposeClass::Emergency,
        }
    }
}

/// How much a withdrawal takes back. Read generously: a word that is not understood takes back everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WithdrawalScope {
    /// The person did not say, so everything that rests on consent.
    #[default]
    Unspecified,
    /// Everything, in so many words.
    All,
    /// One channel.
    Channel(Channel),
    /// One purpose.
    Purpose(Purpose),
    /// A word we do not know; it is kept and binds like `Unspecified`.
    Other(String),
}

impl fmt::Display for WithdrawalScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::All => "all",
            Self::Channel(channel) => channel.as_str(),
            Self::Purpose(purpose) => purpose.as_str(),
            Self::Other(word) => word,
        })
    }
}

impl From<String> for WithdrawalScope {
    fn from(word: String) -> Self {
        match word.as_str() {
            "unspecified" => Self::Unspecified,
            "all" => Self::All,
            text => (text.parse().map(Self::Channel))
                .or_else(|_| text.parse().map(Self::Purpose))
                .unwrap_or(Self::Other(word)),
        }
    }
}

impl Serialize for WithdrawalScope {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WithdrawalScope {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::<String>::deserialize(from).map(|word| word.map_or(Self::Unspecified, Self::from))
    }
}

/// A word from a list, or, in an event that narrows consent, a word that is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Lenient<T> {
    /// A known word.
    Known(T),
    /// An unknown word, kept as it came.
    Other(String),
}

impl<T: Copy> Lenient<T> {
    /// The known word, if it is one.
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(value) => Some(*value),
            Self::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_way_there_and_back() {
        for &channel in Channel::ALL {
            assert_eq!(channel.as_str().parse(), Ok(channel));
        }
        for &purpose in Purpose::ALL {
            assert_eq!(purpose.as_str().parse(), Ok(purpose));
        }
        assert!("fax".parse::<Channel>().is_err());
    }

    #[test]
    fn an_unknown_scope_takes_back_everything_and_is_kept() {
        let scope: WithdrawalScope = serde_json::from_str("\"newsletter\"").unwrap();
        assert_eq!(scope, WithdrawalScope::Other("newsletter".into()));
        assert_eq!(serde_json::to_string(&scope).unwrap(), "\"newsletter\"");
        assert_eq!(serde_json::from_str::<WithdrawalScope>("null").unwrap(), WithdrawalScope::Unspecified);
        assert_eq!(serde_json::from_str::<WithdrawalScope>("\"mms\"").unwrap(), WithdrawalScope::Channel(Channel::Mms));
    }
}
