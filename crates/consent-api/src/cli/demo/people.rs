//! The sample people. Their numbers are reserved for fiction.

use serde_json::{Value, json};

/// The one who will text STOP.
pub(super) const ANA: &str = "+12025550123";
/// What the demo asks about. A service message is allowed at any hour, an offer would not be.
pub(super) const PURPOSE: &str = "transactional";
/// Name, number or address, and what there is to know; for the tale.
pub(super) const CAST: &[(&str, &str, &str)] = &[
    ("Ana", ANA, "Florida; agreed in writing to texts of every kind"),
    ("Ben", "+12025550145", "Texas; bought something once, agreed to nothing"),
    ("Eva", "eva@example.com", "Germany; agreed to e-mail offers"),
    ("Luc", "+15145550167", "Quebec; agreed to texts with updates"),
];

/// What is recorded about them.
pub(super) fn events() -> Vec<Value> {
    let consent = |subject: &str, address: (&str, &str), channel: &str, purposes: &[&str], level: &str| {
        json!({
            "type": "consent_granted", "subject": subject, address.0: address.1, "channels": [channel],
            "purposes": purposes, "level": level, "method": "web_form_unticked_box_ticked",
            "policy_version": "2024-03-20", "affirmative_action": true, "condition_of_purchase": false,
            "seller": "INFI USA, Inc.", "signature": {"kind": "checkbox"},
            "disclosure_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "evidence_ref": format!("web-form/{subject}"), "idempotency_key": format!("demo consent {subject}"),
        })
    };
    let profile = |subject: &str, address: (&str, &str), country: &str, region: &str| {
        json!({
            "type": "profile_recorded", "subject": subject, address.0: address.1, "country": country,
            "region": region, "address_source": "registration", "idempotency_key": format!("demo profile {subject}"),
        })
    };
    let all = ["updates", "special_offers", "services", PURPOSE];
    vec![
        profile("demo:ana", ("phone", ANA), "US", "FL"),
        consent("demo:ana", ("phone", ANA), "sms", &all, "express_written"),
        profile("demo:ben", ("phone", "+12025550145"), "US", "TX"),
        json!({
            "type": "purchase", "subject": "demo:ben", "phone": "+12025550145", "product_line": "plans",
            "idempotency_key": "demo purchase demo:ben",
        }),
        profile("demo:eva", ("email", "eva@example.com"), "DE", "BE"),
        consent("demo:eva", ("email", "eva@example.com"), "email", &["special_offers"], "express"),
        profile("demo:luc", ("phone", "+15145550167"), "CA", "QC"),
        consent("demo:luc", ("phone", "+15145550167"), "sms", &["updates"], "express"),
    ]
}

#[cfg(test)]
mod tests {
    use consent_core::event::Event;

    use super::*;

    #[test]
    fn everybody_is_introduced_by_events_that_can_be_read() {
        let events: Vec<_> = events().into_iter().map(|event| Event::from_json(event).unwrap()).collect();
        for (name, address, _) in CAST {
            let about = |event: &Event| event.identities().iter().any(|who| format!("{who:?}").contains(address));
            assert!(events.iter().any(about), "{name}");
        }
    }
}
