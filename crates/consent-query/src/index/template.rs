//! What events have in common: the words, apart from who, when and which.
//!
//! Many people agree to the same form in the same words. Such an event is kept as the number of its template and what is
//! its own. What no question ever looks at is left out. [`Template::of`] takes an event apart and [`Template::event`]
//! puts it together; a test folds both and compares.

use consent_core::address::{Email, Identity, Phone};
use consent_core::event::kinds::Level;
use consent_core::event::{Event, EventKind};
use serde_json::Value;
use uuid::Uuid;

use super::key::{Key, Keys};

/// Where an event names people: the common field `phone`, the sender or address of its type, and the common fields
/// `email` and `subject`.
pub(super) const FIELDS: usize = 4;
/// Texts of which only it matters whether two are the same.
pub(super) const MARKS: usize = 4;
/// The mark of how an address is written, where it is not in its canonical form.
const SPELLING: usize = 3;

/// An event without what is its own.
#[derive(Debug)]
pub(super) struct Template {
    event: Event,
    /// Which marks it has.
    pub(super) marks: [bool; MARKS],
    /// The time at which it happened is given.
    pub(super) dated: bool,
    /// A number in the type's own field is written without the plus.
    bare: bool,
    /// Nothing that is asked about it depends on its age; see [`is_ageless`].
    pub(super) ageless: bool,
    /// It is about another event.
    pub(super) refers: bool,
    /// Which one is not said here.
    pub(super) about: bool,
}

/// What was taken out of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) who: [Option<Key>; FIELDS],
    pub(super) marks: [u64; MARKS],
    pub(super) about: Option<Uuid>,
}

/// The field of a type that names a person.
fn sender(kind: &mut EventKind) -> Option<&mut Option<String>> {
    match kind {
        EventKind::InboundSms(sms) => Some(&mut sms.from),
        EventKind::InboundUnparsed(raw) => Some(&mut raw.sender),
        EventKind::WithdrawalRequest(request) => Some(&mut request.from),
        EventKind::EmailUnsubscribe(request) => Some(&mut request.address),
        EventKind::EmailComplaint(complaint) => Some(&mut complaint.address),
        EventKind::EmailBounced(bounce) => Some(&mut bounce.address),
        _ => None,
    }
}

/// The field of a type that names the event that it is about; see [`Event::references`].
fn referring(kind: &mut EventKind) -> Option<&mut Option<String>> {
    match kind {
        EventKind::ConsentConfirmed(fields) => Some(&mut fields.confirms),
        EventKind::OptoutMissed(fields) => Some(&mut fields.report),
        EventKind::ReviewResolved(fields) => Some(&mut fields.event_id),
        EventKind::EventCompensated(fields) => Some(&mut fields.event_id),
        EventKind::RightsRequestVerified(fields) => Some(&mut fields.request),
        EventKind::RightsRequestCompleted(fields) => Some(&mut fields.request),
        EventKind::RightsRequestRefused(fields) => Some(&mut fields.request),
        EventKind::ErasureCompleted(fields) => Some(&mut fields.request),
        _ => None,
    }
}

/// Takes out which event an event is about, if that is written as ids are. Nobody's id stands there instead.
fn take_about(event: &mut Event) -> Option<Uuid> {
    let field = referring(&mut event.kind)?.as_mut()?;
    let id: Uuid = field.parse().ok()?;
    if *field != id.to_string() {
        return None;
    }
    *field = Uuid::nil().to_string();
    Some(id)
}

/// The fields of a type of which only it matters whether two are the same.
fn marked(kind: &mut EventKind) -> [Option<&mut Option<String>>; 2] {
    match kind {
        EventKind::InboundSms(sms) => [Some(&mut sms.provider_message_id), None],
        EventKind::InboundUnparsed(raw) => [Some(&mut raw.bytes), None],
        EventKind::MessageSent(sent) => [Some(&mut sent.provider_message_id), Some(&mut sent.permit)],
        EventKind::DeliveryReported(report) => [Some(&mut report.provider_message_id), None],
        _ => [None, None],
    }
}

/// How a text in a type's own field stands for an identity.
enum Spelling {
    /// In its canonical form.
    Canonical,
    /// A number without its plus.
    Bare,
    /// Otherwise. It is kept which texts are the same.
    Other,
}

