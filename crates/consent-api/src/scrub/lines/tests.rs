//! The same rows, however a list arrives.

use super::*;

/// Line number and text of each row, for pieces of this size, and blocks that end with each piece or never.
fn cut(quoted: bool, list: &[u8], size: usize) -> Vec<(u64, Result<String, &'static str>)> {
    let [kept, begun] = [false, true].map(|begins| {
        let (mut lines, mut cut, mut texts) = (Lines::new(quoted), Vec::new(), Vec::new());
        let owned = |row: &Row, lines: &Lines| (row.line, row.text(lines.block()).map(ToOwned::to_owned));
        let ends = std::iter::repeat_n(None, 1);
        for piece in list.chunks(size).map(Some).chain(ends) {
            match piece {
                Some(piece) => lines.feed(piece),
                None => lines.end(),
            }
            cut.extend(std::iter::from_fn(|| lines.next()));
            if begins {
                texts.extend(cut.drain(..).map(|row| owned(&row, &lines)));
                lines.begin_block();
            }
        }
        texts.extend(cut.iter().map(|row| owned(row, &lines)));
        assert!(lines.is_done());
        assert_eq!(lines.place().1, list.len() as u64);
        assert_eq!(lines.sha256(), hex(Sha256::new().chain_update(list)));
        texts
    });
    assert_eq!(kept, begun);
    kept
}

#[test]
fn a_list_is_cut_the_same_way_in_pieces_of_any_size() {
    for (quoted, list, expected) in [
        (false, &b""[..], vec![]),
        (false, b"a\nb\n", vec![(1, Ok("a")), (2, Ok("b"))]),
        (false, b"a\r\n\r\nb", vec![(1, Ok("a")), (2, Ok("")), (3, Ok("b"))]),
        (false, b"\xef\xbb\xbfa\nb", vec![(1, Ok("a")), (2, Ok("b"))]),
        (false, b"\xef\xbb", vec![(1, Err(NOT_UTF8))]),
        (false, b"a\n\xff\nb", vec![(1, Ok("a")), (2, Err(NOT_UTF8)), (3, Ok("b"))]),
        (false, b"\"a\nb\"\n", vec![(1, Ok("\"a")), (2, Ok("b\""))]),
        (true, b"\"a\nb\",1\nc,2\n", vec![(1, Ok("\"a\nb\",1")), (3, Ok("c,2"))]),
        (true, b"\"a\"\"\r\nb\"\r\nc", vec![(1, Ok("\"a\"\"\r\nb\"")), (3, Ok("c"))]),
        (true, b"\"a\nb,1\nc,2\n", vec![(1, Err(csv::QUOTES)), (2, Ok("b,1")), (3, Ok("c,2"))]),
        (true, b"a\"b\nc\n", vec![(1, Err(csv::QUOTES)), (2, Ok("c"))]),
        (true, b"\"a\"b\nc", vec![(1, Err(csv::QUOTES)), (2, Ok("c"))]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(at, text)| (at, text.map(str::to_owned))).collect();
        for size in 1..=list.len().max(1) {
            assert_eq!(cut(quoted, list, size), expected, "{} by {size}", String::from_utf8_lossy(list));
        }
    }
}

#[test]
fn a_line_that_is_too_long_is_one_bad_line_and_the_next_one_is_read() {
    let longest = "x".repeat(limits::SCRUB_LINE);
    let list = format!("{longest}\n{longest}x\nb\n{longest}xx");
    for quoted in [false, true] {
        for size in [1_000, limits::SCRUB_LINE, list.len()] {
            let rows = cut(quoted, list.as_bytes(), size);
            assert!(rows[0].1.is_ok());
            let rest = [(2, Err(TOO_LONG)), (3, Ok("b".to_owned())), (4, Err(TOO_LONG))];
            assert_eq!(rows[1..], rest, "{quoted} by {size}");
        }
    }
}

#[test]
fn a_quote_that_is_never_closed_spoils_its_own_line_alone() {
    let list = format!("\"a\n{}", "b,1\n".repeat(limits::SCRUB_LINE));
    for size in [10_000, list.len()] {
        let rows = cut(true, list.as_bytes(), size);
        assert_eq!(rows.len(), limits::SCRUB_LINE + 1);
        assert!(rows[0].1.is_err() && rows[1..].iter().all(|row| row.1.is_ok()), "by {size}");
    }
}

#[test]
fn a_line_without_end_takes_no_memory() {
    let mut lines = Lines::new(false);
    let piece = vec![b'x'; limits::SCRUB_LINE];
    for _ in 0..20 {
        lines.feed(&piece);
        assert_eq!(lines.next(), None);
        assert!(lines.buffer.len() <= limits::SCRUB_LINE, "{}", lines.buffer.len());
    }
    lines.end();
    assert_eq!(lines.next().map(|row| row.text(lines.block()).is_err()), Some(true));
    assert_eq!(lines.place().1, 20 * limits::SCRUB_LINE as u64);
}
