//! Rule 15: how often and at what hours people may be disturbed by marketing on their telephones.

use chrono::{DateTime, Utc};
use consent_core::scope::{Channel, PurposeClass};
use smallvec::SmallVec;

use super::rows::CapRow;
use super::{Objection, Verdict, Words};
use crate::decision::Evidence;
use crate::hours::{closes_at, is_open, opens_at};
use crate::matter::Matter;
use crate::reason::Reason;
use crate::standing::{Fact, Sent};

/// The channels that ring or buzz the telephone: hours and limits are theirs.
const TELEPHONE: &[Channel] = &[Channel::Sms, Channel::Mms, Channel::Voice, Channel::Whatsapp];

/// Limit, zone and hour are each an objection of their own. Only an unknown zone is not cured by waiting.
pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    if !disturbs(matter) {
        return Verdict::Silent;
    }
    [cap(matter), hour(matter)].into_iter().flatten().collect()
}

fn disturbs(matter: &Matter<'_>) -> bool {
    matter.is_marketing() && TELEPHONE.contains(&matter.asked.channel)
}

/// What local time does to a permission.
#[derive(Default)]
pub(super) struct Limits {
    /// When the hours close.
    pub(super) until: Option<DateTime<Utc>>,
    /// Whether local time was looked at.
    pub(super) mattered: bool,
}

/// When a permission given now ends because of the hour.
pub(super) fn limits(matter: &Matter<'_>) -> Limits {
    if !disturbs(matter) {
        return Limits::default();
    }
    Limits { until: closes_at(matter.hours(), matter.now), mattered: true }
}

fn hour(matter: &Matter<'_>) -> Option<Objection> {
    let whereabouts = matter.whereabouts();
    if whereabouts.unknown() {
        return Some(Objection::permanent(Reason::TimezoneUnknown, Evidence::new()));
    }
    let hours = matter.hours();
    if is_open(hours, matter.now) {
        return None;
    }
    let opens = opens_at(hours, matter.now);
    Some(Objection {
        source: Some(matter.rules.hours_source(matter.message(), &whereabouts.states, matter.now)),
        words: Some(Words::Quiet(opens)),
        next_eligible_at: opens,
        by_local_time: true,
        ..Objection::permanent(Reason::QuietHours, Evidence::new())
    })
}

fn cap(matter: &Matter<'_>) -> Option<Objection> {
    let rows = matter.rules.caps(&matter.whereabouts().states, matter.now);
    let reached = rows.filter_map(|row| reached(matter, row));
    reached.max_by_key(|objection| objection.next_eligible_at)
}

/// As many messages as the row allows went out within its time; room again once the oldest of them is old enough.
fn reached(matter: &Matter<'_>, row: &CapRow) -> Option<Objection> {
    if row.spares_relationship && matter.business_relationship().is_some() {
        return None;
    }
    let within = row.within.delta();
    let counts = |sent: &&Fact<Sent>| {
        let recent = sent.at <= matter.now && matter.now < sent.at + within;
        recent && is_marketing(matter, sent) && !(row.per_subject && is_about_another(matter, sent))
    };
    // They are kept oldest first.
    let sent = matter.standing.facts().sent.iter().rev().filter(counts);
    let mut last: SmallVec<[&Fact<Sent>; 4]> = sent.take(row.messages).collect();
    last.reverse();
    let oldest = last.first().filter(|_| last.len() == row.messages)?;
    let words = Words::Limit { messages: row.messages, hours: within.num_hours(), id: row.id.clone() };
    Some(Objection {
        source: Some(row.source.clone()),
        words: Some(words),
        next_eligible_at: Some(oldest.at + within),
        ..Objection::permanent(Reason::FrequencyCap, last.iter().map(|fact| fact.cited).collect())
    })
}

/// Marketing to the same person by telephone.
fn is_marketing(matter: &Matter<'_>, sent: &Fact<Sent>) -> bool {
    matter.touches(&sent.about)
        && TELEPHONE.contains(&sent.what.channel)
        && sent.what.purpose.class() == PurposeClass::Marketing
}

/// Both name a subject, and not the same. What names none is on every one.
fn is_about_another(matter: &Matter<'_>, sent: &Fact<Sent>) -> bool {
    let subjects = matter.asked.subject_matter.zip(sent.what.subject_matter.as_deref());
    subjects.is_some_and(|(asked, sent)| !asked.trim().eq_ignore_ascii_case(sent.trim()))
}

#[cfg(test)]
mod tests;
