use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::zones::Zone;

mod nationwide;
mod scan;

/// The federal window of 47 CFR 64.1200(c)(1).
fn federal() -> Window {
    "08:00-21:00".parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn zones(names: &str) -> Vec<Zone> {
    names.split(' ').map(|name| Zone::named(name).unwrap()).collect()
}

/// Somebody who may be in these zones and states, which are known.
fn within(zones: &[Zone], states: &[State]) -> Candidates {
    Candidates { zones: zones.into(), states: states.into(), assumed: false }
}

fn row(id: &str, state: &str, from: &str, hours: &str) -> StateHours {
    let text = format!("id = '{id}'\nstate = '{state}'\neffective_from = '{from}'\nsource = ''\nhours = {{ {hours} }}");
    toml::from_str(&text).unwrap()
}

fn rows() -> Vec<StateHours> {
    vec![
        row("fl", "FL", "2021-07-01", "daily = '08:00-20:00'"),
        row("tx", "TX", "2025-09-01", "daily = '09:00-21:00', sunday = '12:00-21:00'"),
        row("la", "LA", "2009-01-01", "daily = '08:00-20:00', sunday = 'closed', holidays = 'closed'"),
        row("wy", "WY", "2021-07-01", "daily = '07:00-22:00'"),
        row("or", "OR", "2020-01-01", "daily = '09:00-20:30'"),
        row("or", "OR", "2026-01-01", "daily = '08:00-20:00'"),
        row("va", "VA", "2027-01-01", "daily = '08:00-19:00'"),
    ]
}

/// `(zones, states, asked, closes, opens)`: open at `asked` if it closes, and again from `opens` on.
type Case = (&'static str, &'static str, &'static str, Option<&'static str>, Option<&'static str>);

fn check((names, states, asked, closes, opens): Case) {
    let rows = rows();
    let states: Vec<State> = states.split_whitespace().map(|state| State::parse(state).unwrap()).collect();
    let hours = Hours::new(federal(), &rows, &within(&zones(names), &states));
    let case = format!("{names} {states:?} {asked}");
    assert_eq!(is_open(&hours, at(asked)), closes.is_some(), "{case}");
    assert_eq!(closes_at(&hours, at(asked)), closes.map(at), "{case}");
    let from = closes.map_or(at(asked), at);
    assert_eq!(opens_at(&hours, from), opens.map(at), "{case}");
}

#[test]
fn windows_of_one_and_several_zones() {
    let ny = "America/New_York";
    let (open, shut) = (Some("2026-12-03T02:00:00Z"), Some("2026-12-03T13:00:00Z"));
    let table: &[Case] = &[
        // Half-open, to the second.
        (ny, "", "2026-12-02T12:59:59Z", None, Some("2026-12-02T13:00:00Z")),
        (ny, "", "2026-12-02T13:00:00Z", open, shut),
        (ny, "", "2026-12-03T01:59:59Z", open, shut),
        (ny, "", "2026-12-03T01:59:59.999Z", open, shut),
        (ny, "", "2026-12-03T02:00:00Z", None, shut),
        // Clocks forward on 14 March 2027, back on 7 November.
        (ny, "", "2027-03-13T20:00:00Z", Some("2027-03-14T02:00:00Z"), Some("2027-03-14T12:00:00Z")),
        (ny, "", "2027-11-06T20:00:00Z", Some("2027-11-07T01:00:00Z"), Some("2027-11-07T13:00:00Z")),
        // Arizona keeps standard time, the Navajo do not: no gap in winter, an hour in summer.
        ("America/Phoenix America/Denver", "", "2026-12-02T14:59:59Z", None, Some("2026-12-02T15:00:00Z")),
        ("America/Phoenix America/Denver", "", "2026-07-01T14:59:59Z", None, Some("2026-07-01T15:00:00Z")),
        (
            "America/Phoenix America/Denver",
            "",
            "2026-07-01T15:00:00Z",
            Some("2026-07-02T03:00:00Z"),
            Some("2026-07-02T15:00:00Z"),
        ),
        // The panhandle: opens with Chicago, closes with New York; Florida at eight.
        ("America/Chicago America/New_York", "", "2026-12-02T13:59:59Z", None, Some("2026-12-02T14:00:00Z")),
        (
            "America/Chicago America/New_York",
            "FL",
            "2026-12-02T14:00:00Z",
            Some("2026-12-03T01:00:00Z"),
            Some("2026-12-03T14:00:00Z"),
        ),
        // El Paso on Central hours is an hour early and an hour late.
        ("America/Denver", "", "2026-12-02T14:30:00Z", None, Some("2026-12-02T15:00:00Z")),
    ];
    for case in table {
        check(*case);
    }
}

#[test]
fn never_where_no_hour_is_day_everywhere_and_nowhere_without_a_zone() {
    let around = Hours::new(federal(), [], &within(&zones("Pacific/Pago_Pago Asia/Dhaka Europe/London"), &[]));
    assert_eq!(opens_at(&around, at("2026-12-02T12:00:00Z")), None);
    let nowhere = Hours::new(federal(), [], &Candidates::default());
    assert!(!is_open(&nowhere, at("2026-12-02T17:00:00Z")));
    assert_eq!(opens_at(&nowhere, at("2026-12-02T17:00:00Z")), None);
}

#[test]
fn windows_of_states() {
    let (ny, chicago) = ("America/New_York", "America/Chicago");
    let table: &[Case] = &[
        (ny, "FL", "2026-12-03T01:15:00Z", None, Some("2026-12-03T13:00:00Z")),
        // The narrowest of several; a state that allows more than the federal window changes nothing.
        (ny, "FL WY", "2026-12-03T00:59:59Z", Some("2026-12-03T01:00:00Z"), Some("2026-12-03T13:00:00Z")),
        (ny, "WY", "2026-12-03T01:00:00Z", Some("2026-12-03T02:00:00Z"), Some("2026-12-03T13:00:00Z")),
        // Sundays: Texas from noon, Louisiana not at all.
        (chicago, "TX", "2026-12-06T17:59:59Z", None, Some("2026-12-06T18:00:00Z")),
        (chicago, "LA", "2026-12-06T01:00:00Z", Some("2026-12-06T02:00:00Z"), Some("2026-12-07T14:00:00Z")),
        // Christmas on a Friday.
        (chicago, "LA", "2026-12-25T18:00:00Z", None, Some("2026-12-26T14:00:00Z")),
        // The newest version in force; a rule from New Year's Day on.
        (
            "America/Los_Angeles",
            "OR",
            "2026-12-02T16:00:00Z",
            Some("2026-12-03T04:00:00Z"),
            Some("2026-12-03T16:00:00Z"),
        ),
        ("America/Los_Angeles", "OR", "2025-12-02T16:59:59Z", None, Some("2025-12-02T17:00:00Z")),
        (ny, "VA", "2027-01-01T00:30:00Z", Some("2027-01-01T02:00:00Z"), Some("2027-01-01T13:00:00Z")),
        (ny, "VA", "2027-01-02T00:30:00Z", None, Some("2027-01-02T13:00:00Z")),
    ];
    for case in table {
        check(*case);
    }
}

#[test]
fn windows_across_a_gap_and_a_fold() {
    let open = |zone: &str, hours: &str| Hours::new(hours.parse().unwrap(), [], &within(&zones(zone), &[]));
    let ny = |hours: &str| open("America/New_York", hours);
    // 02:30 does not exist on 14 March 2027; it is 03:00 at once.
    assert_eq!(opens_at(&ny("02:30-04:00"), at("2027-03-14T05:00:00Z")), Some(at("2027-03-14T07:00:00Z")));
    assert_eq!(closes_at(&ny("01:00-02:30"), at("2027-03-14T06:00:00Z")), Some(at("2027-03-14T07:00:00Z")));
    // From 01:00 to 02:00 on 7 November 2027 happens twice.
    let first = ny("00:00-01:30");
    assert_eq!(closes_at(&first, at("2027-11-07T04:00:00Z")), Some(at("2027-11-07T05:30:00Z")));
    assert_eq!(opens_at(&first, at("2027-11-07T05:30:00Z")), Some(at("2027-11-07T06:00:00Z")));
    assert_eq!(closes_at(&first, at("2027-11-07T06:00:00Z")), Some(at("2027-11-07T06:30:00Z")));
    // Samoa had no 30 December 2011.
    let apia = open("Pacific/Apia", "08:00-21:00");
    assert_eq!(opens_at(&apia, at("2011-12-30T07:00:00Z")), Some(at("2011-12-30T18:00:00Z")));
    // Open without end.
    assert_eq!(closes_at(&ny("00:00-24:00"), at("2026-12-02T17:00:00Z")), None);
}

#[test]
fn hours_as_text() {
    for text in ["08:00-21:00", "00:00-24:00", "12:30-12:31"] {
        assert!(text.parse::<Window>().is_ok(), "{text}");
    }
    for text in ["", "8:00-21:00", "08:00", "21:00-08:00", "08:00-08:00", "08:00-24:01", "08:60-21:00", "+8:00-21:00"] {
        assert!(text.parse::<Window>().is_err(), "{text}");
    }
    assert!(toml::from_str::<Week>("daily = 'shut'").is_err());
    assert!(toml::from_str::<Week>("daily = 'closed'\nfunday = 'closed'").is_err());
    assert_eq!(toml::from_str::<Week>("daily = '08:00-21:00'").unwrap(), Week::daily(federal()));
}
