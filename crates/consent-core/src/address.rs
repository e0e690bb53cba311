//! Who an event speaks about: phone numbers, e-mail addresses and subject ids.
//!
//! This is the only place where an address is brought to its canonical form. What is recorded and what is
//! asked about pass through the same functions, so two spellings of one address can never part.

mod country;
mod text;

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::limits;
pub use country::Country;
use text::Text;

/// Why a text is not an address. The text itself is never part of the error, because errors are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not a phone number that could be dialled from abroad.
    #[error("not a phone number in international form (E.164, such as +12025550123)")]
    Phone,
    /// Not an e-mail address.
    #[error("not an e-mail address")]
    Email,
    /// Not a subject id.
    #[error("a subject is 1 to 128 characters of A-Z a-z 0-9 . _ : -")]
    Subject,
}

/// A phone number in E.164: `+`, country code, national number; 15 digits at most.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Phone(Text);

impl Phone {
    /// Canonical form of a number written with its country code: `+1 (202) 555-0123`, `+44 (0)7700 900123`.
    ///
    /// A number must be *possible* for its country (right length), not assigned: ranges open faster than lists
    /// of them are published, and refusing a real number would lose its opt-out.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if is_canonical_nanp(text.as_bytes()) {
            return Ok(Self(Text::new(text)));
        }
        let text = text.trim();
        if text.len() > limits::ADDRESS_TEXT || !text.starts_with(['+', '\u{ff0b}']) {
            return Err(AddressError::Phone);
        }
        let number = PHONE_NUMBER_UTIL.parse(text, None).map_err(|_| AddressError::Phone)?;
        // An extension reaches a switchboard, not a handset: another address than the number without it.
        if !number.extension().is_empty() || !PHONE_NUMBER_UTIL.is_possible_number(&number) {
            return Err(AddressError::Phone);
        }
        Ok(Self(Text::new(&PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164))))
    }

    /// Canonical form of a sender as a gateway names it: gateways differ in whether they write the `+`, `00` in its
    /// place, or a scheme before it (`tel:`, `sms:`, `whatsapp:`).
    ///
    /// Short codes and alphanumeric senders are not phone numbers and are refused. So are national numbers: ten digits
    /// may be a number of Ohio or of Singapore, and an opt-out must not bind the wrong one.
    pub fn parse_from_gateway(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let bare = match text.split_once(':') {
            Some((scheme, rest)) if ["tel", "sms", "whatsapp"].iter().any(|s| s.eq_ignore_ascii_case(scheme)) => rest,
            _ => text,
        };
        if bare.starts_with('+') {
            return Self::parse(bare);
        }
        if let Some(rest) = bare.strip_prefix("00") {
            return Self::parse(&format!("+{rest}"));
        }
        let spaced: String = bare.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        let nanp = format!("+{spaced}");
        if spaced != bare && is_canonical_nanp(nanp.as_bytes()) {
            return Ok(Self(Text::new(&nanp)));
        }
        let text = bare;
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        if !digits || !(limits::E164_MIN_DIGITS..=limits::E164_MAX_DIGITS).contains(&text.len()) {
            return Err(AddressError::Phone);
        }
        Self::parse(&format!("+{text}"))
    }

    /// The number, `+` first.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The digits behind the `+`, as a number: no number begins with a zero there.
    pub fn number(&self) -> Option<u64> {
        let digits = self.0.as_bytes().get(1..).filter(|digits| !digits.is_empty())?;
        digits.iter().try_fold(0_u64, |number, digit| {
            let digit = char::from(*digit).to_digit(10)?;
            number.checked_mul(10)?.checked_add(u64::from(digit))
        })
    }

    /// The phone with the digits that [`Phone::number`] gave.
    pub fn of_number(number: u64) -> Self {
        Self(Text::new(&format!("+{number}")))
    }

    /// ISO 3166 code of the country whose numbering plan this number lies in, if there is exactly one answer.
    pub fn country(&self) -> Option<Country> {
        country::of(self.as_str())
    }
}

