//! Histories by hand: each must be accepted, or refused for just the reason beside it.

use super::*;

/// A history of one person. `grant 10 20 a@1`: said from 10 to 20, named a, acknowledged at position 1; `?` if the
/// outcome is unknown. A check is answered `allow` or `deny` as of a position.
fn history(lines: &[&str]) -> History {
    let mut history = History::default();
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let (name, position) = words[3].split_once('@').unwrap();
        let (name, position) = (name.to_owned(), position.parse::<u64>().ok());
        if let ("grant" | "stop", Some(position)) = (words[0], position) {
            history.places.entry(name.clone()).or_insert(position);
        }
        let answer = |position| Answered {
            allowed: name == "allow",
            reason: if name == "allow" { "CONSENT_EXPRESS" } else { "OPTED_OUT_CHANNEL" }.to_owned(),
            position,
        };
        let said = match words[0] {
            "grant" => Said::Grant { name, position },
            "stop" => Said::Stop { name, acknowledged: position.is_some() },
            _ => Said::Check(position.map(answer)),
        };
        history.calls.push(Call {
            person: 1,
            began: words[1].parse().unwrap(),
            ended: words[2].parse().unwrap(),
            said,
        });
    }
    history
}

#[test]
fn a_history_that_keeps_every_promise_is_accepted() {
    for lines in [
        &["grant 1 2 a@1", "check 3 4 allow@1", "stop 5 6 b@2", "check 7 8 deny@2"][..],
        // The STOP was not acknowledged when the question began.
        &["grant 1 2 a@1", "stop 3 9 b@2", "check 4 5 allow@1", "check 6 7 deny@2", "check 8 12 allow@2"],
        // Its outcome is unknown.
        &["grant 1 2 a@1", "stop 3 4 b@?", "check 5 6 allow@1", "check 7 8 deny@2"],
        // A consent was said since, or meanwhile.
        &["stop 1 2 b@1", "grant 3 4 c@2", "check 5 6 allow@2"],
        &["stop 1 2 b@1", "grant 4 9 c@2", "check 3 5 allow@2"],
        &["stop 1 9 b@1", "grant 2 3 c@2", "check 10 11 allow@2"],
        &["stop 1 2 b@1", "grant 3 4 c@?", "check 5 6 allow@2", "check 7 8 deny@2"],
        // A STOP that was said while the consent was may be the younger one.
        &["stop 2 9 b@2", "grant 3 4 c@1", "check 10 11 deny@2"],
        &["stop 2 3 b@?", "grant 4 5 c@1", "check 6 7 deny@2"],
        // No answer says nothing.
        &["grant 1 2 a@1", "stop 3 4 b@2", "check 5 6 allow@?"],
        // Said again: it lies where it lay.
        &["grant 1 2 a@?", "stop 3 4 b@2", "grant 5 6 a@1", "check 7 8 deny@2"],
        // What else was committed with it lies below the position as well.
        &["grant 1 2 a@5", "grant 3 4 a@6"],
        // Side by side, in any order.
        &["grant 1 5 a@2", "grant 2 4 b@1", "check 3 9 allow@1", "check 6 7 allow@2"],
    ] {
        assert_eq!(faults(&history(lines)), Vec::<Fault>::new(), "{lines:?}");
    }
}

#[test]
fn a_history_that_breaks_a_promise_is_refused() {
    for (lines, expected) in [
        (&["grant 1 2 a@1", "stop 3 4 b@2", "check 5 6 allow@2"][..], "wrong allow of person 1 at 5"),
        // The only consent was said before the STOP, however late it was acknowledged.
        (&["grant 1 2 a@?", "stop 3 4 b@1", "grant 5 6 a@2", "check 7 8 allow@2"], "wrong allow of person 1 at 7"),
        // Or after the answer.
        (&["stop 1 2 b@1", "check 3 4 allow@1", "grant 5 6 c@2"], "wrong allow of person 1 at 3"),
        // A second STOP counts as well.
        (&["stop 1 2 b@1", "grant 3 4 c@2", "stop 5 6 d@3", "check 7 8 allow@3"], "wrong allow of person 1 at 7"),
        (&["stop 1 2 b@1", "grant 3 4 c@2", "check 5 6 deny@2"], "a consent was said at 3"),
        (&["grant 1 2 a@1", "stop 3 4 b@2", "check 5 6 deny@1"], "stale answer for person 1 at 5: from 1, not 2"),
        (&["grant 1 2 a@1", "check 3 4 allow@7", "check 5 6 allow@6"], "stale answer for person 1 at 5: from 6, not 7"),
        (&["grant 1 2 a@5", "grant 3 4 b@4"], "b was said at 3 and lies at Some(4), before what was there: 5"),
        (&["grant 1 2 a@6", "grant 3 4 a@5"], "a was acknowledged at 5 and lies at 6"),
    ] {
        let found = faults(&history(lines));
        assert!(found.len() == 1 && found[0].contains(expected), "{lines:?}: {found:?}");
    }
    let mut lost = history(&["stop 1 2 b@1"]);
    lost.places.clear();
    assert_eq!(faults(&lost), ["b was acknowledged and is lost"]);
}

#[test]
fn people_are_judged_by_their_own_words() {
    let mut other = history(&["grant 1 2 a@1", "stop 3 4 b@2", "check 5 6 allow@2"]);
    other.calls[1].person = 2;
    assert_eq!(faults(&other), Vec::<Fault>::new());
}
