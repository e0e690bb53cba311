//! The fields of each event type, beside the common ones.
//!
//! Fields that widen consent are read strictly: an unknown channel in a grant is an error. Fields of events that
//! narrow it are [`Lenient`]: a word we do not know is kept, and binds as widely as it could have been meant.

mod forms;
mod words;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::scope::{Channel, Lenient, Purpose, WithdrawalScope};
pub use words::{AddressSource, Indicator, Level, Outcome};

/// Defines the structs: strict about unknown fields, with absent fields left out when written.
macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $($(#[$fdoc])* #[serde(skip_serializing_if = "crate::event::kinds::Absent::is_absent")] pub $field: $type),* }
    )*};
}

/// Whether a field has nothing to say, so that it is left out of the stored event.
pub(super) trait Absent {
    fn is_absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl Absent for WithdrawalScope {
    fn is_absent(&self) -> bool {
        *self == Self::Unspecified
    }
}

/// The electronic signature under a written consent (E-SIGN, 47 CFR 64.1200(f)(9)(ii)).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Signature {
    /// Such as `typed_name`, `drawn` or `checkbox`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The name that was signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl InboundSms {
    /// Whether it is only a piece of what the person wrote. A piece may take permission away, but gives none: who
    /// writes "do not" and "start" has not asked for messages.
    pub fn is_piece(&self) -> bool {
        self.part.as_ref().is_some_and(|part| part.total != Some(1))
    }
}

