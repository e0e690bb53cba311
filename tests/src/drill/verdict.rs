//! Whether a recorded history may have happened: what is promised about several nodes, as a pure function.
//!
//! Unknown outcomes may count either way. A consent carries the moment at which it was first said; so it can take back
//! a STOP only if it was said after that STOP was, however late it reaches the ledger.

use std::collections::BTreeMap;

use super::recorded::{Answered, Call, History, Moment, Said};

/// What broke a promise, in words.
pub type Fault = String;

/// The faults of a history, in the order in which they happened; none if it keeps every promise.
pub fn faults(history: &History) -> Vec<Fault> {
    let people = people(&history.calls);
    let checks = history.calls.iter().filter_map(|call| match &call.said {
        Said::Check(Some(answer)) => Some((call, answer)),
        _ => None,
    });
    let mut faults = Vec::new();
    for (call, answer) in checks {
        let words = people.get(&call.person).map(Vec::as_slice).unwrap_or_default();
        faults.extend(wrong_allow(call, answer, words));
        faults.extend(wrong_deny(call, answer, words));
    }
    faults.extend(misplaced(history));
    faults.extend(stale(history));
    faults
}

/// A grant or a STOP, however often it was said.
#[derive(Debug, Clone, Copy)]
struct Word {
    is_stop: bool,
    /// When it was first said.
    began: Moment,
    /// When it was first acknowledged.
    acknowledged: Option<Moment>,
}

/// What each person said.
fn people(calls: &[Call]) -> BTreeMap<u32, Vec<Word>> {
    let mut words: BTreeMap<(u32, &str), Word> = BTreeMap::new();
    for call in calls {
        let (name, is_stop, acknowledged) = match &call.said {
            Said::Grant { name, position } => (name, false, position.is_some()),
            Said::Stop { name, acknowledged } => (name, true, *acknowledged),
            Said::Check(_) => continue,
        };
        let acknowledged = acknowledged.then_some(call.ended);
        let new = Word { is_stop, began: call.began, acknowledged };
        let word = words.entry((call.person, name)).or_insert(new);
        word.began = word.began.min(call.began);
        word.acknowledged = [word.acknowledged, acknowledged].into_iter().flatten().min();
    }
    let mut people: BTreeMap<u32, Vec<Word>> = BTreeMap::new();
    for ((person, _), word) in words {
        people.entry(person).or_default().push(word);
    }
    people
}

/// The words of one kind that were acknowledged before a moment: when the last of them was first said.
fn last_acknowledged(words: &[Word], is_stop: bool, before: Moment) -> Option<&Word> {
    let done = |word: &&Word| word.is_stop == is_stop && word.acknowledged.is_some_and(|at| at < before);
    words.iter().filter(done).max_by_key(|word| word.began)
}

/// An allow although a STOP was acknowledged before the question, and no consent was said since.
fn wrong_allow(call: &Call, answer: &Answered, words: &[Word]) -> Option<Fault> {
    let stop = answer.allowed.then(|| last_acknowledged(words, true, call.began)).flatten()?;
    let excused = words.iter().any(|word| !word.is_stop && word.began > stop.began && word.began < call.ended);
    let (person, began) = (call.person, call.began);
    (!excused).then(|| format!("wrong allow of person {person} at {began}: a STOP was said at {}", stop.began))
}

/// An opt-out as the reason although a consent was acknowledged before the question, and no STOP can be younger.
fn wrong_deny(call: &Call, answer: &Answered, words: &[Word]) -> Option<Fault> {
    let denied = answer.reason.starts_with("OPTED_OUT");
    let grant = denied.then(|| last_acknowledged(words, false, call.began)).flatten()?;
    let may_be_younger = |word: &Word| word.began < call.ended && word.acknowledged.is_none_or(|at| at >= grant.began);
    let excused = words.iter().any(|word| word.is_stop && may_be_younger(word));
    let (person, began, Answered { reason, position, .. }) = (call.person, call.began, answer);
    let told =
        || format!("person {person} at {began}: {reason} as of {position}, but a consent was said at {}", grant.began);
    (!excused).then(told)
}

/// Events that lie behind the position that was acknowledged, or before what was acknowledged before they were said.
fn misplaced(history: &History) -> Vec<Fault> {
    let mut faults = Vec::new();
    let (mut said, mut done): (BTreeMap<&str, Moment>, Vec<(Moment, u64)>) = (BTreeMap::new(), Vec::new());
    for call in &history.calls {
        let (name, position, acknowledged) = match &call.said {
            Said::Grant { name, position } => (name, *position, position.is_some()),
            Said::Stop { name, acknowledged } => (name, None, *acknowledged),
            Said::Check(_) => continue,
        };
        let first = said.entry(name).or_insert(call.began);
        *first = call.began.min(*first);
        match (history.places.get(name), position) {
            (None, _) if acknowledged => faults.push(format!("{name} was acknowledged and is lost")),
            (Some(place), Some(position)) if *place > position => {
                faults.push(format!("{name} was acknowledged at {position} and lies at {place}"));
            }
            _ => {}
        }
        done.extend(history.places.get(name).filter(|_| acknowledged).map(|place| (call.ended, *place)));
    }
    let done = Steps::of(done);
    for (name, began) in said {
        let (place, floor) = (history.places.get(name), done.before(began));
        if place.is_some_and(|place| *place <= floor) {
            faults.push(format!("{name} was said at {began} and lies at {place:?}, before what was there: {floor}"));
        }
    }
    faults
}

/// Answers from before what was acknowledged, or answered, before they were asked for.
fn stale(history: &History) -> Vec<Fault> {
    let known = history.calls.iter().filter_map(|call| {
        let position = match &call.said {
            Said::Grant { position, .. } => *position,
            Said::Stop { name, acknowledged } => history.places.get(name).filter(|_| *acknowledged).copied(),
            Said::Check(answer) => answer.as_ref().map(|answer| answer.position),
        };
        Some((call.ended, position?))
    });
    let known = Steps::of(known.collect());
    let checks = history.calls.iter().filter_map(|call| match &call.said {
        Said::Check(Some(answer)) => Some((call, answer.position, known.before(call.began))),
        _ => None,
    });
    let late = checks.filter(|(_, position, floor)| position < floor);
    late.map(|(call, position, floor)| {
        format!("stale answer for person {} at {}: from {position}, not {floor}", call.person, call.began)
    })
    .collect()
}

/// The largest position that was known at each moment.
struct Steps(Vec<(Moment, u64)>);

impl Steps {
    fn of(mut steps: Vec<(Moment, u64)>) -> Self {
        steps.sort_unstable();
        let mut largest = 0;
        for (_, position) in &mut steps {
            largest = largest.max(*position);
            *position = largest;
        }
        Self(steps)
    }

    /// The largest position that was known before a moment.
    fn before(&self, moment: Moment) -> u64 {
        let at = self.0.partition_point(|(known, _)| *known < moment);
        at.checked_sub(1).map_or(0, |at| self.0[at].1)
    }
}

#[cfg(test)]
mod tests;
