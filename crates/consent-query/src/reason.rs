//! Why the answer is what it is: the closed list of reason codes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The two answers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// The message may be sent.
    Allow,
    /// The message may not be sent.
    Deny,
}

/// Defines the codes, each once: its answer, its name in Rust, its name on the wire and its sentence.
macro_rules! reasons {
    ($($answer:ident { $($variant:ident = $code:literal, $words:literal;)* })*) => {
        /// A reason code. Each belongs to one answer and has one sentence.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $($(#[doc = $words] $variant,)*)* }

        impl Reason {
            /// Every code.
            pub const ALL: &[Self] = &[$($(Self::$variant,)*)*];

            /// The code on the wire, in capitals.
            pub fn as_str(self) -> &'static str {
                match self { $($(Self::$variant => $code,)*)* }
            }

            /// One plain sentence for people.
            pub fn words(self) -> &'static str {
                match self { $($(Self::$variant => $words,)*)* }
            }

            /// The answer this reason gives.
            pub fn answer(self) -> Answer {
                match self { $($(Self::$variant => Answer::$answer,)*)* }
            }
        }
    };
}

reasons! {
    Deny {
        InvalidRequest = "INVALID_REQUEST", "The question could not be read.";
        LedgerUnavailable = "LEDGER_UNAVAILABLE", "The ledger could not be consulted with certainty.";
        Erased = "ERASED", "This person's data was erased and nothing newer is known.";
        MinorUnder13 = "MINOR_UNDER_13", "This person is known to be under thirteen.";
        ProcessingRestricted = "PROCESSING_RESTRICTED", "Processing of this person's data is restricted to storage.";
        OptoutConfirmationLate = "OPTOUT_CONFIRMATION_LATE", "There is no opt-out recent enough to confirm.";
        OptoutConfirmationUsed = "OPTOUT_CONFIRMATION_USED", "The opt-out was confirmed already.";
        NumberReassigned = "NUMBER_REASSIGNED", "The number went out of service after consent was given.";
        AddressUndeliverable = "ADDRESS_UNDELIVERABLE", "Messages to this address came back for good.";
        OptedOutAll = "OPTED_OUT_ALL", "The person took back all consent.";
        ObjectionMarketing = "OBJECTION_MARKETING", "The person objected to marketing.";
        OptedOutChannel = "OPTED_OUT_CHANNEL", "The person opted out of this channel.";
        OptedOutPurpose = "OPTED_OUT_PURPOSE", "The person opted out of this kind of message.";
        RevocationPendingReview = "REVOCATION_PENDING_REVIEW", "A message that may be an opt-out waits to be read.";
        RequestPendingVerification = "REQUEST_PENDING_VERIFICATION", "A request to be forgotten or left alone is not settled yet.";
        DataSourceProhibited = "DATA_SOURCE_PROHIBITED", "The address is known from billing alone, which is never used for marketing.";
        NationalDnc = "NATIONAL_DNC", "The number is on the national do-not-call list.";
        ConsentUnproven = "CONSENT_UNPROVEN", "The consent on record lacks the evidence that would prove it.";
        ConsentInvalid = "CONSENT_INVALID", "The consent on record is void.";
        ConsentInsufficient = "CONSENT_INSUFFICIENT", "The consent on record is not explicit enough for this message.";
        ConsentUnconfirmed = "CONSENT_UNCONFIRMED", "The second step of the double opt-in is missing.";
        ConsentPurposeNotCovered = "CONSENT_PURPOSE_NOT_COVERED", "The consent on record is for other kinds of message.";
        ConsentChannelNotCovered = "CONSENT_CHANNEL_NOT_COVERED", "The consent on record is for other channels.";
        ConsentExpired = "CONSENT_EXPIRED", "The consent on record has ended by its own terms.";
        NoConsent = "NO_CONSENT", "No consent is on record for this address.";
        FrequencyCap = "FREQUENCY_CAP", "As many messages as the law allows were sent already.";
        TimezoneUnknown = "TIMEZONE_UNKNOWN", "The local time of the person is not known.";
        QuietHours = "QUIET_HOURS", "It is a quiet hour where the person may be.";
    }
    Allow {
        Emergency = "EMERGENCY", "Somebody's safety is in danger.";
        LegalNotice = "LEGAL_NOTICE", "The law requires this notice.";
        OptoutConfirmation = "OPTOUT_CONFIRMATION", "One confirmation of the opt-out may be sent.";
        ReplyToConsumerRequest = "REPLY_TO_CONSUMER_REQUEST", "The person asked for this answer.";
        TransactionalRelationship = "TRANSACTIONAL_RELATIONSHIP", "The message is part of a service the person uses.";
        EbrExemption = "EBR_EXEMPTION", "An established business relationship exempts this call.";
        ConsentExpressWritten = "CONSENT_EXPRESS_WRITTEN", "The person agreed to this in writing.";
        ConsentExpress = "CONSENT_EXPRESS", "The person agreed to this.";
        ConsentImplied = "CONSENT_IMPLIED", "Consent follows from the relationship.";
        SoftOptIn = "SOFT_OPT_IN", "The person bought something similar and did not refuse messages.";
        LegitimateInterest = "LEGITIMATE_INTEREST", "A legitimate interest covers this message.";
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = String::deserialize(from)?;
        let known = Self::ALL.iter().find(|reason| reason.as_str() == code);
        known.copied().ok_or_else(|| serde::de::Error::custom("not a known reason code"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_survives_the_way_there_and_back_and_has_a_sentence() {
        for &reason in Reason::ALL {
            let json = serde_json::to_string(&reason).unwrap();
            assert_eq!(serde_json::from_str::<Reason>(&json).unwrap(), reason);
            assert!(reason.as_str().bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'));
            assert!(reason.words().ends_with('.') && reason.words().len() > 20, "{reason}");
        }
        assert!(serde_json::from_str::<Reason>("\"BECAUSE\"").is_err());
    }
}
