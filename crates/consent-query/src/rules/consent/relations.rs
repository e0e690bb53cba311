//! What takes the place of an express consent where the law says so, and what does not.

use serde_json::{Value, json};

use crate::rules::Rules;
use crate::stories::{PHONE, ask, ask_by, grant, judge_all, profile, question, recorded, with};

const NONE: &[&str] = &["NO_CONSENT"];
const OVER: &[&str] = &["CONSENT_EXPIRED"];
const IMPLIED: &[&str] = &["CONSENT_IMPLIED"];

/// What happened to person A, living in this country with a number of that country.
fn living_in(country: &str, events: &[Value]) -> Vec<Value> {
    let phone = if country == "CA" { "+14165550123" } else { "+447700900123" };
    [&[with(&profile(), json!({"country": country, "phone": phone}))], events].concat()
}

fn by_mail(changes: Value) -> Value {
    with(&with(&question(), json!({"channel": "email"})), changes)
}

fn event(kind: &str, day: &str) -> Value {
    json!({"type": kind, "at": format!("{day}T23:00:00Z")})
}

#[test]
fn of_a_relationship_that_ended_it_is_said_that_it_is_over() {
    let did = |kind: &str, day: &str| living_in("CA", &[event(kind, day)]);
    judge_all(vec![
        ("nothing", living_in("CA", &[]), by_mail(json!({})), NONE),
        ("bought two years ago", did("purchase", "2024-12-02"), by_mail(json!({})), IMPLIED),
        ("bought two years and a day ago", did("purchase", "2024-12-01"), by_mail(json!({})), OVER),
        ("asked six months ago", did("inquiry", "2026-06-02"), by_mail(json!({})), IMPLIED),
        ("asked six months and a day ago", did("inquiry", "2026-06-01"), by_mail(json!({})), OVER),
    ]);
    let several = [event("inquiry", "2026-05-30"), event("purchase", "2024-12-01"), event("inquiry", "2026-05-31")];
    let decision = ask(&living_in("CA", &several), &by_mail(json!({})));
    assert_eq!(decision.relied_on.iter().map(|cited| cited.seq).collect::<Vec<_>>(), [2], "the last one to end");
}

#[test]
fn an_implied_consent_lasts_as_long_as_a_purchase_if_it_is_flawless_and_complete() {
    let agreed = |changes: Value| {
        let implied = json!({"channels": ["email"], "level": "implied", "at": "2024-12-02T23:00:00Z"});
        living_in("CA", &[with(&with(&grant(), implied), changes)])
    };
    let step = event("consent_confirmed", "2024-12-03");
    let twice = json!({"double_opt_in": true});
    let ask_by_mail = || by_mail(json!({}));
    judge_all(vec![
        ("two years ago", agreed(json!({})), ask_by_mail(), IMPLIED),
        ("two years and a day ago", agreed(json!({"at": "2024-12-01T23:00:00Z"})), ask_by_mail(), OVER),
        ("ended by its own terms", agreed(json!({"expires_at": "2026-12-02T17:00:00Z"})), ask_by_mail(), OVER),
        ("unproven", agreed(json!({"policy_version": null})), ask_by_mail(), &["CONSENT_UNPROVEN"]),
        ("to texts", agreed(json!({"channels": ["sms"]})), ask_by_mail(), &["CONSENT_CHANNEL_NOT_COVERED"]),
        ("to other news", agreed(json!({"purposes": ["updates"]})), ask_by_mail(), &["CONSENT_PURPOSE_NOT_COVERED"]),
        ("to be confirmed", agreed(twice.clone()), ask_by_mail(), &["CONSENT_INSUFFICIENT"]),
        ("confirmed", [agreed(twice.clone()), vec![step]].concat(), ask_by_mail(), IMPLIED),
        (
            "express and to be confirmed",
            agreed(with(&twice, json!({"level": "express"}))),
            ask_by_mail(),
            &["CONSENT_UNCONFIRMED"],
        ),
    ]);
}

#[test]
fn who_bought_may_be_told_of_similar_products_at_the_address_given_then() {
    const SOFT: &[&str] = &["SOFT_OPT_IN"];
    let bought = |changes: Value| {
        let sale = json!({"product_line": "pos", "opt_out_offered_at_collection": true});
        living_in("GB", &[with(&with(&event("purchase", "2026-06-01"), sale), changes)])
    };
    let of = |line: Option<&str>| by_mail(json!({"product_line": line, "opt_out_in_message": true}));
    let elsewhere = json!({"email": "lee@example.com"});
    judge_all(vec![
        ("similar", bought(json!({})), of(Some("pos")), SOFT),
        ("similar, written otherwise", bought(json!({"product_line": "Pos "})), of(Some(" POS")), SOFT),
        ("not similar", bought(json!({})), of(Some("web")), NONE),
        ("nobody said what is advertised", bought(json!({})), of(None), NONE),
        ("nobody said what was bought", bought(json!({"product_line": null})), of(Some("pos")), NONE),
        ("no refusal offered", bought(json!({"opt_out_offered_at_collection": null})), of(Some("pos")), NONE),
        ("no refusal in the message", bought(json!({})), by_mail(json!({"product_line": "pos"})), NONE),
        ("at another address", bought(elsewhere), of(Some("pos")), NONE),
        ("by somebody else", bought(json!({"subject": "B", "email": "pat@example.com"})), of(Some("pos")), NONE),
    ]);
}

#[test]
fn nothing_takes_the_place_of_an_address() {
    let unreachable = || vec![with(&profile(), json!({"phone": null}))];
    let call = |changes: Value| {
        with(&question(), with(&json!({"channel": "voice", "automated": false, "purpose": "support"}), changes))
    };
    judge_all(vec![
        ("a number", unreachable(), call(json!({"phone": PHONE})), &["LEGITIMATE_INTEREST"]),
        ("none", unreachable(), call(json!({})), NONE),
    ]);
}

/// Where an answer asks for no more than an express consent, the one that lifted the refusal would do for it.
#[test]
fn where_an_answer_has_to_be_agreed_to_in_writing_only_a_question_after_the_last_refusal_is_answered() {
    let row = "id = \"us-text-service\"";
    let (before, after) = Rules::TEXT.split_once(row).unwrap();
    let written = after.replacen("requires = \"express\"", "requires = \"express_written\"", 1);
    let rules = Rules::parse(&format!("{before}{row}{written}")).unwrap();
    let text = |body: &str, at: &str| json!({"type": "inbound_sms", "from": PHONE, "body": body, "at": format!("2026-12-02T{at}Z")});
    let agreed = json!({"purposes": ["inquiry_reply"], "level": "express", "at": "2026-12-02T16:30:00Z"});
    let answer = with(&question(), json!({"purpose": "inquiry_reply"}));
    for (name, at, reason) in [
        ("before", "15:59:59", "CONSENT_INSUFFICIENT"),
        ("at the same instant", "16:00:00", "CONSENT_INSUFFICIENT"),
        ("after", "16:00:01", "REPLY_TO_CONSUMER_REQUEST"),
    ] {
        let wrote = text("What does the small one cost?", at);
        let events = [profile(), wrote, text("STOP", "16:00:00"), with(&grant(), agreed.clone())];
        assert_eq!(ask_by(&rules, &recorded(&events), &answer).reason.as_str(), reason, "{name}");
    }
}
