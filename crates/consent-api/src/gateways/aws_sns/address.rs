//! The addresses in a message: which of them are Amazon's.

/// The host of an HTTPS address of SNS: `sns.us-east-1.amazonaws.com`. Exactly so, without port and user: what is
/// fetched there is believed, so nobody else may be able to put anything there.
pub(super) fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://")?;
    let (host, _) = rest.split_once('/')?;
    region(host).is_some().then_some(host)
}

/// The region in the name of a host of SNS.
pub(super) fn region(host: &str) -> Option<&str> {
    let host = host.strip_suffix(".cn").unwrap_or(host);
    let region = host.strip_prefix("sns.")?.strip_suffix(".amazonaws.com")?;
    let plain = region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (region.len() >= 3 && plain).then_some(region)
}

/// Whether a certificate of SNS may stand here. Other paths of the host answer with what its customers have entered.
pub(super) fn is_of_certificate(url: &str, any_name: bool) -> bool {
    let Some(host) = host(url) else { return false };
    let path = url.get("https://".len() + host.len()..).unwrap_or_default();
    let Some(name) = path.strip_suffix(".pem") else { return false };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    let number = name.strip_prefix("/SimpleNotificationService-");
    let usual = number.is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    usual || (any_name && name.bytes().all(plain))
}

/// Whether this is the ARN of a topic: `arn:aws:sns:us-east-1:123456789012:two-way-sms`.
pub(super) fn is_topic(arn: &str) -> bool {
    let parts: Vec<_> = arn.split(':').collect();
    let [arn, partition, service, region, account, name] = parts.as_slice() else { return false };
    let named = !region.is_empty() && !name.is_empty() && partition.starts_with("aws");
    named && *arn == "arn" && *service == "sns" && account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hosts_of_sns_are_believed() {
        for (url, expected) in [
            ("https://sns.us-east-1.amazonaws.com/x", Some("sns.us-east-1.amazonaws.com")),
            ("https://sns.us-gov-west-1.amazonaws.com/", Some("sns.us-gov-west-1.amazonaws.com")),
            ("https://sns.cn-north-1.amazonaws.com.cn/?Action=x", Some("sns.cn-north-1.amazonaws.com.cn")),
            ("http://sns.us-east-1.amazonaws.com/x", None),
            ("HTTPS://sns.us-east-1.amazonaws.com/x", None),
            ("https://sns.us-east-1.amazonaws.com", None),
            ("https://sns.us-east-1.amazonaws.com?/x", None),
            ("https://sns.us-east-1.amazonaws.com#/x", None),
            ("https://sns.us-east-1.amazonaws.com:443/x", None),
            ("https://me@sns.us-east-1.amazonaws.com/x", None),
            ("https://evil.example\\@sns.us-east-1.amazonaws.com/x", None),
            ("https://sns.us-east-1.amazonaws.com.evil.example/x", None),
            ("https://sns.us-east-1.amazonaws.com.cn.evil.example/x", None),
            ("https://evil.example/sns.us-east-1.amazonaws.com/x", None),
            ("https://sns.us.east.amazonaws.com/x", None),
            ("https://sns.us-east-1xamazonaws.com/x", None),
            ("https://sns.ab.amazonaws.com/x", None),
            ("https://sns..amazonaws.com/x", None),
            ("https://sns.amazonaws.com/x", None),
            ("https://s3.us-east-1.amazonaws.com/x", None),
            ("https://sns.us-east-1.amazonaws.com\n/x", None),
            ("", None),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }

    #[test]
    fn a_certificate_has_the_name_that_sns_gives_it() {
        let id = "0123456789abcdef0123456789ABCDEF";
        for (path, usual, any) in [
            (format!("/SimpleNotificationService-{id}.pem"), true, true),
            (format!("/SimpleNotificationService-{id}0.pem"), false, true),
            (format!("/SimpleNotificationService-{}.pem", &id[1..]), false, true),
            (format!("/x/SimpleNotificationService-{id}.pem"), false, true),
            ("/other.pem".to_owned(), false, true),
            (format!("/SimpleNotificationService-{id}.pem?x=.pem"), false, false),
            (format!("/?Action=GetEndpointAttributes&x=SimpleNotificationService-{id}.pem"), false, false),
            (format!("/SimpleNotificationService-{id}.pem#.pem"), false, false),
            (format!("/SimpleNotificationService-{id}"), false, false),
            ("/%2e.pem".to_owned(), false, false),
        ] {
            let url = format!("https://sns.us-east-1.amazonaws.com{path}");
            assert_eq!((is_of_certificate(&url, false), is_of_certificate(&url, true)), (usual, any), "{path}");
        }
        assert!(!is_of_certificate("https://evil.example/x.pem", true));
    }

    #[test]
    fn a_topic_is_known_by_its_arn() {
        for (arn, expected) in [
            ("arn:aws:sns:us-east-1:123456789012:two-way-sms", true),
            ("arn:aws-cn:sns:cn-north-1:123456789012:x.fifo", true),
            ("arn:aws:sns:us-east-1:123456789012:two-way-sms:c9135db0", false),
            ("arn:aws:sqs:us-east-1:123456789012:two-way-sms", false),
            ("arn:aws:sns:us-east-1:12345678901:two-way-sms", false),
            ("arn:aws:sns:us-east-1:123456789012:", false),
            ("arn:aws:sns::123456789012:x", false),
            ("two-way-sms", false),
        ] {
            assert_eq!(is_topic(arn), expected, "{arn}");
        }
    }
}