/// The identity that a type's own field names, and how it is written.
fn named(event: &Event, text: &str) -> Option<(Identity, Spelling)> {
    // Whatever the event names beside its common fields, it names there.
    let common = [
        event.phone.clone().map(Identity::Phone),
        event.email.clone().map(Identity::Email),
        event.subject.clone().map(Identity::Subject),
    ];
    let mut others = event.identities().into_iter().filter(|who| !common.contains(&Some(who.clone())));
    let own = || parsed(&event.kind, text);
    let identity = others.next().or_else(own)?;
    let spelling = match identity.value() {
        canonical if canonical == text => Spelling::Canonical,
        canonical if canonical.strip_prefix('+') == Some(text) => Spelling::Bare,
        _ => Spelling::Other,
    };
    Some((identity, spelling))
}

/// What a field says that repeats a common one.
fn parsed(kind: &EventKind, text: &str) -> Option<Identity> {
    let phone = || Phone::parse_from_gateway(text).ok().map(Identity::Phone);
    let email = || Email::parse(text).ok().map(Identity::Email);
    match kind {
        EventKind::InboundSms(_) | EventKind::InboundUnparsed(_) => phone(),
        EventKind::WithdrawalRequest(_) => phone().or_else(email),
        _ => email(),
    }
}

/// White space around an address counts for nothing, but tells two texts apart.
fn spaces(mark: u64) -> impl Iterator<Item = char> {
    (0..64).map(move |bit| if mark >> bit & 1 == 0 { ' ' } else { '\t' })
}

impl Template {
    /// Takes an event apart. `None` if somebody in it has no key.
    pub(super) fn of(whole: &Event, keys: &Keys) -> Option<(Self, Taken)> {
        let mut event = whole.clone();
        let mut taken = Taken { who: [None; FIELDS], marks: [0; MARKS], about: take_about(&mut event) };
        let [phone, from, email, subject] = &mut taken.who;
        let take = |identity: Option<Identity>, to: &mut Option<Key>| match identity {
            Some(identity) => keys.of(&identity).map(|key| *to = Some(key)),
            None => Some(()),
        };
        take(event.phone.take().map(Identity::Phone), phone)?;
        take(event.email.take().map(Identity::Email), email)?;
        take(event.subject.take().map(Identity::Subject), subject)?;
        let mut spelling = None;
        if let Some(field) = sender(&mut event.kind)
            && let Some((identity, written)) = field.as_deref().and_then(|text| named(whole, text))
        {
            take(Some(identity), from)?;
            spelling = field.take().zip(Some(written));
        }
        let mut marks = Self::mark(&mut event, &mut taken, keys);
        let bare = matches!(spelling, Some((_, Spelling::Bare)));
        if let Some((text, Spelling::Other)) = &spelling {
            (taken.marks[SPELLING], marks[SPELLING]) = (keys.mark(&[text.as_bytes()]), true);
        }
        // Nobody may be missing: an opt-out must be found under everybody it names.
        let is_first = |at: &usize| taken.who[*at].is_some() && !taken.who[..*at].contains(&taken.who[*at]);
        let all = (0..FIELDS).filter(is_first).count() == whole.identities().len();
        let dated = event.at.take().is_some();
        leave_out(&mut event);
        let (ageless, refers) = (is_ageless(&event.kind), !event.references().is_empty());
        let about = taken.about.is_some();
        all.then_some((Self { event, marks, dated, bare, ageless, refers, about }, taken))
    }

    fn mark(event: &mut Event, taken: &mut Taken, keys: &Keys) -> [bool; MARKS] {
        let mut marks = [false; MARKS];
        if let Some(key) = event.idempotency_key.take() {
            let actor = event.actor.take();
            taken.marks[0] = keys.mark(&[key.as_bytes(), actor.unwrap_or_default().as_bytes()]);
            marks[0] = true;
        }
        for (at, field) in (1..).zip(marked(&mut event.kind)) {
            if let Some(text) = field.and_then(Option::take) {
                taken.marks[at] = keys.mark(&[text.as_bytes()]);
                marks[at] = true;
            }
        }
        marks
    }