/// Loads the numbering plans, so that the first question need not wait for them.
pub fn warm_up() {
    let _ = Phone::parse("+44 20 7946 0000").map(|phone| phone.country());
}

/// `+1`, area code and exchange that begin with 2-9: canonical as it stands, and most of what arrives here.
///
/// Elsewhere a trunk prefix could hide after the country code, so everything else goes through the library.
fn is_canonical_nanp(text: &[u8]) -> bool {
    matches!(text, [b'+', b'1', a, _, _, e, rest @ ..]
        if (b'2'..=b'9').contains(a) && (b'2'..=b'9').contains(e) && rest.len() == 6)
        && text[1..].iter().all(u8::is_ascii_digit)
}

/// An e-mail address: local part compared without regard to case, domain in lower case and IDNA-encoded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Email(Text);

impl Email {
    /// Canonical form of an address such as `Pat@Example.COM`; a display name is not accepted.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if is_canonical_email(text) {
            return Ok(Self(Text::new(text)));
        }
        if text.len() > limits::ADDRESS_TEXT {
            return Err(AddressError::Email);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Email)?;
        let local: String = local.nfc().collect::<String>().to_lowercase().nfc().collect();
        if local.is_empty() || local.len() > limits::EMAIL_LOCAL || !local.chars().all(is_local_part) {
            return Err(AddressError::Email);
        }
        let domain = idna::domain_to_ascii_strict(domain.trim_end_matches('.')).map_err(|_| AddressError::Email)?;
        let labels_ok = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
        if domain.len() > limits::EMAIL_DOMAIN || !labels_ok {
            return Err(AddressError::Email);
        }
        Ok(Self(Text::new(&format!("{local}@{domain}"))))
    }

    /// The canonical address.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Small letters, digits and hyphens in ordinary places: canonical as it stands, like most addresses that arrive here.
fn is_canonical_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    // Two hyphens may begin an encoded label, which has to be read.
    let is_label = |label: &str| {
        let inner = |c: char| is_small(c) || c == '-';
        label.len() <= limits::DOMAIN_LABEL
            && label.starts_with(is_small)
            && label.ends_with(is_small)
            && label.chars().all(inner)
            && !label.contains("--")
    };
    (1..=limits::EMAIL_LOCAL).contains(&local.len())
        && local.chars().all(|c| is_small(c) || matches!(c, '.' | '_' | '-' | '+'))
        && domain.len() <= limits::DOMAIN
        && domain.contains('.')
        && domain.split('.').all(is_label)
}

/// RFC 5322 `atext` and the dot, widened by RFC 6531 to every letter beyond ASCII.
fn is_local_part(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c)
    } else {
        !c.is_control() && !c.is_whitespace()
    }
}

/// A person, by INFI's own opaque id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SubjectId(Text);

impl SubjectId {
    /// An id of 1 to 128 characters of `A-Za-z0-9._:-`, kept as it is.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
        if text.is_empty() || text.len() > limits::SUBJECT_ID || !text.bytes().all(allowed) {
            return Err(AddressError::Subject);
        }
        Ok(Self(Text::new(text)))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

macro_rules! textual {
    ($($name:ident),*) => {$(
        impl FromStr for $name {
            type Err = AddressError;
            fn from_str(text: &str) -> Result<Self, AddressError> { Self::parse(text) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
textual!(Phone, Email, SubjectId);

/// One way by which a person is known: a contact point or a subject id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// A phone number.
    Phone(Phone),
    /// An e-mail address.
    Email(Email),
    /// A subject id.
    Subject(SubjectId),
}

impl Identity {
    /// The kind as it enters a look-up token.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Phone(_) => "phone",
            Self::Email(_) => "email",
            Self::Subject(_) => "subject",
        }
    }

    /// The canonical text as it enters a look-up token.
    pub fn value(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_str(),
            Self::Email(email) => email.as_str(),
            Self::Subject(subject) => subject.as_str(),
        }
    }
}

#[cfg(test)]
mod tests;
