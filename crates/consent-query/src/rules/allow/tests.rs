use serde_json::{Value, json};

use crate::stories::{ask, grant, profile, question, with};

#[test]
fn of_several_consents_the_most_explicit_is_relied_on_then_the_longest_then_the_latest() {
    let bill = with(&question(), json!({"purpose": "billing"}));
    let give = |changes: Value| with(&with(&grant(), json!({"purposes": ["billing"]})), changes);
    let ending = json!({"expires_at": "2027-01-01T00:00:00Z"});
    let later = json!({"at": "2026-11-01T00:00:00Z"});
    for (name, one, other, relied_on) in [
        ("explicit", give(json!({})), give(json!({"level": "express", "at": "2026-11-01T00:00:00Z"})), 1),
        ("long", give(json!({})), give(with(&later, ending)), 1),
        ("late", give(json!({})), give(later), 2),
        ("sufficing", give(json!({"double_opt_in": true})), give(json!({"level": "express"})), 2),
    ] {
        let decision = ask(&[profile(), one, other], &bill);
        assert_eq!(decision.relied_on[0].seq, relied_on, "{name}");
    }
}
