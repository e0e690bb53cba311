//! The rules once more, written as plainly as possible and sharing no code with the engine: for comparing both on
//! histories that nobody thought of. It knows the numbers by heart, a few places alone, and the settings as shipped.

mod acts;
mod basis;
mod clock;
mod consents;
mod mistakes;
mod people;
mod places;
mod reach;
mod refusals;
mod relations;
mod replies;
mod requests;
mod returns;

use chrono::{DateTime, Utc};
use consent_core::event::{EventKind, Recorded};
use consent_core::scope::{Channel, Purpose, PurposeClass};
use consents::Given;
use people::People;
use refusals::Refused;

/// One event: its times, its place in the ledger, and whom it names, each as `kind:value`.
pub(super) struct Event<'a> {
    seq: u64,
    at: DateTime<Utc>,
    received: DateTime<Utc>,
    id: uuid::Uuid,
    kind: &'a EventKind,
    named: Vec<String>,
    subject: Option<String>,
    /// It was taken back, as far as that is possible.
    mistaken: bool,
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
    events.retain(|event| event.at <= asked.at && event.received <= asked.at);
    events.sort_by_key(|event| (event.at, event.seq));
    mistakes::mark(&mut events);
    let people = People::of(&events);
    events.retain(|event| !mistakes::is_gone(event));
    Case::new(&events, people, asked).reason()
}

fn read(recorded: &Recorded) -> Event<'_> {
    let event = &recorded.event;
    let received = recorded.received_at;
    Event {
        seq: recorded.seq,
        at: event.at.unwrap_or(received).min(received),
        received,
        id: recorded.event_id,
        kind: &event.kind,
        named: event.identities().iter().map(|one| format!("{}:{}", one.kind(), one.value())).collect(),
        subject: event.subject.as_ref().map(|subject| format!("subject:{subject}")),
        mistaken: false,
    }
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
            if let Some(closed) = self.closed() {
                return closed;
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
}
