//! Every maximum of the event vocabulary, in one place.

use std::ops::RangeInclusive;

/// Digits of the shortest number taken for E.164 when a gateway leaves out the `+`.
pub const E164_MIN_DIGITS: usize = 7;
/// Digits of the longest E.164 number (ITU-T E.164).
pub const E164_MAX_DIGITS: usize = 15;
/// Bytes of any text that is read as an address.
pub const ADDRESS_TEXT: usize = 320;
/// Bytes of the local part of an e-mail address (RFC 5321, section 4.5.3.1.1, counted in UTF-8).
pub const EMAIL_LOCAL: usize = 64;
/// Bytes of the domain of an e-mail address (RFC 5321, section 4.5.3.1.2).
pub const EMAIL_DOMAIN: usize = 255;
/// Bytes of one label of a domain, and of the whole of it without a final dot (RFC 1035, section 2.3.4), that may be
/// taken as it stands.
pub const DOMAIN_LABEL: usize = 63;
/// See [`DOMAIN_LABEL`].
pub const DOMAIN: usize = 253;
/// Bytes of an address that are kept in place: a phone number, a UUID, most e-mail addresses.
pub const INLINE_TEXT: usize = 38;
/// Characters of a subject id.
pub const SUBJECT_ID: usize = 128;
/// Bytes of one text field of an event; a ten-part text message is about 1,600.
pub const TEXT_FIELD: usize = 65_536;
/// Items of one list field of an event.
pub const LIST_ITEMS: usize = 100;
/// Bytes of a whole event, well below what the table of openings takes.
pub const EVENT: usize = 768 * 1024;
/// Bytes of a raw gateway message that are kept when it could not be understood.
pub const RAW_MESSAGE: usize = 256 * 1024;
/// Bytes of the field that keeps it, in base64.
pub const RAW_FIELD: usize = RAW_MESSAGE.div_ceil(3) * 4;
/// Years of a time: those that RFC 3339 can write.
pub const YEARS: RangeInclusive<i32> = 0..=9999;
