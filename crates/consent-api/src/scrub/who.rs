//! Whom a row is about.

use std::borrow::Cow;
use std::fmt;

use consent_core::address::Identity;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::csv;
use super::order::{Format, Order};
use super::rows::{Header, clashes};
use crate::routes::QuestionBody;

/// Whom a row is about: mostly one address, where it lies in the list. Nothing in it has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who<'a> {
    /// A phone number.
    Phone(&'a str),
    /// An e-mail address.
    Email(&'a str),
    /// A person, by INFI's own id.
    Subject(&'a str),
    /// More than one of them, or not as they lie in the list.
    Several(Box<Named<'a>>),
}

/// Everybody whom a row names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named<'a> {
    /// A phone number.
    pub phone: Option<Cow<'a, str>>,
    /// An e-mail address.
    pub email: Option<Cow<'a, str>>,
    /// A person, by INFI's own id.
    pub subject: Option<Cow<'a, str>>,
}

/// The kinds of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Phone,
    Email,
    Subject,
}

impl Who<'_> {
    /// A question about them.
    pub fn question(&self, about_nobody: &QuestionBody) -> QuestionBody {
        let question = about_nobody.clone();
        let owned = |text: &str| Some(text.to_owned());
        match self {
            Self::Phone(text) => QuestionBody { phone: owned(text), ..question },
            Self::Email(text) => QuestionBody { email: owned(text), ..question },
            Self::Subject(text) => QuestionBody { subject: owned(text), ..question },
            Self::Several(named) => {
                let Named { phone, email, subject } = (**named).clone();
                let [phone, email, subject] = [phone, email, subject].map(|text| text.map(Cow::into_owned));
                QuestionBody { phone, email, subject, ..question }
            }
        }
    }

    /// The identity, if it is one alone and can be read.
    pub(super) fn identity(&self) -> Option<Identity> {
        match self {
            Self::Phone(text) => text.parse().ok().map(Identity::Phone),
            Self::Email(text) => text.parse().ok().map(Identity::Email),
            Self::Subject(text) => text.parse().ok().map(Identity::Subject),
            Self::Several(_) => None,
        }
    }

    /// What cannot be read in the question about them, without the value.
    pub(super) fn faults(&self, about_nobody: &QuestionBody) -> String {
        let faults = self.question(about_nobody).into_question().0.check().err().unwrap_or_default();
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }
}

/// Whom a row is about, or why it asks nothing.
pub(super) fn of<'a>(
    order: &Order,
    header: Option<&Header>,
    text: Result<&'a str, &'static str>,
) -> Result<Who<'a>, String> {
    let text = text?;
    match (order.format, header) {
        (Format::Text, _) => Ok(addressed("", text)),
        (Format::Ndjson, _) => object(text),
        (Format::Csv, Some(header)) => record(header, text),
        (Format::Csv, None) => Err("there is no header line".to_owned()),
    }
}

/// Whoever has this address, of the kind that its column names; otherwise it is what it looks like.
fn addressed<'a>(name: &str, address: &'a str) -> Who<'a> {
    let address = address.trim();
    match kind(name, address) {
        Kind::Phone => Who::Phone(address),
        Kind::Email => Who::Email(address),
        Kind::Subject => Who::Subject(address),
    }
}

fn kind(name: &str, address: &str) -> Kind {
    match name {
        "phone" => Kind::Phone,
        "email" => Kind::Email,
        "subject" => Kind::Subject,
        _ if memchr::memchr(b'@', address.as_bytes()).is_some() => Kind::Email,
        _ if memchr::memchr(b':', address.as_bytes()).is_some() => Kind::Subject,
        _ => Kind::Phone,
    }
}

/// Whom a record is about.
fn record<'a>(header: &Header, text: &'a str) -> Result<Who<'a>, String> {
    let (mut columns, mut found) = (0, Cow::Borrowed(""));
    for field in csv::fields(text) {
        if columns == header.column {
            found = field;
        }
        columns += 1;
    }
    if columns != header.columns {
        return Err(format!("the row has {columns} fields, the header line {}", header.columns));
    }
    Ok(match found {
        Cow::Borrowed(address) => addressed(&header.name, address),
        Cow::Owned(address) => {
            let (kind, address) = (kind(&header.name, address.trim()), Some(Cow::Owned(address.trim().to_owned())));
            Who::Several(Box::new(match kind {
                Kind::Phone => Named { phone: address, ..Named::default() },
                Kind::Email => Named { email: address, ..Named::default() },
                Kind::Subject => Named { subject: address, ..Named::default() },
            }))
        }
    })
}

/// Whom an object names.
fn object(text: &str) -> Result<Who<'_>, String> {
    let none = |_| "the line is no JSON object".to_owned();
    if clashes(text) {
        // It will have to be taken apart to be written, which must be possible.
        serde_json::from_str::<Map<String, Value>>(text).map_err(none)?;
    }
    let fields: Fields<'_> = serde_json::from_str(text).map_err(none)?;
    if fields.is_doubled {
        return Err("an address is there twice".to_owned());
    }
    let named = |name: &str, field| match field {
        None | Some(Field::Missing) => Ok(None),
        Some(Field::Text(text)) => Ok(Some(text)),
        Some(Field::Other) => Err(format!("{name} must be a text")),
    };
    let (phone, email) = (named("phone", fields.phone)?, named("email", fields.email)?);
    Ok(match (phone, email, named("subject", fields.subject)?) {
        (Some(Cow::Borrowed(phone)), None, None) => Who::Phone(phone),
        (None, Some(Cow::Borrowed(email)), None) => Who::Email(email),
        (None, None, Some(Cow::Borrowed(subject))) => Who::Subject(subject),
        (phone, email, subject) => Who::Several(Box::new(Named { phone, email, subject })),
    })
}

/// The fields of an object that name somebody. One that is there twice could be about two people.
#[derive(Default)]
struct Fields<'a> {
    phone: Option<Field<'a>>,
    email: Option<Field<'a>>,
    subject: Option<Field<'a>>,
    /// One of them is there twice.
    is_doubled: bool,
}

enum Field<'a> {
    Missing,
    Text(Cow<'a, str>),
    Other,
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Name {
    Phone,
    Email,
    Subject,
    #[serde(other)]
    Another,
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Fields::default();
                while let Some(name) = map.next_key()? {
                    let field = match name {
                        Name::Phone => &mut fields.phone,
                        Name::Email => &mut fields.email,
                        Name::Subject => &mut fields.subject,
                        Name::Another => {
                            map.next_value::<IgnoredAny>()?;
                            continue;
                        }
                    };
                    fields.is_doubled |= field.replace(map.next_value()?).is_some();
                }
                Ok(fields)
            }
        }
        from.deserialize_map(Reading)
    }
}

impl<'de> Deserialize<'de> for Field<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Field<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Field::Missing)
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Field::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Field::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Field::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Field::Other)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Field::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Field::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Field::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Field::Other)
            }
        }
        from.deserialize_any(Reading)
    }
}

#[cfg(test)]
mod tests;
