//! Events: things that happened, said once and never changed.
//!
//! [`Event::from_json`] is the only reader of events, used for what comes in and for what was stored. It refuses
//! unknown fields, names the field of every fault by JSON pointer, and brings addresses to their canonical form.

pub mod fault;
pub mod kinds;
mod members;
mod narrowing;
mod quick;
mod stored;
mod time;
pub mod unique;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::address::{Email, Identity, Phone, SubjectId};
use crate::card;
use fault::{EventError, Fault};
use kinds::*;
pub use members::{Member, Written};
pub use quick::InPlace;
pub use stored::{Draft, Recorded};

/// Defines the list of event types: the enum, their names and their readers. It is the only such list.
macro_rules! event_types {
    ($($variant:ident($fields:ident) = $name:literal),* $(,)?) => {
        /// What happened, with the fields of its type.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum EventKind { $(#[doc = concat!("`", $name, "`")] $variant($fields)),* }

        impl EventKind {
            /// The name of every event type.
            pub const NAMES: &[&str] = &[$($name),*];

            /// The name used on the wire.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name),* }
            }

            fn from_fields(name: &str, fields: Map<String, Value>) -> Result<Self, EventError> {
                match name {
                    $($name => fault::read::<$fields>(fields).map(Self::$variant),)*
                    _ => Err(Fault::new("/type", "not a known event type").into()),
                }
            }

            /// The same from members where they lie, or nothing.
            fn from_members(name: &str, members: &[Member<'_>]) -> Option<Self> {
                match name {
                    $($name => members::read::<$fields>(members).map(Self::$variant),)*
                    _ => None,
                }
            }

            fn to_fields(&self) -> serde_json::Result<Value> {
                match self { $(Self::$variant(fields) => serde_json::to_value(fields)),* }
            }
        }
    };
}

event_types! {
    ProfileRecorded(ProfileRecorded) = "profile_recorded",
    ConsentGranted(ConsentGranted) = "consent_granted",
    ConsentConfirmed(ConsentConfirmed) = "consent_confirmed",
    ConsentImported(ConsentGranted) = "consent_imported",
    WithdrawalRequest(WithdrawalRequest) = "withdrawal_request",
    InboundSms(InboundSms) = "inbound_sms",
    InboundUnparsed(InboundUnparsed) = "inbound_unparsed",
    OptoutClarified(OptoutClarified) = "optout_clarified",
    PreferenceSet(PreferenceSet) = "preference_set",
    EmailUnsubscribe(EmailUnsubscribe) = "email_unsubscribe",
    EmailComplaint(EmailComplaint) = "email_complaint",
    EmailBounced(EmailBounced) = "email_bounced",
    DoNotCallRequest(DoNotCallRequest) = "do_not_call_request",
    Objection(Objection) = "objection",
    PushPermission(PushPermission) = "push_permission",
    MessageSent(MessageSent) = "message_sent",
    DeliveryReported(DeliveryReported) = "delivery_reported",
    OptoutMissed(OptoutMissed) = "optout_missed",
    NumberDeactivated(NumberDeactivated) = "number_deactivated",
    NationalDncListed(NationalDncListed) = "national_dnc_listed",
    NationalDncUnlisted(NationalDncUnlisted) = "national_dnc_unlisted",
    Purchase(Purchase) = "purchase",
    Inquiry(Inquiry) = "inquiry",
    PolicyPublished(PolicyPublished) = "policy_published",
    PolicyNoticeGiven(PolicyNoticeGiven) = "policy_notice_given",
    ContinuedUse(ContinuedUse) = "continued_use",
    RightsRequest(RightsRequest) = "rights_request",
    RightsRequestVerified(RightsRequestVerified) = "rights_request_verified",
    RightsRequestCompleted(RightsRequestCompleted) = "rights_request_completed",
    RightsRequestRefused(RightsRequestRefused) = "rights_request_refused",
    RestrictionStarted(RestrictionStarted) = "restriction_started",
    RestrictionLiftNotified(RestrictionLiftNotified) = "restriction_lift_notified",
    RestrictionLifted(RestrictionLifted) = "restriction_lifted",
    ErasureCompleted(ErasureCompleted) = "erasure_completed",
    IdentityLinked(IdentityLinked) = "identity_linked",
    IdentityUnlinked(IdentityUnlinked) = "identity_unlinked",
    ReviewResolved(ReviewResolved) = "review_resolved",
    DisclosureMade(DisclosureMade) = "disclosure_made",
    EventCompensated(EventCompensated) = "event_compensated",
}

