//! SNS's certificate: that it is SNS's, and that its key signed a message.

use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use chrono::{DateTime, Utc};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

use super::address;
use super::envelope::Version;
use crate::gateways::Forged;

/// What stands at the address of a certificate: the certificate, and perhaps those above it.
pub(super) struct Certificate {
    own: CertificateDer<'static>,
    above: Vec<CertificateDer<'static>>,
}

impl Certificate {
    /// Reads PEM.
    pub(super) fn read(pem: &[u8]) -> Result<Self, Forged> {
        let mut chain = certificates(pem)?.into_iter();
        let own = chain.next().ok_or(Forged::UnknownKey)?;
        Ok(Self { own, above: chain.collect() })
    }

    /// Checks that it was issued to SNS, is valid at this time, and leads to one of the trusted certificates, if there
    /// are any.
    ///
    /// SNS publishes it alone, so it leads nowhere by itself: without trusted certificates, that it comes by TLS from
    /// SNS's host has to do.
    pub(super) fn check(&self, host: &str, trusted: Option<&str>, at: DateTime<Utc>) -> Result<(), Forged> {
        let certificate = self.parsed()?;
        let named = |name: &String| {
            let name = ServerName::try_from(name.as_str());
            name.is_ok_and(|name| certificate.verify_is_valid_for_subject_name(&name).is_ok())
        };
        if !names(host).iter().any(named) {
            return Err(Forged::UnknownKey);
        }
        let pinned = trusted.map_or(Ok(Vec::new()), |pem| certificates(pem.as_bytes()))?;
        let anchors = as_anchors(&pinned)?;
        let seconds = u64::try_from(at.timestamp()).map_err(|_| Forged::Stale)?;
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let usage = KeyUsage::server_auth();
        let path = certificate.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &self.above, time, usage, None, None);
        match path.map(drop) {
            Ok(()) => Ok(()),
            // Time and purpose are checked before the issuer is looked for, and nothing else is left open.
            Err(Error::UnknownIssuer) if trusted.is_none() => Ok(()),
            Err(_) => Err(Forged::UnknownKey),
        }
    }

    /// Checks a signature (RSASSA-PKCS1-v1_5).
    pub(super) fn verify(&self, version: Version, signed: &[u8], signature: &[u8]) -> Result<(), Forged> {
        let algorithm: &'static dyn VerificationAlgorithm = match version {
            Version::One => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Version::Two => &RSA_PKCS1_2048_8192_SHA256,
        };
        let key = self.parsed()?.subject_public_key_info();
        let key: ParsedPublicKey =
            UnparsedPublicKey::new(algorithm, key.as_ref()).parse().map_err(|_| Forged::UnknownKey)?;
        key.verify_sig(signed, signature).map_err(|_| Forged::Mismatch)
    }

    fn parsed(&self) -> Result<EndEntityCert<'_>, Forged> {
        EndEntityCert::try_from(&self.own).map_err(|_| Forged::UnknownKey)
    }
}

/// The trusted certificates of a setting.
pub(super) fn anchors(pem: &str) -> Result<Vec<CertificateDer<'static>>, Forged> {
    let read = certificates(pem.as_bytes())?;
    as_anchors(&read)?;
    Ok(read)
}

