//! Whole lists of each format, answered by a table instead of a ledger.

use chrono::DateTime;
use consent_query::decide::{Cause, Known, decide};
use consent_query::decision::Decision;
use consent_query::rules::Rules;
use futures_util::stream;
use serde_json::Value;

use super::*;

/// Allows whoever has the number that ends in 1; says of the others why not. With a limit, the ledger goes away after
/// so many blocks.
struct Table(std::cell::Cell<usize>);

impl Answers<Problem> for Table {
    async fn answer(&self, block: Block<'_>, _: &mut Turns) -> Result<Verdicts, Problem> {
        let (rules, known) = (Rules::embedded().unwrap(), Known::Unavailable(Cause::Unreachable));
        let reachable = self.0.get() > 0;
        self.0.set(self.0.get().saturating_sub(1));
        let questions = block.questions().map(|question| question.into_question().0);
        let decided = questions.map(|question| {
            let unavailable = decide(&question, &known, &rules, DateTime::UNIX_EPOCH, 5);
            let one = question.phone.as_deref().is_some_and(|phone| phone.ends_with('1'));
            let reason = if one { Reason::ConsentExpress } else { Reason::OptedOutChannel };
            match unavailable.reason {
                Reason::LedgerUnavailable if reachable => Decision { decision: reason.answer(), reason, ..unavailable },
                _ => unavailable,
            }
        });
        Ok(decided.collect())
    }
}

fn order(format: Format, query: &str) -> Order {
    let query = format!("channel=sms&purpose=updates&{query}");
    Order::new(format, actix_web::web::Query::<ScrubQuery>::from_query(&query).unwrap().into_inner()).unwrap()
}

async fn run(order: Order, list: &[u8], size: usize, blocks: usize) -> Result<(String, Value), Problem> {
    let pieces: Vec<_> = list.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let mut scrub = Scrub::new(order, stream::iter(pieces), Table(std::cell::Cell::new(blocks)));
    let mut out = Vec::new();
    while let Some(page) = scrub.page().await? {
        out.extend_from_slice(&page);
    }
    Ok((String::from_utf8(out).unwrap(), json!(scrub.certificate())))
}

const YES: &str = "+12025550101";
const NO: &str = "+12025550102";
/// What is wrong with an address that is none.
const NOBODY: &str = "phone: not a phone number in international form (E.164, such as +12025550123)";

#[tokio::test]
async fn each_format_comes_back_as_it_came_without_those_who_are_denied() {
    let object = |number: &str| format!("{{\"n\": 1.50, \"phone\":\"{number}\"}}");
    let decided =
        "\"decision\":\"allow\",\"next_eligible_at\":null,\"reason\":\"CONSENT_EXPRESS\",\"valid_until\":null}";
    for (format, query, list, expected) in [
        (Format::Text, "certificate=none", format!("{YES}\r\n\r\n{NO}\r\nx\r\n{YES}"), format!("{YES}\r\n{YES}\n")),
        (
            Format::Text,
            "certificate=none&return=denied",
            format!("{YES}\n{NO}\nx\n"),
            format!("{NO}\nx\tline 3: {NOBODY}\n"),
        ),
        (
            Format::Text,
            "certificate=none&return=all",
            format!("{YES}\n{NO}\n"),
            format!("{YES}\tallow\tCONSENT_EXPRESS\n{NO}\tdeny\tOPTED_OUT_CHANNEL\n"),
        ),
        (
            Format::Csv,
            "",
            format!("\u{feff}Name,Phone\r\n\"A\r\nB\",{YES}\r\nC,{NO}\r\nD\r\n"),
            format!("Name,Phone\r\n\"A\r\nB\",{YES}\r\n"),
        ),
        (
            Format::Csv,
            "return=all&column=mobile",
            format!("phone,mobile\n{NO},\"{YES}\"\n{YES},{NO}\n{YES}\n\"x,{YES}\n"),
            format!(
                "phone,mobile,decision,reason,detail\n{NO},\"{YES}\",allow,CONSENT_EXPRESS,\n\
                 {YES},{NO},deny,OPTED_OUT_CHANNEL,\n\
                 ,,deny,INVALID_REQUEST,\"line 4: the row has 1 fields, the header line 2\"\n\
                 ,,deny,INVALID_REQUEST,line 5: the quotes of the line are not in order\n"
            ),
        ),
        (
            Format::Csv,
            "return=denied",
            format!("n,phone\n1,{YES}\n2,{NO}\n3,x\n4\n"),
            format!(
                "n,phone,detail\n2,{NO},\n3,x,\"line 4: {NOBODY}\"\n\
                 ,,\"line 5: the row has 1 fields, the header line 2\"\n"
            ),
        ),
        (
            Format::Ndjson,
            "",
            format!("{}\n{}\n", object(YES), object(NO)),
            format!("{{\"n\": 1.50, \"phone\":\"{YES}\",{decided}\n"),
        ),
    ] {
        for size in [1, 7, 10_000] {
            let (text, certificate) = run(order(format, query), list.as_bytes(), size, 100).await.unwrap();
            let rows = text.split("{\"certificate\"").next().unwrap();
            assert_eq!(rows, expected, "{format:?} {query} by {size}");
            let counted = certificate["allowed"].as_u64().unwrap() + certificate["denied"].as_u64().unwrap();
            assert_eq!(certificate["rows"], counted);
        }
    }
}

