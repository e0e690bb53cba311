//! What is asked: may this person be contacted on this channel for this purpose?

use chrono::{DateTime, Datelike, Utc};
use consent_core::address::{Email, Identity, Phone, SubjectId};
use consent_core::limits::YEARS;
use consent_core::scope::{Channel, Purpose};
use uuid::Uuid;

/// A question as it was asked. Nothing in it has been checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// Id of the decision to be made, given by the caller: this crate makes no random numbers.
    pub id: Uuid,
    /// Phone number, with country code.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// The person, by INFI's own id.
    pub subject: Option<String>,
    /// Word of a [`Channel`].
    pub channel: String,
    /// Word of a [`Purpose`].
    pub purpose: String,
    /// The number or address the message would come from.
    pub sender: Option<String>,
    /// What the message is about; caps count messages on one subject.
    pub subject_matter: Option<String>,
    /// The line of products it advertises.
    pub product_line: Option<String>,
    /// Sent or dialled by a machine; yes, unless said otherwise (policy P16).
    pub automated: Option<bool>,
    /// The message itself offers a way to refuse more of them.
    pub opt_out_in_message: Option<bool>,
    /// Count what had happened by then; everything, if absent.
    pub as_of: Option<DateTime<Utc>>,
    /// Count what the ledger had received by then; everything, if absent.
    pub known_at: Option<DateTime<Utc>>,
    /// Say for each rule what it found.
    pub explain: bool,
}

/// A field of a question that cannot be read. The value is never repeated: it may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct Invalid {
    /// Name of the field.
    pub field: &'static str,
    /// What is wrong with it.
    pub detail: String,
}

/// A question that could be read, with addresses in canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<'q> {
    /// Phone number.
    pub phone: Option<Phone>,
    /// E-mail address.
    pub email: Option<Email>,
    /// The person.
    pub subject: Option<SubjectId>,
    /// The way to reach the person.
    pub channel: Channel,
    /// What the message is for.
    pub purpose: Purpose,
    /// The number or address the message would come from.
    pub sender: Option<&'q str>,
    /// What the message is about.
    pub subject_matter: Option<&'q str>,
    /// The line of products it advertises.
    pub product_line: Option<&'q str>,
    /// Sent or dialled by a machine.
    pub automated: bool,
    /// The message itself offers a way to refuse more of them.
    pub opt_out_in_message: bool,
}

impl Question {
    /// Reads the question, or names every field that cannot be read.
    pub fn check(&self) -> Result<Asked<'_>, Vec<Invalid>> {
        let mut faults = Vec::new();
        let phone = read(&mut faults, "phone", self.phone.as_deref());
        let email = read(&mut faults, "email", self.email.as_deref());
        let subject = read(&mut faults, "subject", self.subject.as_deref());
        let channel = read(&mut faults, "channel", Some(&self.channel));
        let purpose = read(&mut faults, "purpose", Some(&self.purpose));
        for (field, time) in [("as_of", self.as_of), ("known_at", self.known_at)] {
            if time.is_some_and(|time| !YEARS.contains(&time.year())) {
                let detail = format!("the year must be one of {} to {}", YEARS.start(), YEARS.end());
                faults.push(Invalid { field, detail });
            }
        }
        if self.phone.is_none() && self.email.is_none() && self.subject.is_none() {
            let detail = "one of phone, email or subject is needed".to_owned();
            faults.push(Invalid { field: "subject", detail });
        }
        match (channel, purpose) {
            (Some(channel), Some(purpose)) if faults.is_empty() => Ok(Asked {
                phone,
                email,
                subject,
                channel,
                purpose,
                sender: self.sender.as_deref(),
                subject_matter: self.subject_matter.as_deref(),
                product_line: self.product_line.as_deref(),
                automated: self.automated.unwrap_or(true),
                opt_out_in_message: self.opt_out_in_message.unwrap_or(false),
            }),
            _ => Err(faults),
        }
    }

    /// Everybody the question names and that could be read: the contact points, then the subject.
    pub fn identities(&self) -> Vec<Identity> {
        identities(parsed(&self.phone), parsed(&self.email), parsed(&self.subject)).collect()
    }
}

impl Asked<'_> {
    /// Everybody the question names: the contact points, then the subject.
    pub fn identities(&self) -> impl Iterator<Item = Identity> + use<> {
        identities(self.phone.clone(), self.email.clone(), self.subject.clone())
    }
}

fn identities(
    phone: Option<Phone>,
    email: Option<Email>,
    subject: Option<SubjectId>,
) -> impl Iterator<Item = Identity> {
    let points = [phone.map(Identity::Phone), email.map(Identity::Email)];
    points.into_iter().chain([subject.map(Identity::Subject)]).flatten()
}

fn parsed<T: std::str::FromStr>(text: &Option<String>) -> Option<T> {
    text.as_deref().and_then(|text| text.parse().ok())
}

fn read<T>(faults: &mut Vec<Invalid>, field: &'static str, text: Option<&str>) -> Option<T>
where
    T: std::str::FromStr<Err: ToString>,
{
    text?.parse().map_err(|error: T::Err| faults.push(Invalid { field, detail: error.to_string() })).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(phone: &str, channel: &str, purpose: &str) -> Question {
        let phone = Some(phone.to_owned());
        Question { phone, channel: channel.into(), purpose: purpose.into(), ..Question::default() }
    }

    #[test]
    fn two_spellings_of_a_number_are_one_question() {
        let plain = asked("+12025550123", "sms", "updates");
        let plain = plain.check().unwrap();
        assert_eq!(asked("+1 (202) 555-0123", "sms", "updates").check().unwrap(), plain);
        assert!(plain.automated && !plain.opt_out_in_message);
    }

    #[test]
    fn a_time_that_no_calendar_in_use_reaches_cannot_be_asked_about() {
        for time in [DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC] {
            let question =
                Question { as_of: Some(time), known_at: Some(time), ..asked("+12025550123", "sms", "updates") };
            let fields: Vec<_> = question.check().unwrap_err().iter().map(|fault| fault.field).collect();
            assert_eq!(fields, ["as_of", "known_at"]);
        }
    }

    #[test]
    fn every_unreadable_field_is_named_and_no_value_is_repeated() {
        let faults = asked("202-555-0177", "fax", "spam").check().unwrap_err();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["phone", "channel", "purpose"]);
        assert!(faults.iter().all(|fault| !fault.to_string().contains("0177")));
    }

    #[test]
    fn somebody_must_be_asked_about() {
        let nobody = Question { channel: "sms".into(), purpose: "updates".into(), ..Question::default() };
        assert_eq!(nobody.check().unwrap_err()[0].field, "subject");
        assert!(nobody.identities().is_empty());
    }

    #[test]
    fn what_can_be_read_of_a_bad_question_is_still_known() {
        let mut question = asked("nonsense", "sms", "updates");
        question.subject = Some("A".into());
        assert!(question.check().is_err());
        assert_eq!(question.identities(), [Identity::Subject(SubjectId::parse("A").unwrap())]);
    }
}
