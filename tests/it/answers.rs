//! What the service says by itself: answers to texts, and opt-outs that gateways should know of.

use std::fs;

use consent_tests::app::{TestApp, runtime};
use consent_tests::carrier::Carrier;
use consent_tests::database::Kind;
use consent_tests::mock::{MockGateway, Say};
use consent_tests::people::person;
use consent_tests::place::{PUBLIC_URL, Place, Setup};
use serde_json::{Value, json};

const OUT: &str = "INFI: you are unsubscribed and will receive no more messages.";
const IN: &str =
    "INFI: you are subscribed. Msg frequency varies. Msg & data rates may apply. HELP for help, STOP to end.";
const HELP: &str =
    "INFI: help at https://infi.example. Msg frequency varies. Msg & data rates may apply. Reply STOP to end.";

/// Two accounts at gateways that do not answer by themselves: one texts the answers, and both have block lists.
fn setup(gateway: &MockGateway) -> Setup {
    let account = |name: &str| {
        format!(
            r#"
            [[gateway]]
            account = "{name}"
            kind = "twilio"
            secrets = ["plain:{TOKEN}"]
            push_opt_outs = true
            settings = {{ account_sid = "AC1", messaging_service_sid = "MG1", api_url = "{url}", consents_url = "{url}" }}
            credentials = {{ auth_token = "plain:{TOKEN}" }}"#,
            url = gateway.url
        )
    };
    let replies =
        format!("[replies]\nprogram = \"INFI\"\nopted_out = \"{OUT}\"\nopted_in = \"{IN}\"\nhelp = \"{HELP}\"");
    Setup { more: format!("{}{}\n{replies}", account("speaking"), account("listening")), ..Setup::default() }
}

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn carrier() -> Carrier {
    Carrier::new("speaking", TOKEN, PUBLIC_URL)
}

fn on_both(script: &[Say], story: &impl AsyncFn(&mut TestApp, &MockGateway)) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        runtime().block_on(async {
            let gateway = MockGateway::start(script).await;
            let place = Place::create(kind).await;
            let mut app = TestApp::start(place, setup(&gateway)).await;
            story(&mut app, &gateway).await;
            app.end().await;
        });
    }
}

/// The texts among the calls: to whom, and what.
fn texts(gateway: &MockGateway) -> Vec<String> {
    let texts = gateway.calls().into_iter().filter(|call| call.line.ends_with("/Messages.json"));
    texts.map(|call| call.body).collect()
}

async fn sent(app: &TestApp) -> Vec<Value> {
    let export = app.export().await;
    export.of_type("message_sent").into_iter().cloned().collect()
}

const DONE: Say = Say::Answer(201, r#"{"sid":"SM1"}"#);

#[test]
fn a_stop_is_confirmed_once_and_told_to_the_other_account() {
    on_both(&[DONE], &async |app, gateway| {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        app.receive(&carrier().text(&pat.phone, "Stop")).await;
        gateway.after(3).await;
        app.receive(&carrier().text(&pat.phone, "STOP!!")).await;
        gateway.after_a_while().await;
        let said = texts(gateway);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains("unsubscribed") && said[0].contains(&pat.phone[1..]), "{said:?}");
        let sent = sent(app).await;
        assert_eq!(sent.len(), 1);
        assert_eq!(
            (&sent[0]["purpose"], &sent[0]["provider_message_id"]),
            (&json!("optout_confirmation"), &json!("SM1"))
        );
        assert_eq!(app.decide(&pat.question_for("optout_confirmation")).await, "deny OPTOUT_CONFIRMATION_USED");
        let told = gateway.calls().into_iter().filter(|call| call.line == "POST /v1/Consents/Bulk").count();
        assert_eq!(told, 4, "each account of each STOP");
    });
}

