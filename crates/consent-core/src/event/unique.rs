//! JSON of any kind in which no object has a field twice.
//!
//! Of a field that is there twice one reader takes the first and another the last: an opt-out could bind somebody else
//! than it was meant for. So what is sent with one is refused, like what is no JSON. What the ledger holds is not read
//! by this: nothing that was recorded becomes unreadable.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Value};

use super::fault::{Fault, escape};

/// JSON as it was sent: its value, or the JSON pointer to the first field in it that is there twice. Reading it goes on
/// to the end, so that one of many values may be refused and the others taken.
#[derive(Debug)]
pub struct Parsed(Result<Value, String>);

impl Parsed {
    /// The value, if no field in it is there twice.
    pub fn value(self) -> Result<Value, Fault> {
        self.0.map_err(|pointer| Fault::new(pointer, "is there twice"))
    }
}

/// Where nothing was sent: an object without fields.
impl Default for Parsed {
    fn default() -> Self {
        Self(Ok(Value::Object(Map::new())))
    }
}

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reading)
    }
}

/// Reads what [`Value`] reads, and as it does.
struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Parsed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Parsed, E> {
        single(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Parsed, E> {
        single(value)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Parsed, E> {
        single(value)
    }

    fn visit_u64<E>(self, value: u64) -> Result<Parsed, E> {
        single(value)
    }

    fn visit_f64<E>(self, value: f64) -> Result<Parsed, E> {
        single(value)
    }

    fn visit_str<E>(self, value: &str) -> Result<Parsed, E> {
        single(value)
    }

    fn visit_string<E>(self, value: String) -> Result<Parsed, E> {
        single(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Parsed, A::Error> {
        let (mut all, mut twice) = (Vec::new(), None);
        while let Some(Parsed(item)) = items.next_element()? {
            match item {
                Ok(value) => all.push(value),
                // The first of these is right, and no other counts: up to there every item is among all.
                Err(within) => twice = twice.or_else(|| Some(format!("/{}{within}", all.len()))),
            }
        }
        Ok(parsed(Value::Array(all), twice))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Parsed, A::Error> {
        let (mut all, mut twice) = (Map::new(), None);
        while let Some((name, Parsed(value))) = fields.next_entry::<String, Parsed>()? {
            let found = match (value, all.entry(name)) {
                (Ok(value), Entry::Vacant(place)) => {
                    place.insert(value);
                    None
                }
                (Ok(_), Entry::Occupied(place)) => Some(below(place.key(), "")),
                (Err(within), place) => Some(below(place.key(), &within)),
            };
            twice = twice.or(found);
        }
        Ok(parsed(Value::Object(all), twice))
    }
}

/// What has no fields.
fn single<E>(value: impl Into<Value>) -> Result<Parsed, E> {
    Ok(Parsed(Ok(value.into())))
}

fn parsed(value: Value, twice: Option<String>) -> Parsed {
    Parsed(twice.map_or(Ok(value), Err))
}

/// The pointer to what is at a pointer within this field.
fn below(name: &str, within: &str) -> String {
    format!("/{}{within}", escape(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Value, Fault> {
        serde_json::from_str::<Parsed>(text).unwrap().value()
    }

    #[test]
    fn what_has_no_field_twice_is_read_as_any_json_is() {
        for text in [
            "null",
            "true",
            "-0",
            "-0.0",
            "1.5e-7",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "-9223372036854775809",
            r#""a\u0000\"\ud83d\ude00""#,
            "[]",
            "{}",
            r#"[1,[2.0,{"a":[{}]}],null,false,"a","a"]"#,
            r#"{"b":{"a":1},"a":{"a":1},"A":2,"":"","a ":null}"#,
        ] {
            let (read, expected) = (read(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
            assert_eq!(read, expected, "{text}");
            assert_eq!(read.to_string(), expected.to_string());
        }
    }

    #[test]
    fn the_first_field_that_is_there_twice_is_named() {
        for (text, pointer) in [
            (r#"{"a":1,"a":1}"#, "/a"),
            (r#"{"a":1,"\u0061":2}"#, "/a"),
            (r#"{"a":null,"b":0,"a":null}"#, "/a"),
            (r#"{"":1,"":2}"#, "/"),
            (r#"[{"a":1},{"a":1,"b":[0,{"c/d~":{},"c/d~":[]}]}]"#, "/1/b/1/c~1d~0"),
            (r#"[0,{"a":1,"a":2},0,{"b":1,"b":2}]"#, "/1/a"),
            (r#"{"a":{"b":1,"b":2},"c":1,"c":2}"#, "/a/b"),
            (r#"{"c":1,"c":2,"a":{"b":1,"b":2}}"#, "/c"),
            (r#"{"c":1,"c":{"b":1,"b":2}}"#, "/c/b"),
            (r#"{"a":1,"a":2,"a":3}"#, "/a"),
        ] {
            assert_eq!(read(text), Err(Fault::new(pointer, "is there twice")), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_none_with_a_field_twice_either() {
        let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
        for text in ["", r#"{"a":1,"a":2"#, r#"{"a":1,"a":2} 3"#, r#"{"a":1,"a":"\ud800"}"#, "1e999", &deep] {
            assert!(serde_json::from_str::<Parsed>(text).is_err(), "{text}");
        }
    }
}
