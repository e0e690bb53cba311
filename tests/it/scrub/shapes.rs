//! Lists as they come out of other programs: with marks, line breaks and lines of every kind.

use consent_tests::people::person;
use consent_tests::stories;

use super::{AGREED, certificate, scrub};

/// A line that is no number, as it comes back.
const UNREAD: &str = "no number\tdeny\tINVALID_REQUEST\t\
                      line 5: phone: not a phone number in international form (E.164, such as +12025550123)";
/// Longer than a line may be.
const LONG: usize = 70_000;

stories! {
    async fn a_text_with_every_kind_of_line_loses_none(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let (phone, long) = (&pat.phone, "9".repeat(LONG));
        let list = format!("\u{feff}{phone}\r\n\r\n   \n\t{phone} \nno number\n{long}\n{phone}");
        let answer = scrub(app, "text/plain", "&return=all", &list).await.expect(200);
        let lines: Vec<&str> = answer.text().split('\n').collect();
        let good = format!("\tallow\t{AGREED}");
        assert_eq!(lines[0], format!("{phone}{good}\r"));
        assert_eq!(lines[1], format!("\t{phone} {good}"));
        assert_eq!(lines[2], UNREAD);
        assert_eq!(lines[3], "\tdeny\tINVALID_REQUEST\tline 6: the line is too long");
        assert_eq!(lines[4], format!("{phone}{good}"));
        assert!(lines[5].starts_with("# certificate ") && lines[6..] == [""]);
        assert_eq!(certificate(answer.text())["rows"], 5);
    }

    async fn a_csv_with_every_kind_of_line_loses_none(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let (phone, long) = (&pat.phone, "x".repeat(LONG));
        let list = format!(
            "\u{feff}Name,PHONE\r\n\"a, \"\"b\"\"\r\nc\",{phone}\r\n\r\nshort\nd,{phone}\n{long},{phone}\n\"open,{phone}\ne,{phone}"
        );
        let answer = scrub(app, "text/csv", "&return=all&certificate=line", &list).await.expect(200);
        let good = format!(",allow,{AGREED},");
        let expected = [
            "Name,PHONE,decision,reason,detail\r\n".to_owned(),
            format!("\"a, \"\"b\"\"\r\nc\",{phone}{good}\r\n"),
            ",,deny,INVALID_REQUEST,\"line 5: the row has 1 fields, the header line 2\"\n".to_owned(),
            format!("d,{phone}{good}\n"),
            ",,deny,INVALID_REQUEST,line 7: the line is too long\n".to_owned(),
            ",,deny,INVALID_REQUEST,line 8: the quotes of the line are not in order\n".to_owned(),
            format!("e,{phone}{good}\n"),
        ];
        let text = answer.text();
        assert!(text.starts_with(&expected.concat()), "{text}");
        assert!(text[expected.concat().len()..].starts_with("# certificate "), "{text}");
        assert_eq!(certificate(text)["rows"], 6);
        assert_eq!(certificate(text)["allowed"], 3);
    }

    async fn objects_of_every_kind_lose_none(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let phone = &pat.phone;
        let list = format!("\u{feff}{{\"phone\":\"{phone}\"}}\r\n\r\n[1]\n{{\"phone\":7}}\n{{}}\n{}\n{{\"phone\":\"{phone}\"}}", "{".repeat(LONG));
        let answer = scrub(app, "application/x-ndjson", "", &list).await.expect(200);
        let lines: Vec<serde_json::Value> = answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let numbers: Vec<_> = lines.iter().map(|line| (line["decision"].as_str(), line["line"].as_u64())).collect();
        let bad = |line| (Some("deny"), Some(line));
        assert_eq!(numbers, [(Some("allow"), None), bad(3), bad(4), bad(5), bad(6), (Some("allow"), None), (None, None)]);
        assert_eq!(certificate(answer.text())["rows"], 6);
    }

    async fn what_could_be_read_in_two_ways_is_denied_in_its_place(app) {
        let pat = person(1);
        app.record(&pat.grant()).await.expect(201);
        let (phone, other) = (&pat.phone, person(2).phone);
        let twice = format!("{{\"phone\":\"{other}\",\"phone\":\"{phone}\"}}\n");
        let answer = scrub(app, "application/x-ndjson", "", &twice).await.expect(200);
        assert!(answer.text().starts_with(r#"{"decision":"deny","#), "{}", answer.text());
        // A carriage return alone ends a line to some programs.
        let list = format!("phone,n\n{phone},1\r{other},2\n{phone},3\n");
        let answer = scrub(app, "text/csv", "&return=all", &list).await.expect(200);
        let bad = "\n,,deny,INVALID_REQUEST,line 2: a carriage return stands alone in the line\n";
        assert!(answer.text().contains(bad) && answer.text().ends_with(&format!("{phone},3,allow,{AGREED},\n")), "{}", answer.text());
        let list = format!("phone,n\r{phone},1\r{other},2\r");
        scrub(app, "text/csv", "", &list).await.expect(400);
        for odd in [format!("{phone}\r{other}\n"), "\u{a0}\n".to_owned()] {
            let answer = scrub(app, "text/plain", "", &odd).await.expect(200);
            assert!(answer.text().starts_with("# certificate"), "{}", answer.text());
            assert_eq!((&certificate(answer.text())["rows"], &certificate(answer.text())["allowed"]), (&1.into(), &0.into()));
        }
    }

    async fn a_list_without_rows_is_answered(app) {
        for (media, list) in [("text/plain", ""), ("text/plain", "\u{feff}\r\n\n"), ("text/csv", "phone"), ("text/csv", "phone\r\n"), ("application/x-ndjson", "\n")] {
            let answer = scrub(app, media, "&certificate=line", list).await.expect(200);
            assert_eq!(certificate(answer.text())["rows"], 0, "{media} {list:?}");
        }
    }
}
