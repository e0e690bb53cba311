//! The laws behind quiet hours, as they are named in decisions: one text for those that hold together.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use smol_str::SmolStr;

use super::rows::HoursRow;
use crate::limits::LAWS_KEPT;

/// The law behind the federal window.
const FEDERAL: &str = "47 CFR 64.1200(c)(1)";

/// Texts that were put together before, by the rows they name. Whoever is denied at night is denied with thousands.
///
/// The rows of a file never change, so copies of the rules share what they have.
#[derive(Debug, Clone, Default)]
pub(super) struct Laws(Arc<RwLock<BTreeMap<u64, SmolStr>>>);

impl Laws {
    /// The federal law and those of the rows that hold, with `; ` between them.
    pub(super) fn joined(&self, rows: &[HoursRow], holds: impl Fn(&&HoursRow) -> bool) -> SmolStr {
        let held = || rows.iter().filter(&holds);
        if held().next().is_none() {
            return SmolStr::new_static(FEDERAL);
        }
        let together = || join(held());
        let Some(named) = bits(rows, &holds) else { return together() };
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&named).cloned();
        kept.unwrap_or_else(|| {
            let text = together();
            let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if kept.len() < LAWS_KEPT {
                kept.insert(named, text.clone());
            }
            text
        })
    }
}

/// Which of the rows hold, one bit each; of a file with more rows than bits nothing is kept.
fn bits(rows: &[HoursRow], holds: impl Fn(&&HoursRow) -> bool) -> Option<u64> {
    let bit = |index: usize| u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index));
    rows.iter().enumerate().filter(|(_, row)| holds(row)).try_fold(0, |all, (index, _)| Some(all | bit(index)?))
}

fn join<'a>(rows: impl Iterator<Item = &'a HoursRow>) -> SmolStr {
    let sources = std::iter::once(FEDERAL).chain(rows.map(|row| row.source.as_str()));
    sources.collect::<Vec<_>>().join("; ").into()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn rows(count: usize) -> Vec<HoursRow> {
        let row = |index: usize| HoursRow {
            effective_from: NaiveDate::MIN,
            source: format!("law {index} of a state").into(),
            channels: None,
            automated: None,
            states: Vec::new(),
        };
        (0..count).map(row).collect()
    }

    #[test]
    fn laws_are_named_in_their_order_and_the_same_text_is_kept() {
        let (laws, rows) = (Laws::default(), rows(3));
        assert_eq!(laws.joined(&rows, |_| false), FEDERAL);
        let some = |row: &&HoursRow| !row.source.contains('1');
        for _ in 0..2 {
            assert_eq!(laws.joined(&rows, some), format!("{FEDERAL}; law 0 of a state; law 2 of a state"));
            assert_eq!(laws.joined(&rows, |_| true).split("; ").count(), 4);
        }
        assert_eq!(laws.0.read().unwrap().len(), 2);
    }

    #[test]
    fn of_more_laws_than_are_told_apart_and_of_too_many_texts_nothing_is_kept() {
        let (laws, many) = (Laws::default(), rows(65));
        assert_eq!(laws.joined(&many, |_| true).split("; ").count(), 66);
        assert!(laws.0.read().unwrap().is_empty());
        let few = rows(12);
        for chosen in 0..4096_u32 {
            let holds = |row: &&HoursRow| {
                let index: u32 = row.source.split(' ').nth(1).unwrap().parse().unwrap();
                chosen >> index & 1 == 1
            };
            let text = laws.joined(&few, holds);
            assert_eq!(text.split("; ").count(), 1 + chosen.count_ones() as usize);
        }
        assert_eq!(laws.0.read().unwrap().len(), LAWS_KEPT);
    }
}