    /// Puts an event together, with these people in its fields, about that event.
    pub(super) fn event(&self, who: [Option<&Identity>; FIELDS], marks: [u64; MARKS], about: Option<Uuid>) -> Event {
        let mut event = self.event.clone();
        if let (Some(field), Some(about)) = (referring(&mut event.kind), about) {
            *field = Some(about.to_string());
        }
        let [phone, from, email, subject] = who;
        if let Some(Identity::Phone(phone)) = phone {
            event.phone = Some(phone.clone());
        }
        if let Some(Identity::Email(email)) = email {
            event.email = Some(email.clone());
        }
        if let Some(Identity::Subject(subject)) = subject {
            event.subject = Some(subject.clone());
        }
        if let (Some(field), Some(from)) = (sender(&mut event.kind), from) {
            let text = if self.bare { from.value().trim_start_matches('+') } else { from.value() };
            let spaces = self.marks[SPELLING].then(|| spaces(marks[SPELLING])).into_iter().flatten();
            *field = Some(text.chars().chain(spaces).collect());
        }
        let text = |at: usize| self.marks[at].then(|| format!("{:016x}", marks[at]));
        event.idempotency_key = text(0);
        for (at, field) in (1..).zip(marked(&mut event.kind)) {
            if let (Some(field), Some(text)) = (field, text(at)) {
                *field = Some(text);
            }
        }
        event
    }

    /// The events that one of these is about, if that is the one which was taken out of it.
    pub(super) fn references(&self, about: Option<Uuid>) -> Vec<Uuid> {
        about.map_or_else(|| self.event.references(), |about| vec![about])
    }

    /// The template in bytes; two are the same if these are.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut fields = self.event.to_json().ok()?;
        // Many types are refused when they name nobody.
        fields.insert("subject".to_owned(), Value::from("-"));
        let flags = self.marks.iter().chain([&self.dated, &self.bare, &self.about]);
        let flags = flags.fold(0, |all, flag| all << 1 | u8::from(*flag));
        let mut bytes = vec![flags];
        serde_json::to_writer(&mut bytes, &fields).ok()?;
        Some(bytes)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (flags, json) = bytes.split_first()?;
        let mut event = Event::from_json(serde_json::from_slice(json).ok()?).ok()?;
        event.subject = None;
        let flag = |at: usize| flags >> (MARKS + 2 - at) & 1 == 1;
        let (ageless, refers) = (is_ageless(&event.kind), !event.references().is_empty());
        let marks = std::array::from_fn(flag);
        let (dated, bare, about) = (flag(MARKS), flag(MARKS + 1), flag(MARKS + 2));
        Some(Self { event, marks, dated, bare, ageless, refers, about })
    }
}

/// What no question looks at: evidence that is shown to auditors, who read the ledger itself.
fn leave_out(event: &mut Event) {
    event.note = None;
    event.actor = None;
    match &mut event.kind {
        EventKind::ConsentGranted(terms) | EventKind::ConsentImported(terms) => {
            terms.signature = None;
            terms.disclosure_sha256 = None;
            terms.ip = None;
            terms.user_agent = None;
            // It counts that there is some.
            terms.evidence_ref = terms.evidence_ref.take().map(|_| "-".to_owned());
        }
        EventKind::InboundSms(sms) if !sms.media.is_empty() => sms.media = vec!["-".to_owned()],
        _ => {}
    }
}

/// Whether nothing that is asked about such an event depends on how long ago it was, but only on what came before and
/// after: a consent without an end, a profile without a date of birth, an opt-out.
fn is_ageless(kind: &EventKind) -> bool {
    match kind {
        EventKind::ProfileRecorded(profile) => profile.date_of_birth.is_none(),
        EventKind::ConsentGranted(terms) | EventKind::ConsentImported(terms) => {
            terms.expires_at.is_none() && terms.level.is_some_and(|level| level != Level::Implied)
        }
        EventKind::InboundSms(sms) => sms.part.is_none(),
        EventKind::PreferenceSet(_)
        | EventKind::EmailUnsubscribe(_)
        | EventKind::EmailComplaint(_)
        | EventKind::WithdrawalRequest(_)
        | EventKind::PushPermission(_)
        | EventKind::IdentityLinked(_) => true,
        _ => false,
    }
}
