//! A question that is asked about several people.

use consent_core::address::{Email, Identity, Phone, SubjectId};
use uuid::Uuid;

use super::Freshness;
use crate::question::Question;

/// One question about some people: most batches are one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// About nobody, and without an id.
    pub question: Question,
    /// How fresh each answer must be.
    pub fresh: Freshness,
    /// Whom it is about, in order, each with the id of the decision to be made.
    pub about: Vec<(Uuid, Whom)>,
}

/// Whom a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// Whoever is known by this, which was said in its canonical form.
    One(Identity),
    /// Whoever is known by all of these, if they can be read.
    Named(Box<Names>),
}

/// Names as they were said. Nothing in them has been checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Phone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// The person.
    pub subject: Option<String>,
}

impl Whom {
    /// Whoever was named so.
    pub fn named(phone: Option<&str>, email: Option<&str>, subject: Option<&str>) -> Self {
        let one = match (phone, email, subject) {
            (Some(text), None, None) => Phone::parse(text).ok().map(Identity::Phone),
            (None, Some(text), None) => Email::parse(text).ok().map(Identity::Email),
            (None, None, Some(text)) => SubjectId::parse(text).ok().map(Identity::Subject),
            _ => None,
        };
        match one.filter(|one| [phone, email, subject].contains(&Some(one.value()))) {
            Some(one) => Self::One(one),
            None => {
                let [phone, email, subject] = [phone, email, subject].map(|text| text.map(str::to_owned));
                Self::Named(Box::new(Names { phone, email, subject }))
            }
        }
    }

    /// The one identity by which somebody is known, if there are not several.
    pub(super) fn one(&self) -> Option<&Identity> {
        match self {
            Self::One(one) => Some(one),
            Self::Named(_) => None,
        }
    }
}

impl Survey {
    /// Each of the questions by itself.
    pub fn questions(&self) -> impl Iterator<Item = Question> {
        self.about.iter().map(|(id, whom)| self.question_about(*id, whom))
    }

    pub(super) fn question_about(&self, id: Uuid, whom: &Whom) -> Question {
        let question = Question { id, ..self.question.clone() };
        match whom {
            Whom::One(Identity::Phone(phone)) => Question { phone: Some(phone.as_str().to_owned()), ..question },
            Whom::One(Identity::Email(email)) => Question { email: Some(email.as_str().to_owned()), ..question },
            Whom::One(Identity::Subject(one)) => Question { subject: Some(one.as_str().to_owned()), ..question },
            Whom::Named(names) => {
                let Names { phone, email, subject } = (**names).clone();
                Question { phone, email, subject, ..question }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "+12025550123";

    #[test]
    fn only_who_is_named_once_and_in_canonical_form_is_one_identity() {
        let one = |phone, email, subject| Whom::named(phone, email, subject).one().map(|one| one.value().to_owned());
        assert_eq!(one(Some(NUMBER), None, None).as_deref(), Some(NUMBER));
        assert_eq!(one(None, Some("pat@example.com"), None).as_deref(), Some("pat@example.com"));
        assert_eq!(one(None, None, Some("A")).as_deref(), Some("A"));
        for (phone, email, subject) in [
            (None, None, None),
            (Some("+1 202 555 0123"), None, None),
            (Some("nobody"), None, None),
            (None, Some("Pat@example.com"), None),
            (Some(NUMBER), None, Some("A")),
        ] {
            assert_eq!(one(phone, email, subject), None, "{phone:?} {email:?} {subject:?}");
        }
    }

    #[test]
    fn each_question_names_whom_it_is_about_as_they_were_named() {
        let question = Question { channel: "sms".into(), purpose: "updates".into(), ..Question::default() };
        let names = [(Some(NUMBER), None), (Some("+1 202 555 0123"), None), (Some("x"), Some("A")), (None, None)];
        let about = names.iter().map(|(phone, subject)| (Uuid::max(), Whom::named(*phone, None, *subject))).collect();
        let survey = Survey { question: question.clone(), fresh: Freshness::default(), about };
        let expected = names.map(|(phone, subject)| Question {
            id: Uuid::max(),
            phone: phone.map(str::to_owned),
            subject: subject.map(str::to_owned),
            ..question.clone()
        });
        assert!(survey.questions().eq(expected));
    }
}
