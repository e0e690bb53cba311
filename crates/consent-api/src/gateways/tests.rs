//! What every gateway has to show, over the fixtures of all of them.

mod dice;
mod samples;
mod sent;

use std::collections::BTreeSet;

use super::*;
use dice::{Dice, Part};
pub(super) use samples::{Body, Covers, Fixtures, NOW, account, posted};
use samples::{Sample, genuine, said, samples};
pub(super) use sent::{account_that_sends, opt_out, shown, text};

/// Altered requests that are tried of each gateway.
const MUTATIONS: usize = 10_000;

#[test]
fn every_gateway_has_fixtures_and_a_name_of_its_own() {
    let names: BTreeSet<_> = GATEWAYS.iter().map(|gateway| gateway.name).collect();
    assert_eq!(names.len(), GATEWAYS.len());
    for gateway in GATEWAYS {
        assert!(std::ptr::eq(find(gateway.name).unwrap(), *gateway));
        assert!(genuine().iter().any(|sample| sample.account.kind.name == gateway.name), "{}", gateway.name);
    }
    assert!(find("nobody").is_none());
}

#[test]
fn every_recorded_request_gets_its_verdict() {
    for sample in samples() {
        assert_eq!(sample.accepts(&sample.request), sample.genuine, "{}", sample.name);
    }
}

#[test]
fn a_genuine_request_stays_genuine_while_keys_change() {
    for sample in genuine() {
        let secret = secrecy::ExposeSecret::expose_secret(&sample.account.secrets[0]).to_owned();
        let another = sample.another_key();
        for secrets in [[another.as_str(), secret.as_str()], [secret.as_str(), another.as_str()]] {
            let account = sample.account_with(&secrets);
            assert!(verify(&sample.request, &account).is_ok(), "{}", sample.name);
        }
    }
}

#[test]
fn the_wrong_key_opens_nothing() {
    for sample in genuine() {
        let secret = secrecy::ExposeSecret::expose_secret(&sample.account.secrets[0]).to_owned();
        let (longer, another) = (format!("{secret}0"), sample.another_key());
        for secrets in
            [&[][..], &[""], &["another"], &[&another], &[&secret[1..]], &[&longer], &["sharedkey:"], &["sharedkey::"]]
        {
            let account = sample.account_with(secrets);
            assert!(verify(&sample.request, &account).is_err(), "{} {secrets:?}", sample.name);
        }
    }
}

#[test]
fn a_missing_empty_or_repeated_proof_is_none() {
    for sample in genuine() {
        let mut tried = 0;
        for name in sample.proof {
            for (how, request) in sample.without(name) {
                tried += 1;
                assert!(!sample.accepts(&request), "{} {how} {name}", sample.name);
            }
        }
        // A proof that is no header and no parameter stands in the body, and goes with it.
        assert!(tried > 0 || sample.proof.is_empty() && !matches!(sample.covers.body, Body::Open), "{}", sample.name);
    }
}

#[test]
fn a_proof_that_leaves_the_body_open_is_called_weak() {
    for sample in genuine().into_iter().filter(|sample| matches!(sample.covers.body, Body::Open)) {
        assert!((sample.account.kind.weak)(&sample.account).is_some(), "{}", sample.name);
    }
}

#[test]
fn every_flipped_byte_of_a_body_is_noticed() {
    let mut tried = 0;
    for sample in genuine().into_iter().filter(|sample| matches!(sample.covers.body, Body::Whole)) {
        for at in 0..sample.request.body.len() {
            let changed = sample.with(|request| request.body[at] ^= 1);
            let same = said(&changed) == said(&sample.request);
            assert_eq!(sample.accepts(&changed), same, "{} at {at}", sample.name);
            tried += usize::from(!same);
        }
    }
    assert!(tried > 1_000, "{tried}");
}

#[test]
fn another_path_query_or_scheme_is_noticed() {
    for sample in genuine().into_iter().filter(|sample| sample.covers.url) {
        let url = &sample.request.url;
        let (start, last) = url.split_at(url.len() - 1);
        let flipped = format!("{start}{}", if last == "x" { "y" } else { "x" });
        let changes =
            [flipped, format!("{url}/"), format!("{url}&"), url.replacen("https", "http", 1), url.to_uppercase()];
        for changed in changes {
            let request = sample.with(|request| request.url.clone_from(&changed));
            assert!(!sample.accepts(&request), "{} {changed}", sample.name);
        }
    }
}

#[test]
fn what_was_signed_long_ago_or_for_a_time_to_come_is_refused() {
    for sample in genuine().into_iter().filter(|sample| sample.covers.time) {
        for days in [-30, -1, 1, 30] {
            let moved = sample.with(|request| request.received += chrono::TimeDelta::days(days));
            assert!(!sample.accepts(&moved), "{} {days} days later", sample.name);
        }
    }
}

#[test]
fn of_thousands_of_altered_requests_none_is_accepted() {
    for gateway in GATEWAYS {
        let of_gateway = |sample: &Sample| sample.account.kind.name == gateway.name && !sample.parts().is_empty();
        let samples: Vec<_> = genuine().into_iter().filter(of_gateway).collect();
        assert!(!samples.is_empty(), "{}", gateway.name);
        let mut dice = Dice(0x5eed);
        let mut tried = 0;
        while tried < MUTATIONS {
            let sample = &samples[dice.below(samples.len())];
            let changed = dice.mutation_of(sample, &sample.parts());
            if sample.differs(&changed) {
                tried += 1;
                let body = String::from_utf8_lossy(&changed.body);
                assert!(!sample.accepts(&changed), "{} {} {:?} {body}", sample.name, changed.url, changed.headers);
            }
        }
    }
}

/// Gateways that are broken in every way, at doors that believe anything: nothing may panic, and what comes out can
/// be recorded.
#[test]
fn whatever_is_sent_is_read_or_set_aside() {
    static CREDULOUS: std::sync::OnceLock<Vec<Gateway>> = std::sync::OnceLock::new();
    let credulous = CREDULOUS
        .get_or_init(|| GATEWAYS.iter().map(|gateway| Gateway { verify: |_, _| Ok(()), ..**gateway }).collect());
    let mut dice = Dice(0xbad);
    for sample in genuine().iter().cycle().take(5_000) {
        let kind = credulous.iter().find(|gateway| gateway.name == sample.account.kind.name).unwrap();
        let account = Account { kind, ..account(kind.name, &["x"]) };
        let request = dice.mutation_of(sample, &[Part::Url, Part::Body]);
        // The real door must refuse such requests without a panic too.
        let _ = sample.accepts(&request);
        let verified = verify(&request, &account).unwrap();
        let signals = verified.parse().unwrap_or_else(|unparsed| vec![unparsed.signal("main")]);
        assert!((200..300).contains(&verified.acknowledge().status));
        for signal in signals {
            assert!(!signal.dedupe_key.is_empty());
            let written = signal.event.to_json().unwrap();
            assert_eq!(consent_core::event::Event::from_json(written.into()).unwrap(), signal.event);
        }
    }
}

#[test]
fn the_signed_url_is_built_from_configuration() {
    let mut account = account("twilio", &["x"]);
    assert_eq!(account.url("/h?q=a%20b"), "https://ledger.example.com/h?q=a%20b");
    account.public_url.push('/');
    assert_eq!(account.url("/h"), "https://ledger.example.com/h");
}