/// An event: the common fields and those of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When it happened; when it was received, if nobody said.
    pub at: Option<DateTime<Utc>>,
    /// The person, by INFI's own id.
    pub subject: Option<SubjectId>,
    /// The phone number it is about.
    pub phone: Option<Phone>,
    /// The e-mail address it is about.
    pub email: Option<Email>,
    /// The caller's name for this event: said twice, it is recorded once.
    pub idempotency_key: Option<String>,
    /// Who recorded it.
    pub actor: Option<String>,
    /// The system it came from.
    pub source: Option<String>,
    /// A remark.
    pub note: Option<String>,
    /// Common fields of a narrowing event that could not be read, as they came: (name, text).
    pub unread: Vec<(&'static str, Value)>,
    /// What happened.
    pub kind: EventKind,
}

impl Event {
    /// An event of this kind with no common field set.
    pub fn new(kind: EventKind) -> Self {
        Self {
            at: None,
            subject: None,
            phone: None,
            email: None,
            idempotency_key: None,
            actor: None,
            source: None,
            note: None,
            unread: Vec::new(),
            kind,
        }
    }

    /// Reads an event, masking payment-card numbers (policy P07) on the way.
    pub fn from_json(value: Value) -> Result<Self, EventError> {
        let Value::Object(mut fields) = value else {
            return Err(Fault::new("", "an event is a JSON object").into());
        };
        card::mask_fields(&mut fields);
        fault::check_sizes(&fields)?;
        let name = match fields.remove("type") {
            Some(Value::String(name)) => name,
            Some(_) => return Err(Fault::new("/type", "must be a text").into()),
            None => return Err(Fault::new("/type", "is missing").into()),
        };
        let mut common = Vec::with_capacity(COMMON.len());
        for field in COMMON {
            common.extend(fields.remove(*field).map(|value| (*field, value)));
        }
        let event = Self::new(EventKind::from_fields(&name, fields)?);
        let event = event.with_common(&mut common)?;
        event.require()?;
        Ok(event)
    }

