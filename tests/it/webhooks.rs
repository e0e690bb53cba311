//! What carriers post to us: forged, repeated, broken.

use consent_tests::app::TestApp;
use consent_tests::caller::{Ask, Caller};
use consent_tests::carrier::{Carrier, Delivery};
use consent_tests::people::{Person, person};
use consent_tests::stories;
use reqwest::Method;
use serde_json::json;

/// A person who agreed to texts.
async fn agreed(app: &TestApp, n: u32) -> Person {
    let pat = person(n);
    app.record(&pat.grant()).await.expect(201);
    pat
}

/// Ways to alter what the carrier signed.
fn forgeries(carrier: &Carrier, other: &Carrier, phone: &str) -> Vec<(&'static str, Delivery)> {
    let genuine = carrier.text(phone, "STOP");
    let by_other = other.text(phone, "STOP");
    let another = carrier.text(phone, "START");
    vec![
        ("unsigned", Delivery { signature: None, ..genuine.clone() }),
        ("an empty signature", Delivery { signature: Some(String::new()), ..genuine.clone() }),
        ("no base64", Delivery { signature: Some("?".repeat(28)), ..genuine.clone() }),
        ("the signature of another message", Delivery { signature: another.signature, ..genuine.clone() }),
        ("another text", Delivery { body: genuine.body.replace("STOP", "HELP"), ..genuine.clone() }),
        ("another sender", Delivery { body: genuine.body.replace("From=%2B1202", "From=%2B1203"), ..genuine.clone() }),
        ("a parameter more", Delivery { body: format!("{}&MediaUrl0=x", genuine.body), ..genuine.clone() }),
        (
            "a name run into its value",
            Delivery { body: genuine.body.replace("Body=STOP", "BodySTOP"), ..genuine.clone() },
        ),
        ("no body", Delivery { body: String::new(), ..genuine.clone() }),
        ("another query", Delivery { path: format!("{}?x=1", genuine.path), ..genuine.clone() }),
        ("another account's message", Delivery { path: genuine.path.clone(), ..by_other.clone() }),
        ("at another account's door", Delivery { path: by_other.path, ..genuine }),
    ]
}

