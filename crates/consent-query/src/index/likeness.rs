//! What makes histories alike, in sixteen bytes.
//!
//! The shape of a record says how many numbers, times and marks follow it, so that two histories have the same bytes only
//! if all of these are the same. A history for which they do not suffice is like no other.

use chrono::{DateTime, Utc};
use consent_core::address::{Identity, Phone};
use smallvec::SmallVec;

use super::key::Key;
use super::record::Own;
use super::shape::LONGEST;
use super::template::Template;
use crate::zones::NumberClass;

/// What makes histories alike, in bytes.
pub type Likeness = [u8; 16];

/// Bits of the number of a shape.
const FORM: u32 = 20;
/// Bits of the class of a number.
const CLASS: u32 = 32;
/// Bits of a place among others.
const PLACE: u32 = 4;
/// Times of a history: two of each event, and one from which on more counts.
const TIMES: usize = 2 * LONGEST + 1;

/// When the last of some events was received, in microseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Latest(i64);

impl Latest {
    pub(super) fn is_past(self, now: DateTime<Utc>) -> bool {
        self.0 <= now.timestamp_micros()
    }
}

/// A likeness, and when the last of the events behind it was received.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signed {
    pub(super) likeness: Likeness,
    pub(super) latest: Latest,
}

/// A likeness that is being put together.
pub(super) struct Sign {
    packed: Packed,
    times: [i64; TIMES],
    known: usize,
    marks: SmallVec<[u64; 8]>,
    latest: Latest,
}

/// Numbers side by side.
#[derive(Clone, Copy)]
struct Packed {
    bits: u128,
    /// How many bits are taken; more than there are, if something did not fit.
    taken: u32,
}

impl Packed {
    fn put(&mut self, number: u64, bits: u32) {
        let fits = number >> bits == 0 && self.taken + bits <= u128::BITS;
        self.bits = if fits { self.bits | u128::from(number) << self.taken } else { self.bits };
        self.taken = if fits { self.taken + bits } else { u128::BITS + 1 };
    }

    /// For each item how many others pass: its place among them.
    fn put_places<T: Copy>(&mut self, items: &[T], before: impl Fn(&[T], T) -> usize) {
        for item in items {
            self.put(before(items, *item) as u64, PLACE);
        }
    }
}

impl Sign {
    /// Of a record of this form. From `since` on some events say more than before.
    pub(super) fn new(form: u32, since: Option<i64>) -> Self {
        let mut packed = Packed { bits: 0, taken: 0 };
        packed.put(u64::from(form), FORM);
        let mut times = [0; TIMES];
        times[0] = since.unwrap_or_default();
        Self { packed, times, known: usize::from(since.is_some()), marks: SmallVec::new(), latest: Latest(i64::MIN) }
    }

    /// Nothing is known of somebody: then only the number counts.
    pub(super) fn of_nobody(asked: &Identity) -> Option<Signed> {
        let mut sign = Self::new(0, None);
        match asked {
            Identity::Phone(phone) => {
                sign.packed.put(1, PLACE);
                sign.class(phone);
            }
            Identity::Email(_) => sign.packed.put(2, PLACE),
            Identity::Subject(_) => sign.packed.put(3, PLACE),
        }
        sign.signed()
    }

    /// Of a number in the record its class counts. `asked` is somebody in the record.
    pub(super) fn number(&mut self, key: &Key, asked: &Identity) {
        match (key, asked) {
            (Key::Phone(number), Identity::Phone(phone)) if phone.number() == Some(*number) => self.class(phone),
            (Key::Phone(number), _) => self.class(&Phone::of_number(*number)),
            _ => {}
        }
    }

    fn class(&mut self, phone: &Phone) {
        let NumberClass { code, country: [first, second] } = NumberClass::of(phone);
        let [low, high] = code.to_le_bytes();
        self.packed.put(u64::from(u32::from_le_bytes([low, high, first, second])), CLASS);
    }

    /// The next event, whose times and marks count by their order.
    pub(super) fn event(&mut self, own: &Own, template: &Template) -> Option<()> {
        let happened = own.at.map_or(own.received_at, |at| at.min(own.received_at));
        for time in [own.received_at, happened] {
            *self.times.get_mut(self.known)? = time;
            self.known += 1;
            self.latest = Latest(self.latest.0.max(time));
        }
        let marks = own.marks.iter().zip(template.marks).filter(|(_, marked)| *marked);
        self.marks.extend(marks.map(|(mark, _)| *mark));
        Some(())
    }

    /// The likeness, if the bytes suffice.
    pub(super) fn signed(&self) -> Option<Signed> {
        let mut packed = self.packed;
        // Equal times have equal places, and equal marks that of the first.
        let times = self.times.get(..self.known)?;
        packed.put_places(times, |all, time| all.iter().filter(|other| **other < time).count());
        packed.put_places(&self.marks, |all, mark| all.iter().take_while(|other| **other != mark).count());
        let likeness = (packed.taken <= u128::BITS).then_some(packed.bits.to_le_bytes())?;
        Some(Signed { likeness, latest: self.latest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: &[i64], marks: &[u64]) -> Option<Likeness> {
        let mut sign = Sign::new(7, Some(50));
        sign.times.iter_mut().skip(1).zip(times).for_each(|(to, time)| *to = *time);
        sign.known += times.len();
        sign.marks.extend_from_slice(marks);
        Some(sign.signed()?.likeness)
    }

    #[test]
    fn who_differs_in_the_order_of_anything_is_not_alike() {
        let all = [
            of(&[1, 2], &[9, 9]),
            of(&[1, 2], &[9, 8]),
            of(&[2, 1], &[9, 9]),
            of(&[1, 1], &[9, 9]),
            of(&[1, 60], &[9, 9]),
            of(&[60, 61], &[9, 9]),
            of(&[50, 61], &[9, 9]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(one.is_some() && !all[..at].contains(one), "{at}");
        }
        assert_eq!(of(&[1, 60], &[9, 8, 9]), of(&[3, 51], &[1, 2, 1]));
    }

    #[test]
    fn what_does_not_fit_is_like_no_other() {
        assert!(of(&[1; 10], &[1; 10]).is_some());
        assert_eq!(of(&[1; 10], &[1; 17]), None, "too many");
        assert_eq!(of(&(0..16).collect::<Vec<_>>(), &[]), None, "a place too large");
    }

    #[test]
    fn strangers_are_alike_whose_numbers_are_of_one_class() {
        let of = |who: Identity| Sign::of_nobody(&who).map(|signed| signed.likeness);
        let phone = |text: &str| of(Identity::Phone(text.parse().unwrap()));
        assert_eq!(phone("+12025550123"), phone("+12025550188"));
        assert_ne!(phone("+12025550123"), phone("+13055550123"));
        assert_ne!(phone("+12025550123"), of(Identity::Subject("A".parse().unwrap())));
    }
}
