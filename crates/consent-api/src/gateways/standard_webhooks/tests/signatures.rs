//! Who is let in, and who is turned away and why.

use chrono::TimeDelta;
use ed25519_dalek::{Signer, SigningKey};

use super::*;
use crate::gateways::tests::NOW;
use crate::gateways::{Account, Forged};

fn ours(secrets: &[&str]) -> Account {
    account("standard_webhooks", secrets)
}

fn refusal(change: impl FnOnce(&mut WebhookRequest)) -> Option<Forged> {
    let mut request = signed("{}");
    change(&mut request);
    verify(&request, &ours(&[SECRET])).err()
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn public_key() -> String {
    format!("whpk_{}", encode(key().verifying_key().as_bytes()))
}

fn by_private_key() -> String {
    format!("v1a,{}", encode(&key().sign(b"msg_1.1760000000.{}").to_bytes()))
}

#[test]
fn a_refusal_says_why() {
    assert_eq!(refusal(|_| ()), None);
    for at in 1..=3 {
        assert_eq!(refusal(|request| drop(request.headers.remove(at))), Some(Forged::Unsigned), "{at}");
    }
    assert_eq!(refusal(|request| request.headers[1].1 = "msg_2".to_owned()), Some(Forged::Mismatch));
    assert_eq!(refusal(|request| request.headers[2].1 = "now".to_owned()), Some(Forged::Malformed));
    assert_eq!(refusal(|request| request.headers[2].1 = "1760000001".to_owned()), Some(Forged::Mismatch));
    assert_eq!(refusal(|request| request.body.push(b' ')), Some(Forged::Mismatch));
    for (seconds, refused) in [(300, None), (-300, None), (301, Some(Forged::Stale)), (-301, Some(Forged::Stale))] {
        let moved = refusal(|request| request.received = NOW + TimeDelta::seconds(seconds));
        assert_eq!(moved, refused, "{seconds}");
    }
    assert_eq!(verify(&signed("{}"), &ours(&[""])).err(), Some(Forged::UnknownKey));
}

#[test]
fn one_good_signature_of_a_list_is_enough() {
    let good = signed("{}").headers[3].1.clone();
    let list = |list: &str| refusal(|request| request.headers[3].1 = list.to_owned());
    let other = format!("v1,{}", encode(&[0; 32]));
    for accepted in [format!("{other} {good}"), format!("{good} {other}"), format!("v2,x, v1 {good}  nonsense v1,%")] {
        assert_eq!(list(&accepted), None, "{accepted}");
    }
    assert_eq!(list(&other), Some(Forged::Mismatch));
    let bare = good.strip_prefix("v1,").unwrap();
    for refused in [bare.to_owned(), format!("v2,{bare}"), format!("V1,{bare}"), "v1,".to_owned(), "v1".to_owned()] {
        assert!(list(&refused).is_some(), "{refused}");
    }
}

#[test]
fn every_byte_of_a_signature_counts() {
    for (good, secret) in [(signed("{}").headers[3].1.clone(), SECRET.to_owned()), (by_private_key(), public_key())] {
        for at in 0..good.len() {
            let mut list = good.clone().into_bytes();
            list[at] ^= 1;
            let mut request = signed("{}");
            request.headers[3].1 = String::from_utf8(list).unwrap();
            assert!(verify(&request, &ours(&[&secret])).is_err(), "{at} of {good}");
        }
    }
}

/// A public key is known to all: as a shared secret it would let everybody in.
#[test]
fn the_key_settles_how_a_signature_is_checked() {
    let mut request = signed("{}");
    assert_eq!(verify(&request, &ours(&[&public_key()])).err(), Some(Forged::Mismatch));
    let hmac = request.headers[3].1.clone();
    request.headers[3].1 = hmac.replacen("v1,", "v1a,", 1);
    assert_eq!(verify(&request, &ours(&[SECRET])).err(), Some(Forged::Mismatch));
    request.headers[3].1 = by_private_key();
    assert_eq!(verify(&request, &ours(&[&public_key()])).err(), None);
    assert_eq!(verify(&request, &ours(&[SECRET, &public_key()])).err(), None);
    request.headers[3].1 = by_private_key().replacen("v1a,", "v1,", 1);
    assert_eq!(verify(&request, &ours(&[SECRET, &public_key()])).err(), Some(Forged::Mismatch));
}

#[test]
fn the_headers_come_under_one_set_of_names() {
    let rename = |all: &[usize]| {
        refusal(|request| {
            all.iter().for_each(|at| {
                request.headers[*at].0 = request.headers[*at].0.replace("webhook-", "svix-");
            })
        })
    };
    assert_eq!(rename(&[1, 2, 3]), None);
    assert_eq!(rename(&[1]), Some(Forged::Unsigned));
    assert_eq!(rename(&[2, 3]), Some(Forged::Unsigned));
}

#[test]
fn a_configuration_that_cannot_work_is_refused_without_showing_it() {
    let bare = SECRET.strip_prefix("whsec_").unwrap();
    for secrets in [&[SECRET][..], &[bare], &[&public_key()], &[SECRET, &public_key()]] {
        assert_eq!(signature::check(&ours(secrets)), Ok(()));
    }
    let (short, long) = (encode(&[7; 23]), encode(&[7; 65]));
    let (private, weak) = (format!("whsk_{}", encode(&[7; 64])), format!("whpk_{}", encode(&[0; 32])));
    for secret in ["", "not base64", "whsec_", &short, &long, &private, &weak, "whpk_AAAA"] {
        let refusal = signature::check(&ours(&[secret])).unwrap_err();
        assert!(
            refusal.contains("`secrets`") && (secret.len() < 9 || !refusal.contains(secret)),
            "{secret}: {refusal}"
        );
        assert!(secret.is_empty() || signature::check(&ours(&[SECRET, secret])).is_err(), "{secret}");
    }
}
