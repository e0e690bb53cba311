use chrono::Datelike;

use super::*;

/// Weekdays on which a country does not work.
fn off(region: &str, year: i32) -> String {
    let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
    let all = first.iter_days().take_while(|day| day.year() == year);
    let off = all.filter(|day| !is_weekend(*day) && !is_working_day(*day, Some(region)));
    off.map(|day| day.format("%m-%d").to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn weekdays_off_as_published() {
    let table = [
        ("FR", 2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 11-11 12-25"),
        ("DE", 2027, "01-01 03-26 03-29 05-06 05-17"),
        ("AT", 2026, "01-01 01-06 04-06 05-01 05-14 05-25 06-04 10-26 12-08 12-25"),
        ("GR", 2026, "01-01 01-06 02-23 03-25 04-10 04-13 05-01 06-01 10-28 12-25"),
        ("IS", 2026, "01-01 04-02 04-03 04-06 04-23 05-01 05-14 05-25 06-17 08-03 12-25"),
        ("IE", 2026, "01-01 02-02 03-17 04-06 05-04 06-01 08-03 10-26 12-25"),
        ("SE", 2026, "01-01 01-06 04-03 04-06 05-01 05-14 12-25"),
        ("CH", 2025, "01-01 05-29 08-01 12-25"),
        // By year: days that came and went.
        ("DK", 2023, "04-06 04-07 04-10 05-05 05-18 05-29 12-25 12-26"),
        ("DK", 2024, "01-01 03-28 03-29 04-01 05-09 05-20 12-25 12-26"),
        ("PL", 2024, "01-01 04-01 05-01 05-03 05-30 08-15 11-01 11-11 12-25 12-26"),
        ("PL", 2025, "01-01 01-06 04-21 05-01 06-19 08-15 11-11 12-24 12-25 12-26"),
        ("IT", 2027, "01-01 01-06 03-29 06-02 10-04 11-01 12-08"),
        ("SK", 2026, "01-01 01-06 04-03 04-06 05-01 12-24 12-25"),
        // Moved: 24 May and 6 September of 2026 are Sundays, 26 December a Saturday; in 2027, all of Christmas.
        ("BG", 2026, "01-01 03-03 04-10 04-13 05-01 05-06 05-25 09-07 09-22 12-24 12-25 12-28"),
        ("BG", 2027, "01-01 03-03 04-30 05-03 05-04 05-06 05-24 09-06 09-22 12-24 12-27 12-28"),
        ("LV", 2028, "04-14 04-17 05-01 05-04 06-23 11-20 12-25 12-26"),
        // As on gov.uk.
        ("GB-SCT", 2022, "01-03 01-04 04-15 05-02 05-30 08-01 11-30 12-26 12-27"), // not the jubilee
        ("GB-SCT", 2023, "01-02 01-03 04-07 05-01 05-29 08-07 11-30 12-25 12-26"),
        ("GB-NIR", 2026, "01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28"),
    ];
    for (region, year, expected) in table {
        assert_eq!(off(region, year), expected, "{region} {year}");
    }
}

#[test]
fn saint_brigids_day_is_the_first_of_february_on_a_friday() {
    let days =
        [(2022, None), (2023, Some("02-06")), (2027, Some("02-01")), (2029, Some("02-05")), (2030, Some("02-01"))];
    for (year, expected) in days {
        assert_eq!(off("IE", year).split(' ').find(|day| day.starts_with("02")), expected, "{year}");
    }
}

#[test]
fn every_country_of_the_union_has_a_table() {
    let countries = "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK";
    for country in countries.split(' ') {
        let kept = holidays(country).unwrap_or_else(|| panic!("{country}"));
        assert!(kept.len() >= 4, "{country}");
        for year in 2024..2040 {
            let days = off(country, year);
            assert!(days.split(' ').count() >= 2 && days.split(' ').count() <= 16, "{country} {year}: {days}");
        }
    }
}
