//! What must have been agreed to before a message may go out: the rows of the law, looked up by the kind of message.

use chrono::{DateTime, Utc};
use consent_core::scope::{Channel, Purpose, PurposeClass};

use super::dated::{Jurisdiction, MessageKind, Rules};
use super::rows::{BasisRow, Dated, Required, Requirements, Strictest, newest};
use crate::zones::State;

/// Which rows are about a message, by its kind. Most are about one channel and class; every question asks for them.
#[derive(Debug, Clone)]
pub(super) struct BasesAbout(Vec<Vec<usize>>);

impl BasesAbout {
    pub(super) fn of(rows: &[BasisRow]) -> Self {
        let mut about = vec![Vec::new(); kinds().map(place).max().map_or(0, |last| last + 1)];
        for kind in kinds() {
            if let Some(list) = about.get_mut(place(kind)) {
                // Purposes of one class have one place.
                *list = rows.iter().enumerate().filter(|(_, row)| row.is_about(kind)).map(|(index, _)| index).collect();
            }
        }
        Self(about)
    }
}

/// Every kind of message there is.
fn kinds() -> impl Iterator<Item = MessageKind> {
    let each = |channel: &'static Channel| {
        let of = move |purpose: &'static Purpose| {
            [true, false].map(|automated| MessageKind { channel: *channel, purpose: *purpose, automated })
        };
        Purpose::ALL.iter().flat_map(of)
    };
    Channel::ALL.iter().flat_map(each)
}

/// The place of a kind of message in the table: rows ask for the class of a purpose, not for the purpose.
fn place(kind: MessageKind) -> usize {
    const CLASSES: usize = 5;
    let class = match kind.purpose.class() {
        PurposeClass::Marketing => 0,
        PurposeClass::Service => 1,
        PurposeClass::Legal => 2,
        PurposeClass::Protocol => 3,
        PurposeClass::Emergency => CLASSES - 1,
    };
    (kind.channel as usize * CLASSES + class) * 2 + usize::from(kind.automated)
}

impl Rules {
    fn bases_about(&self, message: MessageKind) -> impl Iterator<Item = &BasisRow> {
        let about = self.bases_about.0.get(place(message)).map(Vec::as_slice).unwrap_or_default();
        about.iter().filter_map(|index| self.bases.get(*index))
    }

    /// What must have been agreed to before a message of this kind may go to somebody who may be in any of these
    /// jurisdictions and states: all of them must be satisfied; the strictest comes first. No jurisdiction is an
    /// unknown one.
    pub fn required(
        &self,
        places: &[Jurisdiction],
        states: &[State],
        message: MessageKind,
        at: DateTime<Utc>,
    ) -> Requirements<'_> {
        let places = if places.is_empty() { &[Jurisdiction::Unknown] } else { places };
        let everywhere = places.iter().map(|place| self.required_in(*place, message, at));
        let in_states = places.iter().flat_map(|place| self.required_in_states(*place, states, message, at));
        let mut all: Requirements<'_> = everywhere.chain(in_states).collect();
        all.sort_by_key(|required| (std::cmp::Reverse(required.level), required.or.len()));
        all
    }

    /// Whether what must have been agreed to depends on the state.
    pub(crate) fn heeds_states(&self, message: MessageKind) -> bool {
        self.bases_about(message).any(|row| !row.states.is_empty())
    }

    fn required_in(&self, jurisdiction: Jurisdiction, message: MessageKind, at: DateTime<Utc>) -> Required<'_> {
        let Strictest { requires, source } = &self.strictest;
        let unheard_of = || Required { jurisdiction, level: *requires, or: &[], id: "strictest", source };
        match self.basis(jurisdiction, message, at) {
            Some(row) => row.required(jurisdiction),
            None if jurisdiction == Jurisdiction::Unknown => {
                let known = Jurisdiction::KNOWN.iter().filter_map(|place| self.basis(*place, message, at));
                let strictest = known.max_by_key(|row| (row.requires, std::cmp::Reverse(&row.id)));
                strictest.map_or_else(unheard_of, |row| Required { or: &[], ..row.required(jurisdiction) })
            }
            None => unheard_of(),
        }
    }

    fn basis(&self, jurisdiction: Jurisdiction, message: MessageKind, at: DateTime<Utc>) -> Option<&BasisRow> {
        let applies =
            |row: &&BasisRow| row.states.is_empty() && row.jurisdictions.contains(&jurisdiction) && row.begins() <= at;
        self.bases_about(message).filter(applies).max_by_key(|row| row.effective_from)
    }

    /// What single states ask for beside it, each row in its newest version.
    fn required_in_states(
        &self,
        jurisdiction: Jurisdiction,
        states: &[State],
        message: MessageKind,
        at: DateTime<Utc>,
    ) -> impl Iterator<Item = Required<'_>> {
        let applies = move |row: &&BasisRow| {
            let here = row.states.iter().any(|state| states.contains(state));
            here && row.begins() <= at && row.jurisdictions.contains(&jurisdiction)
        };
        newest(self.bases_about(message).filter(applies), |row| &row.id)
            .into_iter()
            .map(move |row| row.required(jurisdiction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_about_a_message_are_those_that_say_so() {
        let rules = Rules::embedded().unwrap();
        let mut found = 0;
        for kind in kinds() {
            let about: Vec<&str> = rules.bases_about(kind).map(|row| row.id.as_str()).collect();
            let all = rules.bases.iter().filter(|row| row.is_about(kind));
            assert_eq!(about, all.map(|row| row.id.as_str()).collect::<Vec<_>>(), "{kind:?}");
            found += about.len();
        }
        assert!(found > rules.bases.len());
    }
}
