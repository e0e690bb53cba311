//! What a caller is told, and what is kept from them.

use super::*;

#[test]
fn a_problem_says_what_why_and_where_and_keeps_its_cause_to_itself() {
    let problem = Problem::fields(vec![Fault::new("/channels/0", "must be a known channel")]).because("secret");
    let json = serde_json::to_value(problem.of_request("r1").body()).unwrap();
    assert_eq!(json["type"], "urn:consent:problem:malformed");
    assert_eq!(json["status"], 400);
    assert_eq!(json["errors"][0]["pointer"], "/channels/0");
    assert_eq!(json["request_id"], "r1");
    assert!(!json.to_string().contains("secret"));
}

#[test]
fn statuses_tell_callers_whether_to_try_again() {
    assert_eq!(Problem::from(StoreError::Unavailable).status_code(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(Problem::from(AppendError::Busy).status_code(), StatusCode::SERVICE_UNAVAILABLE);
    let damaged = StoreError::Corrupt { seq: 1, what: "leaf" };
    assert_eq!(Problem::from(damaged).status_code(), StatusCode::INTERNAL_SERVER_ERROR);
    for kind in [Kind::Unavailable, Kind::TooMany] {
        assert!(Problem::new(kind, "").error_response().headers().contains_key(RETRY_AFTER));
    }
}

#[test]
fn a_key_with_too_much_under_way_is_told_how_much_it_may_have_and_when_to_look_again() {
    let limit = limits::LONG_WORK_A_KEY.to_string();
    let (many, later) = (Problem::new(Kind::TooMany, ""), Problem::new(Kind::Unavailable, ""));
    for (name, value) in [("RateLimit-Limit", limit.as_str()), ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "2")] {
        let said = |problem: &Problem| problem.error_response().headers().get(name).cloned();
        assert_eq!((said(&many), said(&later)), (HeaderValue::from_str(value).ok(), None), "{name}");
    }
}