fields! {
    /// What is known of a person: the basis of jurisdiction, time zone and age.
    ProfileRecorded {
        /// ISO 3166-1 alpha-2 country code.
        country: Option<String>,
        /// Region or state code, such as `FL`.
        region: Option<String>,
        /// Postal code.
        postal_code: Option<String>,
        /// IANA time zone that the person chose.
        declared_timezone: Option<String>,
        /// Date of birth; under 13 nothing may be sent (COPPA).
        date_of_birth: Option<NaiveDate>,
        /// Where the address was learnt.
        address_source: Option<AddressSource>,
    }

    /// A consent, with its evidence. Missing evidence stays missing and can never allow.
    ConsentGranted {
        /// Channels the person agreed to.
        channels: Vec<Channel>,
        /// Purposes the person agreed to.
        purposes: Vec<Purpose>,
        /// How explicit the consent is.
        level: Option<Level>,
        /// How it was given, such as `web_form_unticked_box_ticked`.
        method: Option<String>,
        /// Version of the policy that was shown.
        policy_version: Option<String>,
        /// The person acted; silence and ticked boxes are no consent.
        affirmative_action: Option<bool>,
        /// The consent was a condition of a purchase, which makes it void (policy P13, P17).
        condition_of_purchase: Option<bool>,
        /// The seller named in the disclosure.
        seller: Option<String>,
        /// The electronic signature.
        signature: Option<Signature>,
        /// Hash of the disclosure as it was shown.
        disclosure_sha256: Option<String>,
        /// Where the evidence is kept.
        evidence_ref: Option<String>,
        /// Address from which the consent came.
        ip: Option<String>,
        /// Browser or app from which the consent came.
        user_agent: Option<String>,
        /// A second step (`consent_confirmed`) is required before the consent counts.
        double_opt_in: Option<bool>,
        /// When the consent ends by its own terms: a time, or a day, at whose beginning (UTC) it ends.
        #[serde(deserialize_with = "forms::day_or_time")]
        expires_at: Option<DateTime<Utc>>,
    }

    /// The second step of a double opt-in.
    ConsentConfirmed {
        /// Id of the `consent_granted` event; the latest pending one if absent.
        confirms: Option<String>,
        /// How it was confirmed.
        method: Option<String>,
    }

    /// Somebody takes consent back outside the text channel.
    WithdrawalRequest {
        /// `chat email phone letter in_person portal`.
        via: Option<String>,
        /// How much is taken back.
        scope: WithdrawalScope,
        /// The words used.
        text: Option<String>,
        /// Address the request came from; it binds that address.
        from: Option<String>,
        /// Address the request went to.
        to: Option<String>,
    }

    /// A text message from a person, as the gateway delivered it.
    InboundSms {
        /// Gateway account.
        gateway: Option<String>,
        /// Sender.
        from: Option<String>,
        /// Recipient: one of INFI's numbers.
        to: Option<String>,
        /// The text, whole; or this part of it.
        body: Option<String>,
        /// Which part of a longer text it is, if the gateway hands them over one by one.
        part: Option<Part>,
        /// The gateway's id of the message.
        provider_message_id: Option<String>,
        /// Addresses of attached media.
        media: Vec<String>,
        /// What the gateway says it did: `STOP START HELP`, or `true` for an opt-out.
        #[serde(deserialize_with = "forms::indicator")]
        opt_out_indicator: Option<Lenient<Indicator>>,
    }

    /// The place of a part within a text that came in parts. All parts of one text have the same reference.
    Part {
        /// What the sender's phone calls the text; used again after a while.
        reference: Option<String>,
        /// Which part it is, from 1.
        number: Option<u32>,
        /// How many parts there are.
        total: Option<u32>,
    }

    /// An authentic message that was not understood; marketing to its sender waits for a person.
    InboundUnparsed {
        /// Gateway account.
        gateway: Option<String>,
        /// The raw body, base64.
        bytes: Option<String>,
        /// The sender, as far as it could be found.
        #[serde(alias = "sender_guess", alias = "from")]
        sender: Option<String>,
        /// The body was longer than is kept.
        truncated: Option<bool>,
    }

    /// The answer to the question what an opt-out was meant to cover (47 CFR 64.1200(a)(12)).
    OptoutClarified {
        /// Channels meant.
        channels: Vec<Lenient<Channel>>,
        /// Purposes the person wants to keep.
        keep_purposes: Vec<Lenient<Purpose>>,
        /// The words used.
        raw: Option<String>,
    }

    /// Choices made on a preference page or in an app.
    PreferenceSet {
        /// The channel the choices are about.
        channel: Option<Lenient<Channel>>,
        /// Purposes switched on.
        #[serde(alias = "purposes_on")]
        on: Vec<Purpose>,
        /// Purposes switched off.
        #[serde(alias = "purposes_off")]
        off: Vec<Lenient<Purpose>>,
        /// `portal api console`.
        via: Option<String>,
    }

    /// An unsubscribe from e-mail.
    EmailUnsubscribe {
        /// The address that unsubscribes.
        address: Option<String>,
        /// `one_click_post link list_reply`; `get_prefetch` is a scanner and changes nothing.
        method: Option<String>,
    }

    /// The recipient marked a message as spam.
    EmailComplaint {
        /// The address that complained.
        address: Option<String>,
        /// As the feedback loop reports it.
        kind: Option<String>,
    }

    /// A message came back.
    EmailBounced {
        /// The address.
        address: Option<String>,
        /// `hard` or `soft`.
        kind: Option<String>,
    }

    /// A request not to be called or texted (47 CFR 64.1200(d)).
    DoNotCallRequest {
        /// The channel it was made on.
        channel: Option<Lenient<Channel>>,
        /// The words used.
        raw: Option<String>,
    }

    /// An objection (GDPR Art 21).
    Objection {
        /// `direct_marketing profiling legitimate_interest`.
        scope: Option<String>,
        /// The route it came by.
        via: Option<String>,
        /// The decision on it, where one is needed.
        outcome: Option<String>,
    }

    /// The permission a device gives for notifications.
    PushPermission {
        /// `granted` or `denied`.
        state: Option<String>,
    }

    /// A message went out.
    MessageSent {
        /// Channel.
        channel: Option<Channel>,
        /// Purpose.
        purpose: Option<Purpose>,
        /// What it was about; caps count messages on one subject.
        subject_matter: Option<String>,
        /// The gateway's id of the message.
        provider_message_id: Option<String>,
        /// The permit it was sent under.
        permit: Option<String>,
    }

    /// What a gateway says became of a message.
    DeliveryReported {
        /// Gateway account.
        gateway: Option<String>,
        /// The gateway's id of the message.
        provider_message_id: Option<String>,
        /// The outcome, normalised.
        outcome: Option<Lenient<Outcome>>,
        /// The gateway's own status and error code.
        code: Option<String>,
    }

    /// A gateway reports an opt-out of somebody whom the ledger would have allowed to be written to until then: the
    /// opt-out itself never reached us. It changes nothing; the report does.
    OptoutMissed {
        /// Gateway account.
        gateway: Option<String>,
        /// Event id of the report.
        report: Option<String>,
        /// Purposes that were allowed until then, by text.
        allowed: Vec<Purpose>,
    }

    /// A number went out of service.
    NumberDeactivated {
        /// The day it was disconnected; a day that cannot be read is kept, and the event counts from its own time.
        disconnected_on: Option<Lenient<NaiveDate>>,
    }

    /// A number entered the national do-not-call list.
    NationalDncListed {}

    /// A number left the national do-not-call list.
    NationalDncUnlisted {}

    /// A purchase: it may begin a relationship, it is never a consent (policy P04).
    Purchase {
        /// What was bought.
        product_line: Option<String>,
        /// A refusal of messages was offered when the address was collected (PECR reg 22(3)).
        opt_out_offered_at_collection: Option<bool>,
    }

    /// An inquiry: it may begin a relationship, it is never a consent.
    Inquiry {
        /// What was asked about.
        product_line: Option<String>,
        /// A refusal of messages was offered when the address was collected.
        opt_out_offered_at_collection: Option<bool>,
    }

    /// A version of the privacy policy.
    PolicyPublished {
        /// Its name, such as `2024-03-20`.
        version: Option<String>,
        /// When it takes effect: a time, or a day.
        #[serde(deserialize_with = "forms::day_or_time")]
        effective_at: Option<DateTime<Utc>>,
        /// Hash of its text.
        text_sha256: Option<String>,
        /// The change is material and needs a notice first (policy P57).
        material: Option<bool>,
        /// Purposes for which the policy describes text messages.
        sms_purposes: Vec<Purpose>,
    }

    /// A person was told of a policy version.
    PolicyNoticeGiven {
        /// The version.
        version: Option<String>,
    }

    /// A person went on using the service under a policy version (policy P58).
    ContinuedUse {
        /// The version.
        version: Option<String>,
    }

    /// A request under data protection law.
    RightsRequest {
        /// `access portability correction erasure restriction objection`.
        right: Option<String>,
        /// The ground given.
        ground: Option<String>,
        /// The law it is made under.
        jurisdiction: Option<String>,
        /// The person's identity was checked.
        identity_verified: Option<bool>,
    }

    /// The identity behind a rights request was checked.
    RightsRequestVerified {
        /// Event id of the request.
        request: Option<String>,
        /// How it was checked.
        method: Option<String>,
    }

    /// A rights request was met.
    RightsRequestCompleted {
        /// Event id of the request.
        request: Option<String>,
        /// What was done.
        outcome: Option<String>,
        /// When the person was told.
        notified: Option<DateTime<Utc>>,
    }

    /// A rights request was refused.
    RightsRequestRefused {
        /// Event id of the request.
        request: Option<String>,
        /// Why.
        reason_code: Option<String>,
        /// When the person was told.
        notified: Option<DateTime<Utc>>,
        /// Where the person can complain (policy P36).
        regulator_route: Option<String>,
    }

    /// Processing is restricted to storage (GDPR Art 18).
    RestrictionStarted {
        /// The ground.
        ground: Option<String>,
    }

    /// The person was told that a restriction will end (GDPR Art 18(3)).
    RestrictionLiftNotified {
        /// The ground.
        ground: Option<String>,
    }

    /// A restriction ended.
    RestrictionLifted {
        /// The ground.
        ground: Option<String>,
    }

    /// A person's data was erased (GDPR Art 17).
    ErasureCompleted {
        /// Event id of the request.
        request: Option<String>,
    }

    /// A contact point belongs to a subject.
    IdentityLinked {}

    /// A contact point no longer belongs to a subject.
    IdentityUnlinked {}

    /// A person read a message that was held for review.
    ReviewResolved {
        /// Event id of the message. Kept as `resolves`, because every kept event has an `event_id` of its own.
        #[serde(rename = "resolves", alias = "event_id", alias = "event")]
        event_id: Option<String>,
        /// `is_opt_out` or `is_not`.
        outcome: Option<String>,
        /// Who read it.
        reviewer: Option<String>,
    }

    /// Data was shown to somebody (policy P27).
    DisclosureMade {
        /// Who received it.
        recipient: Option<String>,
        /// What was shown.
        what: Option<String>,
    }

    /// An import or a mistake is taken back; it can never cancel an opt-out.
    EventCompensated {
        /// Id of the event taken back. Kept as `compensates`, because every kept event has an `event_id` of its own.
        #[serde(rename = "compensates", alias = "event_id", alias = "event")]
        event_id: Option<String>,
        /// Why.
        why: Option<String>,
    }
}
