//! Lists of numbers to be scrubbed.

use super::Generator;

/// A list of numbers, one a line.
#[derive(Debug, Clone)]
pub struct List {
    /// The list: 90 of 100 rows name a contact, 8 a stranger, 2 cannot be read.
    pub text: Vec<u8>,
    /// How many of its numbers may get a text about an order.
    pub allowed: u64,
    /// How many lines it has.
    pub rows: u64,
}

impl Generator {
    /// A list.
    pub fn list(&self, rows: u64) -> anyhow::Result<List> {
        let (mut text, mut allowed, mut dice) = (Vec::new(), 0, self.dice(rows, 0x7f));
        for row in 0..rows {
            match dice.below(100) {
                0..90 => {
                    let contact = self.contact(dice.throw() % self.contacts)?;
                    allowed += u64::from(contact.story.may_get_service_text());
                    text.extend_from_slice(contact.phone.as_str().as_bytes());
                }
                90..98 => text.extend_from_slice(self.contact(self.contacts + row)?.phone.as_str().as_bytes()),
                _ => text.extend_from_slice(format!("202-555-{:04}", row % 10_000).as_bytes()),
            }
            text.push(b'\n');
        }
        Ok(List { text, allowed, rows })
    }
}