#[test]
fn help_is_answered_even_to_a_stranger_and_a_start_only_if_it_worked() {
    on_both(&[DONE], &async |app, gateway| {
        let (pat, stranger, carrier) = (person(1), person(2), carrier());
        app.record(&pat.grant()).await.expect(201);
        app.receive(&carrier.text(&stranger.phone, "HELP")).await;
        gateway.after(1).await;
        assert!(texts(gateway)[0].contains("infi.example"));
        app.receive(&carrier.text(&stranger.phone, "START")).await;
        app.receive(&carrier.text(&stranger.phone, "What is this?")).await;
        gateway.after_a_while().await;
        assert_eq!(texts(gateway).len(), 1, "{:?}", texts(gateway));
        app.receive(&carrier.text(&pat.phone, "STOP")).await;
        gateway.after(4).await;
        app.receive(&carrier.text(&pat.phone, "START")).await;
        gateway.after(5).await;
        assert!(texts(gateway)[2].contains("you%20are%20subscribed"), "{:?}", texts(gateway));
        let purposes: Vec<Value> = sent(app).await.into_iter().map(|sent| sent["purpose"].clone()).collect();
        assert_eq!(purposes, ["help_response", "optout_confirmation", "inquiry_reply"]);
    });
}

#[test]
fn a_gateway_that_is_busy_is_asked_again_and_one_that_may_have_sent_it_is_not() {
    let busy = [Say::Answer(503, ""), DONE];
    for (script, calls, how) in [
        (&busy[..], 2, "sent"),
        (&[Say::HangUp][..], 1, "unknown"),
        (&[Say::Answer(400, r#"{"code":21610}"#)][..], 1, "refused"),
    ] {
        on_both(script, &async |app, gateway| {
            let pat = person(1);
            app.receive(&app.carrier().text(&pat.phone, "hello")).await;
            app.receive(&carrier().text(&pat.phone, "HELP")).await;
            gateway.after(calls).await;
            gateway.after_a_while().await;
            assert_eq!(texts(gateway).len(), calls, "{how}");
            assert_eq!(sent(app).await.len(), usize::from(how != "refused"), "{how}");
        });
    }
}

/// What was said while no gateway was configured, or to one that confirms by itself, is not answered later.
#[test]
fn an_account_whose_gateway_confirms_gets_no_second_confirmation() {
    let silent = |gateway: &MockGateway| {
        let setup = setup(gateway);
        Setup { more: setup.more.replace("push_opt_outs = true", "provider_confirms = true"), ..setup }
    };
    runtime().block_on(async {
        let gateway = MockGateway::start(&[DONE]).await;
        let place = Place::create(Kind::Sqlite).await;
        let mut app = TestApp::start(place, silent(&gateway)).await;
        app.receive(&carrier().text(&person(1).phone, "STOP")).await;
        assert_eq!(gateway.after_a_while().await, []);
        app.setup = setup(&gateway);
        app.restart().await;
        assert_eq!(gateway.after_a_while().await, []);
        app.end().await;
    });
}

/// A ledger that may lack what was acknowledged cannot say that nothing is to be sent.
#[test]
fn what_cannot_be_decided_now_is_said_once_it_can_be() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        runtime().block_on(async {
            let gateway = MockGateway::start(&[DONE]).await;
            let place = Place::create(kind).await;
            let anchor = place.path().join("checkpoint");
            fs::write(&anchor, "of no ledger that we know").unwrap();
            let mut app = TestApp::start(place, setup(&gateway)).await;
            let pat = person(1);
            app.record(&pat.grant()).await.expect(201);
            app.receive(&carrier().text(&pat.phone, "STOP")).await;
            assert_eq!(app.decide(&pat.question()).await, "deny LEDGER_UNAVAILABLE");
            assert_eq!(gateway.after_a_while().await, []);
            fs::remove_file(&anchor).unwrap();
            app.restart().await;
            gateway.after(3).await;
            let said = texts(&gateway);
            assert!(said.len() == 1 && said[0].contains("unsubscribed"), "{said:?}");
            app.end().await;
        });
    }
}
