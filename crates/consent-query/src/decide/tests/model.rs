//! The rules once more, written as plainly as possible and sharing no code with the engine: for comparing both on
//! histories that nobody thought of. It knows the numbers by heart, a few places alone, and the settings as shipped.

mod basis;
mod clock;
mod consents;
mod people;
mod reach;
mod refusals;

use chrono::{DateTime, Utc};
use consent_core::event::kinds::Level;
use consent_core::event::{EventKind, Recorded};
use consent_core::keywords::{Meaning, classify};
use consent_core::scope::{AddressKind, Channel, Purpose, PurposeClass};
use consents::Given;
use people::People;
use refusals::Refused;

/// One event: its time, its place in the ledger, and whom it names, each as `kind:value`.
pub(super) struct Event<'a> {
    seq: u64,
    at: DateTime<Utc>,
    id: uuid::Uuid,
    kind: &'a EventKind,
    named: Vec<String>,
    subject: Option<String>,
}

/// What is asked.
pub(super) struct Asked {
    pub(super) at: DateTime<Utc>,
    pub(super) subject: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) email: Option<String>,
    pub(super) channel: Channel,
    pub(super) purpose: Purpose,
    pub(super) automated: bool,
    pub(super) product_line: Option<String>,
    pub(super) subject_matter: Option<String>,
    pub(super) opt_out_in_message: bool,
}

/// Everything that the rules below look at.
struct Case<'a> {
    asked: &'a Asked,
    events: &'a [Event<'a>],
    people: People,
    /// The people it may be about.
    subjects: Vec<String>,
    /// Where it would go.
    contact: Option<String>,
    /// All of them, and what was named.
    whom: Vec<String>,
    grants: Vec<Given<'a>>,
    refusals: Vec<Refused>,
}

/// The reason code that is due.
pub(super) fn reason(recorded: &[Recorded], asked: &Asked) -> &'static str {
    let mut events: Vec<Event<'_>> = recorded.iter().map(read).collect();
    events.retain(|event| event.at <= asked.at);
    events.sort_by_key(|event| (event.at, event.seq));
    let people = People::of(&events);
    let mistakes: Vec<String> = events.iter().filter_map(mistake).collect();
    events.retain(|event| !(can_be_mistake(event.kind) && mistakes.contains(&event.id.to_string())));
    Case::new(&events, people, asked).reason()
}

fn mistake(event: &Event<'_>) -> Option<String> {
    match event.kind {
        EventKind::EventCompensated(mistake) => mistake.event_id.clone(),
        _ => None,
    }
}

/// What was said by mistake can be taken back if it permits, not if it forbids. Who has which address stays said.
fn can_be_mistake(kind: &EventKind) -> bool {
    use EventKind::*;
    matches!(
        kind,
        ProfileRecorded(_)
            | ConsentGranted(_)
            | ConsentImported(_)
            | ConsentConfirmed(_)
            | Purchase(_)
            | Inquiry(_)
            | MessageSent(_)
            | NationalDncUnlisted(_)
            | RestrictionLiftNotified(_)
            | RestrictionLifted(_)
    )
}

fn read(recorded: &Recorded) -> Event<'_> {
    let event = &recorded.event;
    let named = event.identities().iter().map(|one| format!("{}:{}", one.kind(), one.value())).collect();
    let at = event.at.unwrap_or(recorded.received_at).min(recorded.received_at);
    let subject = event.subject.as_ref().map(|subject| format!("subject:{subject}"));
    Event { seq: recorded.seq, at, id: recorded.event_id, kind: &event.kind, named, subject }
}