    fn with_common(mut self, fields: &mut Vec<(&'static str, Value)>) -> Result<Self, EventError> {
        let mut common = fault::Common::new(fields, self.kind.narrows());
        self.at = common.take("at", fault::time);
        self.subject = common.take("subject", fault::parsed);
        self.phone = common.take("phone", fault::parsed);
        self.email = common.take("email", fault::parsed);
        self.idempotency_key = common.take("idempotency_key", fault::text);
        self.actor = common.take("actor", fault::text);
        self.source = common.take("source", fault::text);
        self.note = common.take("note", fault::text);
        self.unread = common.finish()?;
        Ok(self)
    }

    /// What a type cannot do without. Only events that widen consent or act on another event require anything.
    fn require(&self) -> Result<(), EventError> {
        let mut faults = Vec::new();
        let mut need = |present: bool, pointer: &str| {
            if !present {
                faults.push(Fault::new(pointer, "is missing"));
            }
        };
        match &self.kind {
            EventKind::ConsentGranted(grant) => {
                need(!grant.channels.is_empty(), "/channels");
                need(!grant.purposes.is_empty(), "/purposes");
                need(grant.level.is_some(), "/level");
            }
            EventKind::PolicyPublished(policy) => need(policy.version.is_some(), "/version"),
            EventKind::EventCompensated(fields) => need(fields.event_id.is_some(), "/event_id"),
            EventKind::ReviewResolved(fields) => {
                need(fields.event_id.is_some(), "/event_id");
                need(fields.outcome.is_some(), "/outcome");
            }
            EventKind::MessageSent(sent) => {
                need(sent.channel.is_some(), "/channel");
                need(sent.purpose.is_some(), "/purpose");
            }
            _ => {}
        }
        let about_nobody = matches!(self.kind, EventKind::PolicyPublished(_) | EventKind::DisclosureMade(_))
            || matches!(self.kind, EventKind::EventCompensated(_) | EventKind::ReviewResolved(_));
        let names_somebody = self.phone.is_some() || self.email.is_some() || self.subject.is_some();
        if !about_nobody && !names_somebody && !self.kind.narrows() && self.identities().is_empty() {
            faults.push(Fault::new("/subject", "one of subject, phone or email is needed"));
        }
        if faults.is_empty() { Ok(()) } else { Err(EventError { faults }) }
    }

    /// The event as JSON, in the shape in which [`Event::from_json`] reads it.
    pub fn to_json(&self) -> serde_json::Result<Map<String, Value>> {
        let Value::Object(mut fields) = self.kind.to_fields()? else {
            return Ok(Map::new());
        };
        let mut put = |name: &str, value: Option<String>| {
            if let Some(text) = value {
                fields.insert(name.to_owned(), Value::String(text));
            }
        };
        put("type", Some(self.kind.name().to_owned()));
        put("at", self.at.map(time::format));
        put("subject", self.subject.as_ref().map(ToString::to_string));
        put("phone", self.phone.as_ref().map(ToString::to_string));
        put("email", self.email.as_ref().map(ToString::to_string));
        put("idempotency_key", self.idempotency_key.clone());
        put("actor", self.actor.clone());
        put("source", self.source.clone());
        put("note", self.note.clone());
        for (name, value) in &self.unread {
            // What could not be read may have been given since, as the time of an event that waited.
            fields.entry(*name).or_insert_with(|| value.clone());
        }
        Ok(fields)
    }

    /// Everybody this event is about, most specific first: the contact points, then the subject.
    pub fn identities(&self) -> Vec<Identity> {
        let mut all = Vec::new();
        let mut add = |identity: Identity| {
            if !all.contains(&identity) {
                all.push(identity);
            }
        };
        let phone = |text: &Option<String>| text.as_deref().and_then(|text| Phone::parse_from_gateway(text).ok());
        let email = |text: &Option<String>| text.as_deref().and_then(|text| Email::parse(text).ok());
        self.phone.iter().cloned().map(Identity::Phone).for_each(&mut add);
        match &self.kind {
            EventKind::InboundSms(sms) => phone(&sms.from).map(Identity::Phone).into_iter().for_each(&mut add),
            EventKind::InboundUnparsed(raw) => phone(&raw.sender).map(Identity::Phone).into_iter().for_each(&mut add),
            EventKind::WithdrawalRequest(request) => {
                phone(&request.from).map(Identity::Phone).into_iter().for_each(&mut add);
                email(&request.from).map(Identity::Email).into_iter().for_each(&mut add);
            }
            EventKind::EmailUnsubscribe(EmailUnsubscribe { address, .. })
            | EventKind::EmailComplaint(EmailComplaint { address, .. })
            | EventKind::EmailBounced(EmailBounced { address, .. }) => {
                email(address).map(Identity::Email).into_iter().for_each(&mut add);
            }
            _ => {}
        }
        self.email.iter().cloned().map(Identity::Email).for_each(&mut add);
        self.subject.iter().cloned().map(Identity::Subject).for_each(&mut add);
        all
    }

    /// The events this one is about: the one it confirms, takes back, resolves or answers.
    pub fn references(&self) -> Vec<Uuid> {
        let named = match &self.kind {
            EventKind::ConsentConfirmed(fields) => &fields.confirms,
            EventKind::OptoutMissed(fields) => &fields.report,
            EventKind::ReviewResolved(ReviewResolved { event_id, .. })
            | EventKind::EventCompensated(EventCompensated { event_id, .. }) => event_id,
            EventKind::RightsRequestVerified(RightsRequestVerified { request, .. })
            | EventKind::RightsRequestCompleted(RightsRequestCompleted { request, .. })
            | EventKind::RightsRequestRefused(RightsRequestRefused { request, .. })
            | EventKind::ErasureCompleted(ErasureCompleted { request }) => request,
            _ => &None,
        };
        named.as_deref().and_then(|id| id.parse().ok()).into_iter().collect()
    }
}

/// The fields every event may carry.
const COMMON: &[&str] = &["at", "subject", "phone", "email", "idempotency_key", "actor", "source", "note"];

#[cfg(test)]
mod tests;
