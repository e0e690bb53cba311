//! Rule 11: an address that came with payment data is never used for marketing (policy P31).

use consent_core::address::Identity;
use consent_core::event::kinds::AddressSource;
use consent_core::scope::Channel;

use super::{Objection, Verdict};
use crate::matter::Matter;
use crate::reason::Reason;
use crate::standing::Profile;

/// An address is known from billing alone if every profile that names it says so, and no consent names it.
pub(super) fn judge(matter: &Matter<'_>) -> Verdict {
    if !matter.is_marketing() {
        return Verdict::Silent;
    }
    if matter.contact().is_none() && matter.asked.channel != Channel::Postal {
        return Verdict::Silent;
    }
    let names = |profile: &&Profile| matter.contact().is_none_or(|to| profile.about.contains(to));
    let sources = || matter.profiles().filter(names);
    let billing = |profile: &&Profile| profile.address_source == Some(AddressSource::Billing);
    let given = |to: &Identity| matter.given().any(|grant| grant.flaw.is_none() && grant.named.contains(to));
    if sources().next().is_none() || !sources().all(|profile| billing(&profile)) || matter.contact().is_some_and(given)
    {
        return Verdict::Silent;
    }
    Objection::permanent(Reason::DataSourceProhibited, sources().map(|profile| profile.cited).collect()).into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::stories::{PHONE, grant, judge_all, profile, question, with};

    fn known_from(source: Option<&str>, more: &[Value]) -> Vec<Value> {
        let purposes = json!(["updates", "special_offers", "services", "support"]);
        let grant = with(&grant(), json!({"channels": ["sms", "email", "postal"], "purposes": purposes}));
        [&[with(&profile(), json!({"address_source": source})), grant], more].concat()
    }

    #[test]
    fn an_address_known_from_billing_alone_serves_no_marketing() {
        const PROHIBITED: &[&str] = &["DATA_SOURCE_PROHIBITED"];
        const WRITTEN: &[&str] = &["CONSENT_EXPRESS_WRITTEN"];
        let on = |channel: &str, purpose: &str| with(&question(), json!({"channel": channel, "purpose": purpose}));
        let billing = |more: &[Value]| known_from(Some("billing"), more);
        let profile = |changes: Value| with(&with(&profile(), json!({"at": "2026-11-01T00:00:00Z"})), changes);
        let registered = profile(json!({"address_source": "registration"}));
        let mail_only = profile(json!({"phone": null, "address_source": "call"}));
        let named = with(&grant(), json!({"phone": PHONE, "at": "2026-11-01T00:00:00Z"}));
        judge_all(vec![
            ("text", billing(&[]), question(), PROHIBITED),
            ("mail", billing(&[]), on("email", "updates"), PROHIBITED),
            ("letter", billing(&[]), on("postal", "updates"), PROHIBITED),
            ("service", billing(&[]), on("sms", "support"), WRITTEN),
            ("no source said", known_from(None, &[]), question(), WRITTEN),
            ("registered", known_from(Some("registration"), &[]), question(), WRITTEN),
            ("registered later", billing(&[registered]), question(), WRITTEN),
            ("another address registered later", billing(&[mail_only]), question(), PROHIBITED),
            ("named in a consent", billing(&[named]), question(), WRITTEN),
        ]);
    }
}
