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