stories! {
    async fn a_forged_unsigned_or_changed_webhook_is_refused_and_changes_nothing(app) {
        let pat = agreed(app, 1).await;
        let head = app.head().await;
        for (what, forged) in forgeries(app.carrier(), &app.place.other_carrier, &pat.phone) {
            let answer = app.caller.deliver(&forged).await;
            assert_eq!(answer.status, 401, "{what}");
            assert_eq!(answer.json()["type"], "urn:consent:problem:forged", "{what}");
        }
        let get = app.caller.without_key().get(&format!("{}?Body=STOP", app.carrier().path())).await;
        assert_eq!(get.status, 401);
        assert_eq!(app.head().await, head);
        assert_eq!(app.decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
    }

    async fn an_api_key_opens_no_webhook(app) {
        let unsigned = Delivery { signature: None, ..app.carrier().text(&person(1).phone, "START") };
        let ask = Ask { headers: unsigned.headers(), body: unsigned.body.into_bytes() };
        app.caller.send(Method::POST, &unsigned.path, ask).await.expect(401);
    }

    async fn an_account_that_is_not_configured_is_not_found(app) {
        let stranger = Carrier::new("nobody", "5ccb3a8b5e2c4a4c9f8b7e6d5c4b3a29", consent_tests::place::PUBLIC_URL);
        let head = app.head().await;
        app.caller.deliver(&stranger.text("+12025550123", "STOP")).await.expect(404);
        assert_eq!(app.head().await, head);
    }

    async fn a_replayed_webhook_changes_nothing_and_is_acknowledged_the_same_for_ever(app) {
        let pat = agreed(app, 1).await;
        let stop = app.carrier().text(&pat.phone, "STOP");
        let first = app.receive(&stop).await;
        let mut again = pat.grant();
        again["at"] = json!(consent_api::clock::now());
        app.record(&again).await.expect(201);
        let head = app.head().await;
        for restart in [false, false, true] {
            if restart {
                app.restart().await;
            }
            let answer = app.receive(&stop).await;
            assert_eq!((answer.status, &answer.body), (first.status, &first.body));
            assert_eq!(answer.header("content-type"), first.header("content-type"));
        }
        assert_eq!(app.head().await, head);
        assert_eq!(app.decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN", "consent that came after it stays");
    }

    async fn a_stop_under_the_id_of_another_message_counts_too(app) {
        let pat = agreed(app, 1).await;
        let hello = app.carrier().text(&pat.phone, "Hello");
        app.receive(&hello).await;
        let form = [("MessageSid", hello.sid.as_str()), ("From", &pat.phone), ("Body", "STOP")];
        app.receive(&app.carrier().deliver(&hello.sid, &form)).await;
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
    }

    async fn a_report_that_the_carrier_blocks_our_texts_is_an_opt_out(app) {
        let pat = agreed(app, 1).await;
        let head = app.head().await;
        let sent = app.receive(&app.carrier().report(&pat.phone, "sent", "")).await;
        assert_eq!((sent.status, sent.body.len()), (204, 0));
        assert_eq!(app.head().await, head, "a message on its way is no news");
        app.receive(&app.carrier().report(&pat.phone, "delivered", "")).await;
        assert_eq!(app.decide(&pat.question()).await, "allow CONSENT_EXPRESS_WRITTEN");
        assert_eq!(app.receive(&app.carrier().report(&pat.phone, "failed", "21610")).await.status, 204);
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
        let history = app.history(&pat.history()).await;
        let report = history.iter().find(|event| event["outcome"] == "opted_out").unwrap();
        assert_eq!(report["type"], "delivery_reported");
        assert_eq!(report["code"], "failed/21610");
    }

    async fn a_message_that_cannot_be_read_is_kept_and_holds_marketing_until_a_person_has_read_it(app) {
        let carrier = app.carrier();
        for (n, (resolution, service, marketing)) in [
            (None, "allow CONSENT_EXPRESS_WRITTEN", "deny REVOCATION_PENDING_REVIEW"),
            (Some("is_opt_out"), "deny OPTED_OUT_CHANNEL", "deny OPTED_OUT_CHANNEL"),
            (Some("is_not"), "allow CONSENT_EXPRESS_WRITTEN", ""),
        ].into_iter().enumerate() {
            let pat = agreed(app, 1 + n as u32).await;
            // No Body: Twilio never leaves it out, so this is not an empty message.
            let broken = carrier.deliver("", &[("MessageSid", "SM1"), ("From", &pat.phone), ("NumMedia", "0")]);
            let answers = [app.receive(&broken).await, app.receive(&broken).await];
            assert_eq!(answers[0].body, answers[1].body);
            let held: Vec<_> = app.history(&pat.history()).await;
            let held: Vec<_> = held.iter().filter(|event| event["type"] == "inbound_unparsed").collect();
            assert_eq!(held.len(), 1, "it is one message, sent twice");
            if let Some(outcome) = resolution {
                let id = &held[0]["event_id"];
                let review = json!({"type": "review_resolved", "event_id": id, "outcome": outcome, "phone": pat.phone});
                app.record(&review).await.expect(201);
            }
            assert_eq!(app.decide(&pat.question()).await, service, "{resolution:?}");
            let decided = app.decide(&pat.question_for("special_offers")).await;
            if marketing.is_empty() {
                assert!(!decided.contains("PENDING_REVIEW"), "{decided}");
            } else {
                assert_eq!(decided, marketing, "{resolution:?}");
            }
        }
    }

    async fn an_authentic_message_is_acknowledged_however_broken_it_is(app) {
        let pat = agreed(app, 1).await;
        let (carrier, path) = (app.carrier(), app.carrier().path());
        let form = "application/x-www-form-urlencoded";
        let raw = |body: &[u8], pairs: &[(&[u8], &[u8])]| {
            Ask::text(form, body).with("x-twilio-signature", &carrier.sign_bytes(&path, pairs))
        };
        let long = "x".repeat(300_000);
        let from = pat.phone.replace('+', "%2B");
        let broken = [
            ("nothing at all", raw(b"", &[])),
            ("bytes that are no text", raw(b"Body=%FF%FE&From=", &[(b"Body", b"\xff\xfe"), (b"From", b"")])),
            ("NUL", raw(b"Body=%00&From=%00", &[(b"Body", b"\0"), (b"From", b"\0")])),
            ("two senders", raw(b"From=%2B1&From=%2B2", &[(b"From", b"+1"), (b"From", b"+2")])),
            ("a short code", raw(b"MessageSid=SM1&From=12345&Body=STOP",
                &[(b"MessageSid", b"SM1"), (b"From", b"12345"), (b"Body", b"STOP")])),
            ("a text that is too long", raw(format!("MessageSid=SM2&From={from}&Body={long}").as_bytes(),
                &[(b"MessageSid", b"SM2"), (b"From", pat.phone.as_bytes()), (b"Body", long.as_bytes())])),
        ];
        for (what, ask) in broken {
            let head = app.head().await.size;
            let answer = app.caller.without_key().send(Method::POST, &path, ask).await;
            assert!((200..300).contains(&answer.status), "{what}: {} {}", answer.status, answer.text());
            assert_eq!(app.head().await.size, head + 1, "{what}");
        }
        assert_eq!(app.decide(&pat.question_for("updates")).await, "deny REVOCATION_PENDING_REVIEW");
        assert_eq!(app.export().await.of_type("inbound_unparsed").len(), 5, "a short code is a sender like any other");
    }

    async fn a_carrier_may_call_with_get(app) {
        let pat = agreed(app, 1).await;
        let from = pat.phone.replace('+', "%2B");
        let path = format!("{}?MessageSid=SM1&From={from}&Body=STOP&SmsStatus=received", app.carrier().path());
        let ask = Ask::default().with("x-twilio-signature", &app.carrier().sign(&path, &[]));
        let caller: Caller = app.caller.without_key();
        caller.send(Method::GET, &path, ask).await.expect(200);
        assert_eq!(app.decide(&pat.question()).await, "deny OPTED_OUT_CHANNEL");
    }
}