fn as_anchors<'a>(certificates: &'a [CertificateDer<'_>]) -> Result<Vec<TrustAnchor<'a>>, Forged> {
    certificates.iter().map(anchor_from_trusted_cert).collect::<Result<_, _>>().map_err(|_| Forged::UnknownKey)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Forged> {
    let read: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| Forged::UnknownKey)?;
    if read.is_empty() { Err(Forged::UnknownKey) } else { Ok(read) }
}

/// The names that SNS has in its certificates: one name in the older regions, one of the region in the newer ones, and
/// others where the law keeps regions apart.
fn names(host: &str) -> Vec<String> {
    let region = address::region(host).unwrap_or_default();
    let domain = if host.ends_with(".cn") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let mut names = vec![
        host.to_owned(),
        format!("sns.{domain}"),
        format!("sns-{region}.{domain}"),
        format!("sns-signing.{region}.{domain}"),
    ];
    // One certificate for both regions of the government.
    if region.starts_with("us-gov-") {
        names.push("sns-us-gov-west-1.amazonaws.com".to_owned());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::aws_sns::tests::{CERTIFICATES, at};

    const HOST: &str = "sns.us-east-1.amazonaws.com";

    fn check(name: &str, host: &str, trusted: Option<&str>, day: &str) -> Result<(), Forged> {
        let trusted: Option<String> =
            trusted.map(|names| names.split('+').map(|name| CERTIFICATES[name].as_str().unwrap()).collect());
        let certificate = Certificate::read(CERTIFICATES[name].as_str().unwrap().as_bytes())?;
        certificate.check(host, trusted.as_deref(), at(&format!("{day}T00:00:00Z")))
    }

    #[test]
    fn a_certificate_is_believed_if_it_is_that_of_sns_and_valid() {
        let day = "2025-10-09";
        let (ok, no) = (Ok(()), Err(Forged::UnknownKey));
        for (name, host, trusted, day, expected) in [
            ("sns", HOST, None, day, ok),
            ("sns_with_issuer", HOST, None, day, ok),
            ("sns", HOST, Some("issuer"), day, ok),
            ("sns", HOST, Some("another_root+issuer"), day, ok),
            ("sns_with_issuer", HOST, Some("root"), day, ok),
            ("sns", HOST, Some("root"), day, no),
            ("sns", HOST, Some("another_root"), day, no),
            ("sns_with_issuer", HOST, Some("another_root"), day, no),
            ("forged_issuer", HOST, Some("root"), day, no),
            ("forged_issuer", HOST, Some("issuer"), day, no),
            ("somebody_else", HOST, None, day, no),
            ("somebody_else", HOST, Some("issuer"), day, no),
            ("for_clients", HOST, None, day, no),
            ("for_clients", HOST, Some("issuer"), day, no),
            ("root", HOST, None, day, no),
            ("expired", HOST, None, day, no),
            ("expired", HOST, Some("issuer"), day, no),
            ("sns", HOST, None, "2024-12-31", no),
            ("sns", HOST, None, "2027-01-02", no),
            ("sns", HOST, Some("issuer"), "2024-12-31", no),
            ("sns", HOST, Some("issuer"), "2027-01-02", no),
            ("regional", "sns.af-south-1.amazonaws.com", Some("issuer"), day, ok),
            ("regional", "sns.eu-west-1.amazonaws.com", Some("issuer"), day, no),
            ("china", "sns.cn-north-1.amazonaws.com.cn", None, day, ok),
            ("china", HOST, None, day, no),
            ("gov", "sns.us-gov-west-1.amazonaws.com", None, day, ok),
            ("gov", "sns.us-gov-east-1.amazonaws.com", None, day, ok),
            ("gov", HOST, None, day, no),
        ] {
            assert_eq!(check(name, host, trusted, day), expected, "{name} {host} {trusted:?} {day}");
        }
    }

    #[test]
    fn what_is_no_certificate_proves_nothing() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for pem in [
            "",
            "<html>",
            "-----BEGIN CERTIFICATE-----\n",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        ] {
            assert!(Certificate::read(pem.as_bytes()).is_err(), "{pem}");
            assert!(anchors(pem).is_err(), "{pem}");
        }
        let certificate = Certificate::read(broken.as_bytes()).unwrap();
        assert_eq!(certificate.check(HOST, None, at("2025-10-09T00:00:00Z")), Err(Forged::UnknownKey));
        assert_eq!(certificate.verify(Version::Two, b"", b""), Err(Forged::UnknownKey));
        assert!(anchors(broken).is_err());
    }
}
