use serde_json::{Value, json};

use super::*;

#[test]
fn deadlines_by_kind() {
    let table: &[(&str, &str, Option<&str>, Value)] = &[
        ("tcpa_revocation_honor_by", "2026-11-23T18:00:00Z", None, json!({"due_on": "2026-12-08"})),
        ("tcpa_revocation_honor_by", "2026-12-18T23:59:59Z", None, json!({"due_on": "2027-01-05"})),
        ("gdpr_art12_3", "2026-11-24T10:00:00Z", None, json!({"due_on": "2026-12-24"})),
        // Shorter months; the last of the month on a Saturday or Sunday; a leap year.
        ("gdpr_art12_3", "2026-01-31T10:00:00Z", None, json!({"due_on": "2026-03-02"})),
        ("gdpr_art12_3", "2027-01-31T10:00:00Z", None, json!({"due_on": "2027-03-01"})),
        ("gdpr_art12_3", "2028-01-31T10:00:00Z", None, json!({"due_on": "2028-02-29"})),
        // Christmas on a Friday.
        ("gdpr_art12_3", "2026-11-25T10:00:00Z", None, json!({"due_on": "2026-12-28"})),
        ("gdpr_art12_3", "2026-11-25T10:00:00Z", Some("FR"), json!({"due_on": "2026-12-28"})),
        ("gdpr_art12_3", "2026-11-25T10:00:00Z", Some("GB"), json!({"due_on": "2026-12-29"})),
        ("gdpr_art12_3", "2026-10-26T10:00:00Z", Some("US-NY"), json!({"due_on": "2026-11-27"})),
        ("gdpr_art12_3", "2026-12-01T10:00:00Z", Some("EU"), json!({"due_on": "2027-01-04"})),
        ("gdpr_art12_3_extended", "2026-11-24T10:00:00Z", None, json!({"due_on": "2027-02-24"})),
        ("gdpr_art12_3_extended", "2026-11-30T10:00:00Z", None, json!({"due_on": "2027-03-01"})),
        ("unsubscribe_mechanism_alive_until", "2026-12-02T17:00:00Z", None, json!({"not_before": "2027-01-01"})),
        ("casl_mechanism_alive_until", "2026-12-02T17:00:00Z", None, json!({"not_before": "2027-01-31"})),
        ("optout_confirmation_until", "2026-12-02T16:58:00Z", None, json!({"due_at": "2026-12-02T17:03:00Z"})),
        ("dnc_record_keep_until", "2026-12-02T17:00:00Z", None, json!({"not_before": "2031-12-02"})),
        ("dnc_record_keep_until", "2026-12-02T17:00:00Z", Some("VA"), json!({"not_before": "2036-12-02"})),
        ("dnc_record_keep_until", "2026-12-02T17:00:00Z", Some("us-va"), json!({"not_before": "2036-12-02"})),
        ("dnc_record_keep_until", "2028-02-29T17:00:00Z", Some("FL"), json!({"not_before": "2033-02-28"})),
    ];
    for (word, start, region, expected) in table {
        let kind: Kind = serde_json::from_value(json!(word)).unwrap();
        assert_eq!(serde_json::to_value(kind).unwrap(), json!(word));
        let due = kind.due(start.parse().unwrap(), *region).unwrap();
        assert_eq!(serde_json::to_value(due).unwrap(), *expected, "{word} {start} {region:?}");
    }
}

#[test]
fn answers_fall_due_on_working_days_of_the_country() {
    let table = [
        ("FR", "2026-06-14", "2026-07-15"), // the fourteenth of July
        ("FR", "2027-10-01", "2027-11-02"), // All Saints' Day
        ("DE", "2027-02-26", "2027-03-30"), // Good Friday, a weekend, Easter Monday
        ("DE", "2027-04-06", "2027-05-07"), // Ascension
        ("IE", "2027-02-17", "2027-03-18"), // Saint Patrick's Day
        ("IE", "2026-03-06", "2026-04-07"), // Easter Monday
        ("IE", "2026-03-03", "2026-04-03"), // Good Friday is a day of work in Ireland
        ("ES", "2026-12-06", "2027-01-07"), // Epiphany
        ("PL", "2027-04-03", "2027-05-04"), // 3 May
        ("DK", "2024-03-26", "2024-04-26"), // Store Bededag is no more
        ("GR", "2027-04-03", "2027-05-04"), // Monday of the Orthodox Easter
        ("EL", "2027-04-03", "2027-05-04"),
        ("BG", "2027-04-01", "2027-05-05"), // 1 May on a Saturday, after which Easter Monday and a day in its place
        ("GB-SCT", "2026-12-02", "2027-01-05"), // 2 January on a Saturday
        ("GB-SCT", "2026-03-06", "2026-04-06"), // no Easter Monday
        ("GB-WLS", "2026-03-06", "2026-04-07"),
        ("GB-NIR", "2026-06-12", "2026-07-14"), // the twelfth of July on a Sunday
        ("de-by", "2026-12-06", "2027-01-06"),  // Epiphany of Bavaria is not nationwide
        ("ZZ", "2027-04-06", "2027-05-06"),
    ];
    let due = |kind: Kind, received: &str, region| {
        let due = kind.due(format!("{received}T10:00:00Z").parse().unwrap(), Some(region));
        serde_json::to_value(due.unwrap()).unwrap()
    };
    for (region, received, expected) in table {
        assert_eq!(due(Kind::GdprArt12_3, received, region), json!({"due_on": expected}), "{region} {received}");
    }
    assert_eq!(due(Kind::GdprArt12_3Extended, "2026-12-29", "DE"), json!({"due_on": "2027-03-30"}));
}

#[test]
fn mechanisms_count_from_sending() {
    assert_eq!(Kind::CaslMechanismAliveUntil.start(), Start::SentAt);
    assert_eq!(Kind::UnsubscribeMechanismAliveUntil.start(), Start::SentAt);
    assert_eq!(Kind::DncRecordKeepUntil.start(), Start::ReceivedAt);
}

#[test]
fn a_calendar_that_ends_gives_no_deadline() {
    assert_eq!(Kind::DncRecordKeepUntil.due(DateTime::<Utc>::MAX_UTC, None), None);
    assert_eq!(Kind::OptoutConfirmationUntil.due(DateTime::<Utc>::MAX_UTC, None), None);
}
