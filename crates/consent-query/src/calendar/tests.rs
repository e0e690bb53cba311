use super::*;
use crate::zones::State;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn days(year: i32, wanted: impl Fn(NaiveDate) -> bool) -> Vec<String> {
    let all = day(&format!("{year}-01-01")).iter_days().take_while(|day| day.year() == year);
    all.filter(|day| wanted(*day)).map(|day| day.format("%m-%d").to_string()).collect()
}

#[test]
fn federal_holidays_as_published() {
    let table: &[(i32, &str)] = &[
        // Dates of the Office of Personnel Management.
        (2020, "01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-25"),
        (2021, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
        (2022, "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"),
        (2023, "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25"),
        (2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"),
        (2027, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
    ];
    for (year, expected) in table {
        let found: Vec<_> = federal_holidays(*year).iter().map(|day| day.format("%m-%d").to_string()).collect();
        assert_eq!(found.join(" "), *expected, "{year}");
    }
}

#[test]
fn business_days_are_counted_after_the_date() {
    let table = [
        ("2026-11-23", 10, "2026-12-08"), // over Thanksgiving
        ("2026-12-18", 10, "2027-01-05"), // over Christmas and New Year
        ("2026-12-05", 10, "2026-12-18"), // from a Saturday
        ("2026-06-10", 10, "2026-06-25"), // over Juneteenth
        ("2021-12-30", 1, "2022-01-03"),  // New Year's Day observed in the old year
        ("2026-11-23", 0, "2026-11-23"),
    ];
    for (from, count, expected) in table {
        assert_eq!(add_business_days(day(from), count), day(expected), "{from} + {count}");
    }
}

#[test]
fn legal_holidays_of_louisiana() {
    let louisiana = State::parse("LA").unwrap();
    let found = days(2026, |day| is_legal_holiday(louisiana, day));
    let expected = "01-01 01-08 01-19 02-16 02-17 04-03 05-25 06-19 07-03 07-04 08-30 09-07 10-12 11-01 11-03 11-11 \
                    11-26 12-25";
    assert_eq!(found.join(" "), expected);
    assert!(is_legal_holiday(louisiana, day("2027-02-09")), "Mardi Gras");
    assert!(!is_legal_holiday(louisiana, day("2027-11-02")), "no general election in odd years");
}

#[test]
fn elsewhere_a_moved_holiday_counts_on_both_days() {
    let florida = State::parse("FL").unwrap();
    assert!(is_legal_holiday(florida, day("2026-07-03")) && is_legal_holiday(florida, day("2026-07-04")));
    assert!(!is_legal_holiday(florida, day("2026-04-03")));
    let pennsylvania = State::parse("PA").unwrap();
    assert!(is_legal_holiday(pennsylvania, day("2026-04-03")) && is_legal_holiday(pennsylvania, day("2027-11-02")));
}

#[test]
fn bank_holidays_of_england_as_published() {
    let table: &[(i32, &str)] = &[
        (2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
        (2023, "01-02 04-07 04-10 05-01 05-29 08-28 12-25 12-26"), // without the coronation
        (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2028, "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26"),
    ];
    for (year, expected) in table {
        let found = days(*year, |day| !is_weekend(day) && !is_working_day(day, Some("GB")));
        assert_eq!(found.join(" "), *expected, "{year}");
    }
}

#[test]
fn working_days_by_country() {
    let table = [
        ("2022-12-26", None, false),
        ("2022-12-26", Some("DE"), false),
        ("2022-12-26", Some("fr"), true),
        ("2026-12-25", Some("FR"), false),
        ("2026-12-26", Some("FR"), false), // a Saturday
        ("2026-11-26", Some("US"), false),
        ("2026-11-26", None, true),
        ("2026-08-31", Some("UK"), false),
        ("2022-12-26", Some("ZZ"), false),
        ("2027-05-06", Some(" de-by "), false), // Ascension
        ("2027-05-06", Some("EU"), true),
    ];
    for (date, country, expected) in table {
        assert_eq!(is_working_day(day(date), country), expected, "{date} {country:?}");
    }
}

#[test]
fn easter_as_published() {
    for text in ["1961-04-02", "2000-04-23", "2008-03-23", "2024-03-31", "2025-04-20", "2026-04-05", "2038-04-25"] {
        assert_eq!(easter(day(text).year()), Some(day(text)));
    }
}

#[test]
fn orthodox_easter_as_published() {
    for text in ["1961-04-09", "2000-04-30", "2008-04-27", "2024-05-05", "2025-04-20", "2026-04-12", "2027-05-02"] {
        assert_eq!(orthodox_easter(day(text).year()), Some(day(text)));
    }
    assert_eq!(orthodox_easter(2100), Some(day("2100-05-02")), "fourteen days apart from March 2100 on");
}
