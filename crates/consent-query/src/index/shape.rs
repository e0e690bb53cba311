//! What histories have in common: which templates follow each other, and who is named in them.
//!
//! Most people's histories are short and alike. Such a history is kept as the number of its shape and what is its own:
//! keys, positions, times and ids.

use std::collections::HashMap;
use std::sync::Arc;

use super::append::Append;
use super::template::{FIELDS, Template};

/// Shapes that are kept. Others are written out in their records.
const SHAPES: usize = 1 << 18;
/// Events of a history that has a shape.
pub(super) const LONGEST: usize = 8;
/// Numbers below this one are marks of other forms of records.
pub(super) const FIRST: u32 = 3;

/// What kind of key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Kind {
    Phone = 1,
    Email = 2,
    Subject = 3,
    /// A number of thirteen digits or more.
    LongPhone = 4,
}

/// For each field of an event that can name somebody, which of the record's keys it names; 255 is none.
pub(super) type Roles = [u8; FIELDS];

/// No key.
pub(super) const NOBODY: u8 = u8::MAX;

/// The kinds of the keys, and each event's template and roles.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Outline {
    pub(super) kinds: Vec<Kind>,
    pub(super) events: Vec<(u32, Roles)>,
}

/// An outline with its templates.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) outline: Outline,
    pub(super) templates: Vec<Arc<Template>>,
    /// Nothing that is asked about such a history depends on its age.
    pub(super) ageless: bool,
}

/// Every shape, as the writer finds them.
#[derive(Default)]
pub(super) struct Shapes {
    numbers: HashMap<Outline, u32>,
}

impl Shapes {
    /// The number of an outline; `None` if there is no room for another.
    pub(super) fn number(
        &mut self,
        outline: &Outline,
        shapes: &Append<Arc<Shape>>,
        templates: &Append<Arc<Template>>,
    ) -> Option<u32> {
        if let Some(number) = self.numbers.get(outline) {
            return Some(*number);
        }
        if self.numbers.len() >= SHAPES || outline.events.len() > LONGEST {
            return None;
        }
        let number = FIRST + self.numbers.len() as u32;
        let of = |(template, _): &(u32, Roles)| templates.get(*template).cloned();
        let all = outline.events.iter().map(of).collect::<Option<Vec<_>>>()?;
        let ageless = all.iter().all(|template| template.ageless);
        shapes.set(number, Arc::new(Shape { outline: outline.clone(), templates: all, ageless }));
        self.numbers.insert(outline.clone(), number);
        Some(number)
    }

    /// Every outline, in the order of their numbers.
    pub(super) fn outlines(&self) -> Vec<&Outline> {
        let mut all: Vec<(&u32, &Outline)> = self.numbers.iter().map(|(outline, number)| (number, outline)).collect();
        all.sort_by_key(|(number, _)| **number);
        all.into_iter().map(|(_, outline)| outline).collect()
    }
}