#[tokio::test]
async fn a_bad_object_is_reported_in_its_place_with_its_line_and_nothing_of_it() {
    let list = format!(
        "{{\"phone\":\"{YES}\"}}\n\nsecret\n{{\"phone\":12}}\n{{\"phone\":\"secret\"}}\n{{\"decision\":1,\"phone\":\"{YES}\"}}"
    );
    let (text, certificate) = run(order(Format::Ndjson, ""), list.as_bytes(), 10, 100).await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: Vec<_> = lines.iter().map(|line| (line["line"].as_u64(), line["decision"].as_str())).collect();
    let (yes, deny) = ((None, Some("allow")), Some("deny"));
    assert_eq!(said, [yes, (Some(3), deny), (Some(4), deny), (Some(5), deny), yes, (None, None)]);
    assert!(!text.contains("secret") && lines[4]["phone"] == YES);
    assert_eq!(lines[5]["certificate"], certificate);
    assert_eq!(certificate["by_reason"], json!({"CONSENT_EXPRESS": 2, "INVALID_REQUEST": 3}));
}

#[tokio::test]
async fn from_the_moment_the_ledger_is_gone_every_row_is_denied() {
    let rows = limits::SCRUB_BLOCK * 2 + 10;
    let list = format!("{YES}\n").repeat(rows);
    let (text, certificate) = run(order(Format::Text, ""), list.as_bytes(), 4_096, 1).await.unwrap();
    assert_eq!(text.matches(YES).count(), limits::SCRUB_BLOCK);
    assert_eq!(certificate["by_reason"]["LEDGER_UNAVAILABLE"], rows - limits::SCRUB_BLOCK);
    assert!(text.lines().last().unwrap().starts_with("# certificate {"));
}

#[tokio::test]
async fn a_list_without_its_column_and_an_order_without_sense_are_refused() {
    for (query, list) in [("", "name,mobile\n"), ("column=x", "phone\n"), ("", "\"phone\nx")] {
        let refused = run(order(Format::Csv, query), list.as_bytes(), 100, 100).await;
        assert_eq!(refused.unwrap_err().body().status, 400, "{list:?}");
    }
    for query in ["channel=fax&purpose=updates", "channel=sms&purpose=fun"] {
        let query = actix_web::web::Query::<ScrubQuery>::from_query(query).unwrap().into_inner();
        assert!(Order::new(Format::Text, query).is_err());
    }
}

#[tokio::test]
async fn a_scrub_that_is_resumed_ends_as_if_it_had_never_stopped() {
    use sha2::Digest;
    let list: String = (0..1_200).map(|at| format!("{at},+1202555{:04}\n", at + 1)).collect();
    let list = format!("id,phone\n{list}");
    let (whole, certificate) = run(order(Format::Csv, ""), list.as_bytes(), 100, 100).await.unwrap();
    let table = || Table(std::cell::Cell::new(100));
    let all = || stream::iter([Ok::<_, Problem>(Bytes::from(list.clone()))]);
    let mut first = Scrub::new(order(Format::Csv, ""), all(), table());
    let mut out = first.page().await.unwrap().unwrap().to_vec();
    let place: Place = serde_json::from_str(&serde_json::to_string(&first.place()).unwrap()).unwrap();
    let (before, after) = list.as_bytes().split_at(place.bytes as usize);
    let hash = Sha256::new().chain_update(before);
    assert_eq!(hex(hash.clone()), place.sha256);
    let rest = stream::iter([Ok::<_, Problem>(Bytes::copy_from_slice(after))]);
    let mut second = Scrub::resume(place, hash, rest, table());
    while let Some(page) = second.page().await.unwrap() {
        out.extend_from_slice(&page);
    }
    assert_eq!(String::from_utf8(out).unwrap(), whole);
    let mut resumed = json!(second.certificate());
    resumed["decided_at"] = certificate["decided_at"].clone();
    assert_eq!(resumed, certificate);
}

#[tokio::test]
async fn blank_lines_and_lines_without_end_do_not_fill_memory() {
    for (list, rows) in [("\n", 0), ("x", 1)] {
        let list = list.repeat(limits::SCRUB_BLOCK_BYTES * 3);
        let pieces: Vec<_> = list.as_bytes().chunks(4_096).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let mut scrub = Scrub::new(order(Format::Text, ""), stream::iter(pieces), Table(std::cell::Cell::new(9)));
        while scrub.page::<Problem>().await.unwrap().is_some() {
            assert!(scrub.lines.held() < limits::SCRUB_BLOCK_BYTES * 2, "{}", scrub.lines.held());
        }
        assert_eq!(json!(scrub.certificate())["rows"], rows);
    }
}

#[tokio::test]
async fn a_verdict_too_few_is_no_answer() {
    struct Silent;
    impl Answers<Problem> for Silent {
        async fn answer(&self, _: Block<'_>, _: &mut Turns) -> Result<Verdicts, Problem> {
            Ok(Verdicts::default())
        }
    }
    let list = stream::iter([Ok(Bytes::from_static(b"+12025550101\n"))]);
    let refused = Scrub::new(order(Format::Text, ""), list, Silent).page::<Problem>().await;
    assert_eq!(refused.unwrap_err().body().status, 500);
}
