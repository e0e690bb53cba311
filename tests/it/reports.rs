//! What carriers report about our messages, and what it says about opt-outs.

use std::time::{Duration, Instant};

use consent_tests::app::{PATIENCE, TestApp};
use consent_tests::people::{Person, person};
use consent_tests::stories;
use serde_json::{Value, json};

async fn agreed(app: &TestApp, n: u32) -> Person {
    let pat = person(n);
    app.record(&pat.grant()).await.expect(201);
    pat
}

/// The alarms about lost opt-outs, once there are as many as expected, or it is certain that there are not.
async fn alarms(app: &TestApp, expected: usize) -> Vec<Value> {
    let end = Instant::now() + if expected == 0 { Duration::from_secs(1) } else { PATIENCE };
    loop {
        let alarms: Vec<Value> = app.export().await.of_type("optout_missed").into_iter().cloned().collect();
        if Instant::now() > end || (expected > 0 && alarms.len() == expected) {
            return alarms;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

stories! {
    async fn an_opt_out_that_the_carrier_knows_and_we_do_not_raises_the_alarm_once(app) {
        let pat = agreed(app, 1).await;
        let refused = app.carrier().report(&pat.phone, "failed", "21610");
        app.receive(&refused).await;
        let found = alarms(app, 1).await;
        assert_eq!(found.len(), 1);
        let export = app.export().await;
        let report = export.of_type("delivery_reported")[0];
        assert_eq!((&found[0]["report"], &found[0]["phone"]), (&report["event_id"], &json!(pat.phone)));
        assert_eq!(found[0]["gateway"], "twilio-main");
        assert_eq!(found[0]["allowed"], json!(["updates", "special_offers", "services"]));
        app.receive(&refused).await;
        app.receive(&app.carrier().report(&pat.phone, "failed", "21610")).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(alarms(app, 1).await.len(), 1, "one opt-out is lost once");
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
    }

    async fn an_opt_out_that_we_know_or_a_person_who_never_agreed_raises_none(app) {
        let (pat, kim) = (agreed(app, 1).await, person(2));
        app.receive(&app.carrier().text(&pat.phone, "STOP")).await;
        app.receive(&app.carrier().report(&pat.phone, "failed", "21610")).await;
        app.receive(&app.carrier().report(&kim.phone, "failed", "21610")).await;
        app.receive(&app.carrier().report(&agreed(app, 3).await.phone, "delivered", "")).await;
        assert_eq!(alarms(app, 0).await, Vec::<Value>::new());
    }

    async fn a_number_out_of_service_ends_consent_and_a_block_of_unknown_cause_changes_nothing(app) {
        for (n, code, outcome, decided) in [
            (1, "30005", "deactivated", "deny NUMBER_REASSIGNED"),
            (2, "30007", "blocked_unknown", "allow CONSENT_EXPRESS_WRITTEN"),
            (3, "30006", "landline_or_invalid", "deny ADDRESS_UNDELIVERABLE"),
            (4, "30003", "temporary", "allow CONSENT_EXPRESS_WRITTEN"),
        ] {
            let pat = agreed(app, n).await;
            app.receive(&app.carrier().report(&pat.phone, "undelivered", code)).await;
            assert_eq!(app.history(&pat.history()).await[0]["outcome"], outcome, "{code}");
            assert_eq!(app.decide(&pat.question()).await, decided, "{outcome}");
        }
        assert_eq!(alarms(app, 0).await, Vec::<Value>::new());
    }
}
