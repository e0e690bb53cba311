//! The memory of a scrub does not grow with its list.

use std::path::Path;

use consent_tests::app::runtime;
use consent_tests::database::Kind;
use consent_tests::drill::single::Single;
use consent_tests::people::person;
use futures_util::stream;

use super::{PROGRAM, certificate};

/// Rows of the list, of which every so many-th is a question; the others cannot be read and cost little.
const ROWS: u32 = 1_000_000;
const ASKED: u32 = 200;
/// Rows of one piece.
const PIECE: u32 = 5_000;
/// Bytes by which memory may grow after the first tenth. The list is larger, and so is the answer.
const GROWTH: u64 = 16 * 1024 * 1024;

fn piece(at: u32) -> String {
    let row = |n: u32| match n % ASKED {
        0 => format!("{{\"phone\":\"{}\"}}\n", person(n % 100).phone),
        _ => "this line of the list is not an object\n".to_owned(),
    };
    (at * PIECE..(at + 1) * PIECE).map(row).collect()
}

#[test]
fn a_list_of_a_million_rows_takes_no_more_memory_than_one_of_a_tenth() {
    runtime().block_on(async {
        let single = Single::start(Path::new(PROGRAM), Kind::Sqlite, 100).await;
        let list = stream::iter((0..ROWS / PIECE).map(|at| Ok::<_, std::io::Error>(piece(at))));
        let url = format!("{}/v1/scrub?channel=sms&purpose=transactional", single.process.base);
        let request = reqwest::Client::builder().no_proxy().build().unwrap().post(url).bearer_auth(&single.key);
        let request = request.header("content-type", "application/x-ndjson").body(reqwest::Body::wrap_stream(list));
        let mut answer = request.send().await.unwrap();
        let (mut length, mut largest, mut after_a_tenth, mut last) = (0, 0, 0, Vec::new());
        while let Some(piece) = answer.chunk().await.unwrap() {
            length += piece.len();
            last = [&last[last.len().saturating_sub(2_000)..], &piece].concat();
            let resident = single.process.memory();
            if length < ROWS as usize * 10 {
                after_a_tenth = resident.max(after_a_tenth);
            }
            largest = resident.max(largest);
        }
        assert_eq!(certificate(std::str::from_utf8(&last).unwrap())["rows"], ROWS);
        assert!(length > ROWS as usize * 90, "{length} bytes");
        assert!(largest < after_a_tenth + GROWTH, "{after_a_tenth} bytes after a tenth, {largest} in the end");
        single.end().await.unwrap();
    });
}