impl<'a> Case<'a> {
    fn new(events: &'a [Event<'a>], people: People, asked: &'a Asked) -> Self {
        let grants = consents::given(events, &people);
        let refusals = refusals::refused(events, &people, &grants);
        let named: Vec<String> = [&asked.phone, &asked.email, &asked.subject].into_iter().flatten().cloned().collect();
        let subjects = match &asked.subject {
            Some(subject) => vec![subject.clone()],
            None => people.holders_of_any(&named),
        };
        let contact = consents::contact(asked, &people, &subjects, &grants);
        let mut whom = named;
        whom.extend(contact.clone());
        whom.extend(subjects.clone());
        Self { asked, events, people, subjects, contact, whom, grants, refusals }
    }

    fn reason(&self) -> &'static str {
        let purpose = self.asked.purpose;
        let class = purpose.class();
        if class != PurposeClass::Legal && self.is_erased() {
            return "ERASED";
        }
        if self.is_child() {
            return "MINOR_UNDER_13";
        }
        match purpose {
            Purpose::Emergency => return "EMERGENCY",
            Purpose::RightsResponse => return "LEGAL_NOTICE",
            _ => {}
        }
        if self.is_restricted() {
            return "PROCESSING_RESTRICTED";
        }
        if purpose == Purpose::OptoutConfirmation {
            return self.confirmation();
        }
        if purpose == Purpose::HelpResponse && self.owes_help() {
            return "REPLY_TO_CONSUMER_REQUEST";
        }
        if let Some(reason) = self.unreachable() {
            return reason;
        }
        if let Some(refused) = self.refusal() {
            return refused;
        }
        if class == PurposeClass::Marketing && self.is_billing_only() {
            return "DATA_SOURCE_PROHIBITED";
        }
        if let Some(notice) = self.notice() {
            return notice;
        }
        let basis = self.basis();
        if basis == "NATIONAL_DNC" || !basis::PERMITS.contains(&basis) {
            return basis;
        }
        if class == PurposeClass::Marketing && clock::RINGS.contains(&self.asked.channel) {
            if self.is_capped() {
                return "FREQUENCY_CAP";
            }
            if self.is_quiet() {
                return "QUIET_HOURS";
            }
        }
        basis
    }

    fn notice(&self) -> Option<&'static str> {
        let known = self.profiles().next().is_some();
        match (self.asked.purpose, self.asked.purpose.class(), self.asked.channel) {
            (Purpose::PolicyChangeNotice, ..) => Some("LEGAL_NOTICE"),
            (_, PurposeClass::Service, Channel::Email) if self.contact.is_some() => Some("TRANSACTIONAL_RELATIONSHIP"),
            (_, PurposeClass::Service, Channel::Postal) if known => Some("TRANSACTIONAL_RELATIONSHIP"),
            _ => None,
        }
    }

    /// Whether an event is about whom is asked: by the person it names, or by an address if that is all there is.
    fn is_about(&self, about: &[String]) -> bool {
        match about.iter().find(|name| name.starts_with("subject:")) {
            Some(subject) if self.subjects.contains(subject) => true,
            Some(_) if self.asked.subject.is_some() => false,
            _ => self.touches(about),
        }
    }

    fn touches(&self, about: &[String]) -> bool {
        about.iter().any(|name| self.whom.contains(name))
    }

    /// Events of a kind with whom they are about, addresses of the person included.
    fn all(&self, wanted: impl Fn(&EventKind) -> bool) -> Vec<(&Event<'a>, Vec<String>)> {
        let found = self.events.iter().filter(|event| wanted(event.kind));
        found.map(|event| (event, self.people.about(event))).collect()
    }

    fn profiles(&self) -> impl Iterator<Item = &Event<'a>> {
        let is_profile = |event: &&Event<'_>| matches!(event.kind, EventKind::ProfileRecorded(_));
        self.events.iter().filter(is_profile).filter(|event| self.is_about(&event.named))
    }

    fn is_erased(&self) -> bool {
        let erasures = self.all(|kind| matches!(kind, EventKind::ErasureCompleted(_)));
        let signs = self
            .all(|kind| matches!(kind, EventKind::ProfileRecorded(_) | EventKind::Purchase(_) | EventKind::Inquiry(_)));
        let mut signs: Vec<_> = signs.into_iter().map(|(event, about)| (event.at, about)).collect();
        let proven = self.grants.iter().filter(|grant| !grant.is_void() && grant.complete);
        signs.extend(proven.map(|grant| (grant.at, grant.about())));
        let is_back = |(erasure, about): &(&Event<'_>, Vec<String>)| {
            signs.iter().any(|(at, sign)| *at > erasure.at && people::same_person(about, sign))
        };
        erasures.iter().any(|erased| self.is_about(&erased.1) && !is_back(erased))
    }

    fn is_child(&self) -> bool {
        self.profiles().any(|event| consents::birth(event.kind).is_some_and(|born| clock::is_child(born, event.at)))
    }

    fn is_restricted(&self) -> bool {
        let of = |wanted: fn(&EventKind) -> bool| self.all(wanted);
        let notices = of(|kind| matches!(kind, EventKind::RestrictionLiftNotified(_)));
        let lifts = of(|kind| matches!(kind, EventKind::RestrictionLifted(_)));
        of(|kind| matches!(kind, EventKind::RestrictionStarted(_))).iter().any(|(start, about)| {
            let ended = lifts.iter().any(|(lift, by)| {
                let told = notices
                    .iter()
                    .any(|(notice, to)| start.at < notice.at && notice.at < lift.at && people::same_person(about, to));
                told && people::same_person(about, by)
            });
            self.is_about(about) && !ended
        })
    }

    fn sent(&self, purpose: Purpose) -> Vec<DateTime<Utc>> {
        let family = self.asked.channel.family();
        let wanted = |kind: &EventKind| match kind {
            EventKind::MessageSent(sent) => {
                sent.purpose == Some(purpose) && sent.channel.map(Channel::family) == Some(family)
            }
            _ => false,
        };
        let sent = self.all(wanted);
        sent.into_iter().filter(|(_, about)| self.touches(about)).map(|(event, _)| event.at).collect()
    }

    fn confirmation(&self) -> &'static str {
        let channel = self.asked.channel;
        let agreed = self.grants.iter().filter(|grant| {
            let mine = self.is_given(grant) && grant.counts(self.asked.at) && grant.terms.level >= Some(Level::Express);
            mine && grant.terms.channels.iter().any(|one| one.family() == channel.family())
        });
        let since = agreed.map(|grant| grant.at).max();
        let mut open: Vec<&Refused> = self.refusals.iter().collect();
        open.retain(|one| {
            one.is_confirmable(channel)
                && !matches!(channel, Channel::Voice | Channel::Postal)
                && self.would_reach(one)
                && !self.touches(&one.given_back_to)
                && since.is_none_or(|since| one.at >= since)
        });
        let (Some(first), Some(last)) = (open.first(), open.last()) else { return "OPTOUT_CONFIRMATION_LATE" };
        if self.sent(Purpose::OptoutConfirmation).iter().any(|at| *at >= first.at) {
            return "OPTOUT_CONFIRMATION_USED";
        }
        let seconds = (self.asked.at - last.at).num_seconds();
        if seconds < 300 { "OPTOUT_CONFIRMATION" } else { "OPTOUT_CONFIRMATION_LATE" }
    }

    /// Whether what is sent goes to the address that was named or, if none was, to the person.
    fn would_reach(&self, one: &Refused) -> bool {
        let of_person = self.subjects.iter().any(|subject| one.binds.contains(subject));
        let kind = match self.asked.channel.address_kind() {
            AddressKind::Phone => "phone:",
            AddressKind::Email => "email:",
            AddressKind::Other => return of_person,
        };
        let Some(to) = &self.contact else { return false };
        if one.named.iter().any(|name| name.starts_with(kind)) { one.named.contains(to) } else { of_person }
    }

    fn owes_help(&self) -> bool {
        let asks = |kind: &EventKind| match kind {
            EventKind::InboundSms(sms) => classify(sms.body.as_deref().unwrap_or(""), None) == Meaning::Help,
            _ => false,
        };
        let asked = self.all(asks);
        let here = |about: &[String]| self.contact.as_ref().is_some_and(|to| about.contains(to));
        let Some(asked) = asked.iter().filter(|(_, about)| here(about)).map(|(event, _)| event.at).max() else {
            return false;
        };
        let refused_since = self.standing_refusals().iter().any(|one| one.at >= asked);
        self.asked.channel.family() == Channel::Sms
            && (self.asked.at - asked).num_days() < 7
            && !refused_since
            && !self.sent(Purpose::HelpResponse).iter().any(|at| *at >= asked)
    }
}
