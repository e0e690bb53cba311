//! A batch in which everything is as it should be, read where it lies.
//!
//! Texts are copied only where they are escaped. Most questions name somebody and leave all else to the defaults: then what
//! is asked is put together once.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use consent_query::reader::Whom;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Questions, is_too_long};
use crate::limits;
use crate::routes::QuestionBody;

/// A body in which everything is as it should be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plain<'a> {
    #[serde(borrow, default)]
    defaults: Said<'a>,
    #[serde(borrow)]
    questions: Vec<Said<'a>>,
}

/// A text where it lies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A time that is said in few words. What takes many is left to the slower way.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Moment(DateTime<Utc>);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(from)?;
        if text.is_too_long() {
            return Err(D::Error::custom("a time with many digits"));
        }
        text.0.parse().map(Self).map_err(D::Error::custom)
    }
}

/// What a question says itself; `Some(None)` takes a default away.
#[derive(Default)]
struct Said<'a> {
    phone: Option<Option<Text<'a>>>,
    email: Option<Option<Text<'a>>>,
    subject: Option<Option<Text<'a>>>,
    rest: Option<Box<Rest<'a>>>,
}

/// What it says beside whom it is about.
#[derive(Default, PartialEq, Eq)]
struct Rest<'a> {
    channel: Option<Text<'a>>,
    purpose: Option<Text<'a>>,
    sender: Option<Option<Text<'a>>>,
    subject_matter: Option<Option<Text<'a>>>,
    product_line: Option<Option<Text<'a>>>,
    automated: Option<Option<bool>>,
    opt_out_in_message: Option<Option<bool>>,
    as_of: Option<Option<Moment>>,
    known_at: Option<Option<Moment>>,
    min_position: Option<Option<u64>>,
    max_staleness_ms: Option<Option<u64>>,
    explain: Option<bool>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Name {
    Phone,
    Email,
    Subject,
    Channel,
    Purpose,
    Sender,
    SubjectMatter,
    ProductLine,
    Automated,
    OptOutInMessage,
    AsOf,
    KnownAt,
    MinPosition,
    MaxStalenessMs,
    Explain,
}

impl<'de: 'a, 'a> Deserialize<'de> for Said<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reading<'a>(PhantomData<Said<'a>>);
        impl<'de: 'a, 'a> Visitor<'de> for Reading<'a> {
            type Value = Said<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a question")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut said = Said::default();
                while let Some(name) = map.next_key()? {
                    match name {
                        Name::Phone => once(&mut said.phone, &mut map)?,
                        Name::Email => once(&mut said.email, &mut map)?,
                        Name::Subject => once(&mut said.subject, &mut map)?,
                        other => said.rest.get_or_insert_default().read(&other, &mut map)?,
                    }
                }
                Ok(said)
            }
        }
        from.deserialize_map(Reading(PhantomData))
    }
}

/// Reads a field that is not there yet.
fn once<'de, T: Deserialize<'de>, A: MapAccess<'de>>(field: &mut Option<T>, map: &mut A) -> Result<(), A::Error> {
    match field {
        Some(_) => Err(A::Error::custom("a field is there twice")),
        None => map.next_value().map(|value| *field = Some(value)),
    }
}

impl<'a> Rest<'a> {
    fn read<'de: 'a, A: MapAccess<'de>>(&mut self, name: &Name, map: &mut A) -> Result<(), A::Error> {
        match name {
            Name::Phone | Name::Email | Name::Subject => Err(A::Error::custom("a name")),
            Name::Channel => once(&mut self.channel, map),
            Name::Purpose => once(&mut self.purpose, map),
            Name::Sender => once(&mut self.sender, map),
            Name::SubjectMatter => once(&mut self.subject_matter, map),
            Name::ProductLine => once(&mut self.product_line, map),
            Name::Automated => once(&mut self.automated, map),
            Name::OptOutInMessage => once(&mut self.opt_out_in_message, map),
            Name::AsOf => once(&mut self.as_of, map),
            Name::KnownAt => once(&mut self.known_at, map),
            Name::MinPosition => once(&mut self.min_position, map),
            Name::MaxStalenessMs => once(&mut self.max_staleness_ms, map),
            Name::Explain => once(&mut self.explain, map),
        }
    }

    /// The question about nobody, if it has a channel and a purpose.
    fn over(&self, defaults: &Self) -> Option<QuestionBody> {
        Some(QuestionBody {
            channel: self.channel.as_ref().or(defaults.channel.as_ref())?.0.to_string(),
            purpose: self.purpose.as_ref().or(defaults.purpose.as_ref())?.0.to_string(),
            sender: text(&self.sender, &defaults.sender).map(str::to_owned),
            subject_matter: text(&self.subject_matter, &defaults.subject_matter).map(str::to_owned),
            product_line: text(&self.product_line, &defaults.product_line).map(str::to_owned),
            automated: self.automated.or(defaults.automated).flatten(),
            opt_out_in_message: self.opt_out_in_message.or(defaults.opt_out_in_message).flatten(),
            as_of: self.as_of.or(defaults.as_of).flatten().map(|time| time.0),
            known_at: self.known_at.or(defaults.known_at).flatten().map(|time| time.0),
            min_position: self.min_position.or(defaults.min_position).flatten(),
            max_staleness_ms: self.max_staleness_ms.or(defaults.max_staleness_ms).flatten(),
            explain: self.explain.or(defaults.explain).unwrap_or_default(),
            ..QuestionBody::default()
        })
    }
}

impl Text<'_> {
    fn is_too_long(&self) -> bool {
        is_too_long(&self.0)
    }
}

impl Said<'_> {
    /// Whether a text in it is too long to be a default. A time is none.
    fn is_too_long(&self) -> bool {
        let names = [&self.phone, &self.email, &self.subject];
        names.into_iter().flatten().flatten().any(Text::is_too_long)
            || self.rest.as_deref().is_some_and(Rest::is_too_long)
    }
}

impl Rest<'_> {
    /// The same.
    fn is_too_long(&self) -> bool {
        let (needed, others) =
            ([&self.channel, &self.purpose], [&self.sender, &self.subject_matter, &self.product_line]);
        needed.into_iter().flatten().any(Text::is_too_long)
            || others.into_iter().flatten().flatten().any(Text::is_too_long)
    }
}

/// A text that is said, or the default.
fn text<'a>(said: &'a Option<Option<Text<'_>>>, default: &'a Option<Option<Text<'_>>>) -> Option<&'a str> {
    said.as_ref().or(default.as_ref())?.as_ref().map(|text| &*text.0)
}

impl Plain<'_> {
    /// The questions of a body, if every one can be read.
    pub(super) fn read(body: &[u8]) -> Option<Questions> {
        let Plain { defaults, questions } = serde_json::from_slice(body).ok()?;
        if questions.len() > limits::QUESTIONS || defaults.is_too_long() {
            return None;
        }
        let (mut all, nothing) = (Questions::default(), Rest::default());
        let default = defaults.rest.as_deref().unwrap_or(&nothing);
        let mut last = None;
        for Said { phone, email, subject, rest } in &questions {
            if last != Some(rest) {
                all.begin(rest.as_deref().unwrap_or(&nothing).over(default)?);
                last = Some(rest);
            }
            let [phone, email, subject] =
                [(phone, &defaults.phone), (email, &defaults.email), (subject, &defaults.subject)]
                    .map(|(said, default)| text(said, default));
            all.push_same(Whom::named(phone, email, subject));
        }
        Some(all)
    }
}

#[cfg(test)]
mod tests;
