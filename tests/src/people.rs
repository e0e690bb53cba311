//! What people say, as events and questions.

use serde_json::{Value, json};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Phone number.
    pub phone: String,
    /// E-mail address.
    pub email: String,
    /// Id.
    pub subject: String,
}

/// Person number `n`, of up to 8 million.
pub fn person(n: u32) -> Person {
    let phone = format!("+1202{}{:04}", 200 + n / 10_000, n % 10_000);
    Person { phone, email: format!("person{n}@example.com"), subject: format!("crm:{n}") }
}

/// Every purpose a consent may name in these tests.
const PURPOSES: &[&str] = &["updates", "special_offers", "services", "transactional", "support"];

impl Person {
    /// A written consent to texts, with all its evidence.
    pub fn grant(&self) -> Value {
        self.grant_of(&["sms", "mms"])
    }

    /// A written consent to some channels, with all its evidence.
    pub fn grant_of(&self, channels: &[&str]) -> Value {
        json!({
            "type": "consent_granted", "at": "2026-01-10T15:00:00Z", "subject": self.subject, "phone": self.phone,
            "email": self.email, "channels": channels, "purposes": PURPOSES, "level": "express_written",
            "method": "web_form_unticked_box_ticked", "policy_version": "2024-03-20", "affirmative_action": true,
            "condition_of_purchase": false, "evidence_ref": "form-7",
        })
    }

    /// A text, as an application may record it.
    pub fn text(&self, body: &str) -> Value {
        json!({"type": "inbound_sms", "from": self.phone, "body": body})
    }

    /// May the number get a service text? Quiet hours and caps have no say in those.
    pub fn question(&self) -> Value {
        self.question_for("transactional")
    }

    /// May the number get a text for this purpose?
    pub fn question_for(&self, purpose: &str) -> Value {
        json!({"phone": self.phone, "channel": "sms", "purpose": purpose})
    }

    /// Whose history?
    pub fn history(&self) -> Value {
        json!({"phone": self.phone})
    }
}
