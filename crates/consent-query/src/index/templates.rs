//! Templates that are kept once for all events that have them.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

use super::append::Append;
use super::template::Template;

/// Templates that are kept once; an event with another one carries its own.
const TEMPLATES: usize = 200_000;
/// Of how many that were met once it is remembered that they were.
const MET: usize = 200_000;

/// A template, its bytes, and its number once it is kept: of one index, because the number is.
#[derive(Debug)]
pub(super) struct Worded {
    pub(super) template: Arc<Template>,
    pub(super) bytes: Box<[u8]>,
    number: OnceLock<u32>,
}

impl Worded {
    pub(super) fn new(template: Template) -> Option<Self> {
        let bytes = template.to_bytes()?.into();
        Some(Self { template: Arc::new(template), bytes, number: OnceLock::new() })
    }
}

/// Every template that is kept once, as the writer finds them.
#[derive(Default)]
pub(super) struct Templates {
    numbers: HashMap<Box<[u8]>, u32>,
    /// Hashes of templates that were met once.
    met: HashSet<u64>,
}

impl Templates {
    /// The number of a template, if it is kept: from the second time on that it is met, as long as there is room.
    pub(super) fn meet(&mut self, worded: &Worded, all: &Append<Arc<Template>>) -> Option<u32> {
        if let Some(number) = worded.number.get() {
            return Some(*number);
        }
        let number = self.number(&worded.bytes).or_else(|| self.meet_again(worded, all))?;
        Some(*worded.number.get_or_init(|| number))
    }

    fn meet_again(&mut self, Worded { template, bytes, .. }: &Worded, all: &Append<Arc<Template>>) -> Option<u32> {
        let mut hash = DefaultHasher::new();
        bytes.hash(&mut hash);
        if self.numbers.len() >= TEMPLATES || self.met.insert(hash.finish()) {
            if self.met.len() > MET {
                self.met.clear();
            }
            return None;
        }
        self.met.remove(&hash.finish());
        Some(self.keep(bytes.clone(), Arc::clone(template), all))
    }

    /// The number of a template, if it is kept.
    pub(super) fn number(&self, bytes: &[u8]) -> Option<u32> {
        self.numbers.get(bytes).copied()
    }

    pub(super) fn keep(&mut self, bytes: Box<[u8]>, template: Arc<Template>, all: &Append<Arc<Template>>) -> u32 {
        let number = self.numbers.len() as u32;
        self.numbers.insert(bytes, number);
        all.set(number, template);
        number
    }

    /// Every template in bytes, in the order of their numbers.
    pub(super) fn to_bytes(&self) -> Vec<Box<[u8]>> {
        let mut all: Vec<(&u32, &Box<[u8]>)> = self.numbers.iter().map(|(bytes, number)| (number, bytes)).collect();
        all.sort();
        all.into_iter().map(|(_, bytes)| bytes.clone()).collect()
    }
}
