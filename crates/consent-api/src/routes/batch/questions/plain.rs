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

use super::Questions;
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
    as_of: Option<Option<DateTime<Utc>>>,
    known_at: Option<Option<DateTime<Utc>>>,
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
            as_of: self.as_of.or(defaults.as_of).flatten(),
            known_at: self.known_at.or(defaults.known_at).flatten(),
            min_position: self.min_position.or(defaults.min_position).flatten(),
            max_staleness_ms: self.max_staleness_ms.or(defaults.max_staleness_ms).flatten(),
            explain: self.explain.or(defaults.explain).unwrap_or_default(),
            ..QuestionBody::default()
        })
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
        if questions.len() > limits::QUESTIONS {
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
mod tests {
    use proptest::prelude::*;

    use super::super::tests::asked;
    use super::super::{BatchBody, questions};
    use super::*;
    use crate::body::FromBody;

    const NAMES: &[&str] = &[
        "phone",
        "email",
        "subject",
        "channel",
        "purpose",
        "sender",
        "subject_matter",
        "product_line",
        "automated",
        "opt_out_in_message",
        "as_of",
        "known_at",
        "min_position",
        "max_staleness_ms",
        "explain",
        "chanel",
    ];

    /// A field with a value that is mostly one of its own.
    fn field() -> impl Strategy<Value = String> {
        let text = prop::sample::select(&["\"sms\"", "\"S\"", "\"s\\u006ds\"", "\"\"", "null"][..]);
        let phone = prop::sample::select(
            &["\"+12025550123\"", "\"\\u002b12025550124\"", "\"+1 (202) 555-0123\"", "\"nobody\"", "null"][..],
        );
        let value = (text, phone, any::<bool>(), 0..4_u64);
        (0..NAMES.len() * 8, value).prop_map(|(name, (text, phone, flag, number))| {
            let stray = name % 32 == 31;
            // The last name is no field, and hardly ever there.
            let at = if name == NAMES.len() * 8 - 1 { NAMES.len() - 1 } else { name % (NAMES.len() - 1) };
            let value = match at {
                _ if stray => "{\"phone\":[1]}".to_owned(),
                0..=2 => phone.to_owned(),
                8 | 9 | 14 => flag.to_string(),
                10 | 11 => format!("\"2026-01-0{}T00:00:00Z\"", number + 1),
                12 | 13 if flag => number.to_string(),
                12 | 13 => "null".to_owned(),
                _ => text.to_owned(),
            };
            format!("\"{}\":{value}", NAMES[at])
        })
    }

    fn object(fields: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = String> {
        let both = prop::sample::select(&["\"channel\":\"sms\",\"purpose\":\"updates\"", ""][..]);
        (prop::collection::vec(field(), fields), both).prop_map(|(fields, both)| {
            let own = fields.iter().map(String::as_str).filter(|field| !both.contains(&field[..8]));
            let all: Vec<&str> = own.chain((!both.is_empty()).then_some(both)).collect();
            format!("{{{}}}", all.join(","))
        })
    }

    fn body() -> impl Strategy<Value = String> {
        let all = prop::collection::vec(object(0..3), 0..5);
        (object(0..3), all, any::<bool>()).prop_map(|(defaults, all, first)| {
            let (defaults, questions) =
                (format!("\"defaults\":{defaults}"), format!("\"questions\":[{}]", all.join(",")));
            if first { format!("{{{defaults},{questions}}}") } else { format!("{{{questions},{defaults}}}") }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_read_where_it_lies_is_read_so_in_the_slower_way_and_what_is_not_is_at_fault(body in body()) {
            let slowly = BatchBody::from_body(body.as_bytes()).and_then(questions);
            let sound = slowly.as_ref().ok().filter(|slowly| slowly.faults.is_empty());
            match (Plain::read(body.as_bytes()), sound) {
                (Some(read), Some(slowly)) => {
                    prop_assert_eq!(asked(&read), asked(slowly));
                    prop_assert!(read.faults.is_empty());
                }
                (Some(_), None) => return Err(TestCaseError::fail(format!("{body} is at fault"))),
                // Of a field that is there twice the last one counts, which only the slower way knows.
                (None, Some(_)) => {
                    let twice = NAMES.iter().any(|name| body.matches(&format!("\"{name}\":")).count() > 1);
                    prop_assert!(twice, "{} can be read", body);
                }
                (None, None) => {}
            }
        }
    }

    #[test]
    fn a_question_is_put_together_once_for_all_who_are_asked_about_in_the_same_way() {
        let body = r#"{"defaults":{"channel":"sms","purpose":"updates"},"questions":[
            {"phone":"+12025550123"},{"phone":"\u002b12025550124"},{"phone":"+1 202 555 0125"},
            {"phone":"+12025550126","sender":"S"},{"email":"pat@example.com","sender":"S"},{"subject":"A"}]}"#;
        let read = Plain::read(body.as_bytes()).unwrap();
        let sizes: Vec<_> = read.asked.iter().map(|survey| survey.about.len()).collect();
        assert_eq!(sizes, [3, 2, 1]);
        let named =
            read.asked.iter().flat_map(|survey| &survey.about).filter(|(_, whom)| matches!(whom, Whom::Named(_)));
        assert_eq!(named.count(), 1, "one number is not in its canonical form");
        let mut ids: Vec<_> = read.asked.iter().flat_map(|survey| &survey.about).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 6);
    }
}
