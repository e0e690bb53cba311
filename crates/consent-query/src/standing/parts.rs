//! Long texts that came in parts, put together.
//!
//! Each part is an event and is read by itself. Here it is read once more, with the parts next to it that the ledger
//! already had, so that "please stop tex" and "ting me" are understood however they came. What is read is fixed by the
//! order of the ledger: nothing that comes later makes an opt-out undone, and nothing waits for a part that is lost.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use consent_core::event::EventKind;
use consent_core::event::kinds::InboundSms;

use super::history::{History, Said};

/// References are used again; parts of one text come together.
const APART: TimeDelta = TimeDelta::hours(24);

/// How many parts on either side are read with one: a text of ten parts is read whole, and of one that has no end every
/// stretch.
const NEIGHBOURS: usize = 9;

/// Parts that were put together.
pub(super) struct Whole<'a> {
    /// The event that brought the last of them, at the time of the latest.
    pub(super) said: Said<'a>,
    /// The text they make.
    pub(super) text: InboundSms,
}

/// What makes parts those of one text: the account, from whom and to whom, reference and total.
type Key<'a> = [Option<&'a str>; 4];

/// A part that names its place.
struct Part<'a> {
    said: &'a Said<'a>,
    key: (Key<'a>, u32),
    number: u32,
    body: &'a str,
}

impl<'a> Part<'a> {
    fn of(said: &'a Said<'a>) -> Option<Self> {
        let EventKind::InboundSms(sms) = &said.event().kind else { return None };
        let place = sms.part.as_ref()?;
        let (number, total) = (place.number?, place.total?);
        let reference = Some(place.reference.as_deref()?);
        let key = [sms.gateway.as_deref(), Some(sms.from.as_deref()?), sms.to.as_deref(), reference];
        (1..=total).contains(&number).then_some(Self { said, key: (key, total), number, body: sms.body.as_deref()? })
    }
}

/// For each part, the text that it makes with its neighbours among the parts before it in the ledger; none, if it has
/// no neighbour yet.
pub(super) fn wholes<'a>(history: &'a History<'a>) -> Vec<Whole<'a>> {
    let mut texts: BTreeMap<(Key<'_>, u32), Vec<Part<'_>>> = BTreeMap::new();
    let mut parts: Vec<Part<'_>> = history.said().filter_map(Part::of).collect();
    parts.sort_by_key(|part| part.said.recorded.seq);
    parts.into_iter().for_each(|part| texts.entry(part.key).or_default().push(part));
    let ends = |parts: &Vec<Part<'a>>| (1..=parts.len()).filter_map(|end| whole(&parts[..end])).collect::<Vec<_>>();
    texts.values().flat_map(ends).collect()
}

/// What the last of these parts makes with its neighbours.
fn whole<'a>(parts: &[Part<'a>]) -> Option<Whole<'a>> {
    let last = parts.last()?;
    let near = parts.iter().filter(|part| (part.said.at - last.said.at).abs() <= APART);
    // Of two parts with one number the later counts.
    let places: BTreeMap<u32, &Part<'_>> = near.map(|part| (part.number, part)).collect();
    let before = (1..last.number).rev().map_while(|number| places.get(&number)).take(NEIGHBOURS);
    let after = (last.number..).map_while(|number| places.get(&number)).take(NEIGHBOURS + 1);
    let mut run: Vec<&Part<'_>> = before.copied().collect();
    run.reverse();
    run.extend(after);
    let latest = |time: fn(&Said<'_>) -> DateTime<Utc>| run.iter().map(|part| time(part.said)).max();
    let (at, permits_at) = (latest(|said| said.at)?, latest(|said| said.permits_at)?);
    let body = run.iter().map(|part| part.body).collect();
    let text = InboundSms { body: Some(body), ..InboundSms::default() };
    (run.len() > 1).then_some(Whole { said: Said { at, permits_at, ..*last.said }, text })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::Rules;
    use crate::standing::{Origin, Standing, View, fold};
    use crate::stories::{grant, profile, recorded, reply, with};

    /// Part `number` of two, and what else is to be different.
    fn part(number: u32, body: &str, changes: Value) -> Value {
        let part = json!({"reference": "7", "number": number, "total": 2});
        let id = format!("m{number}");
        let base = json!({"part": part, "gateway": "g", "to": "+12025550100", "provider_message_id": id});
        with(&with(&reply(body), base), changes)
    }

    fn standing(events: &[Value]) -> Standing {
        let events = [&[profile(), grant()], events].concat();
        fold(&recorded(&events), View::LIVE, &Rules::embedded().unwrap())
    }

    fn origins(events: &[Value]) -> Vec<Origin> {
        standing(events).withdrawals().iter().map(|one| one.origin).collect()
    }

    fn halves() -> [Value; 2] {
        [part(1, "please stop tex", json!({})), part(2, "ting me", json!({}))]
    }

    #[test]
    fn neither_half_of_a_sentence_says_stop_but_both_do() {
        let [first, second] = halves();
        let certain = |events: &[Value]| origins(events).contains(&Origin::Stop);
        assert!(!certain(std::slice::from_ref(&first)) && !certain(std::slice::from_ref(&second)));
        for events in [[first.clone(), second.clone()], [second, first]] {
            assert!(certain(&events), "{events:?}");
        }
    }

    #[test]
    fn a_text_is_opted_out_with_its_last_part_at_the_time_of_the_latest() {
        let first = part(1, "I do not want these, please take me off you", json!({"at": "2026-12-01T15:00:05Z"}));
        let second = part(2, "r list", json!({"received_at": "2026-12-01T15:00:09Z"}));
        for (events, received) in [
            ([first.clone(), second.clone()], "2026-12-01T15:00:09+00:00"),
            ([second, first], "2026-12-01T15:00:05+00:00"),
        ] {
            let standing = standing(&events);
            let stop = standing.withdrawals().iter().find(|one| one.origin == Origin::Stop).unwrap();
            assert_eq!((stop.cited.seq, stop.at.to_rfc3339().as_str()), (3, "2026-12-01T15:00:05+00:00"));
            assert_eq!(stop.received_at.to_rfc3339(), received);
        }
    }

    #[test]
    fn only_parts_of_one_text_are_put_together() {
        let [first, second] = halves();
        let place = |reference: Value, number: Value, total: Value| {
            let part = json!({"reference": reference, "number": number, "total": total});
            json!({ "part": part })
        };
        for (changes, together) in [
            (json!({}), true),
            (json!({"at": "2026-12-02T15:00:00Z"}), true),
            (json!({"at": "2026-12-02T15:00:01Z"}), false),
            (json!({"at": "2026-11-30T14:59:59Z"}), false),
            (json!({"gateway": "h"}), false),
            (json!({"from": "+12025550199"}), false),
            (json!({"to": "+12025550101"}), false),
            (place(json!("8"), json!(2), json!(2)), false),
            (place(json!("7"), json!(2), json!(3)), false),
            (place(json!("7"), json!(3), json!(2)), false),
            (place(json!("7"), json!(0), json!(2)), false),
            (place(json!(null), json!(2), json!(2)), false),
            (place(json!("7"), json!(null), json!(2)), false),
            (place(json!("7"), json!(2), json!(null)), false),
            (json!({"part": null}), false),
            (json!({"body": null}), false),
        ] {
            let found = origins(&[first.clone(), with(&second, changes.clone())]).contains(&Origin::Stop);
            assert_eq!(found, together, "{changes}");
        }
    }

    /// Part `number` of three.
    fn third(number: u32, body: &str) -> Value {
        let part = json!({"reference": "7", "number": number, "total": 3});
        with(&reply(body), json!({"part": part, "provider_message_id": format!("m{number}")}))
    }

    #[test]
    fn three_parts_in_every_order_and_twice() {
        let parts = [third(1, "please s"), third(2, "top tex"), third(3, "ting me")];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let events = order.map(|at| parts[at].clone());
            assert!(origins(&events).contains(&Origin::Stop), "{order:?}");
            let twice: Vec<Value> = events.iter().flat_map(|event| [event.clone(), event.clone()]).collect();
            assert_eq!(standing(&twice).withdrawals().len(), standing(&events).withdrawals().len(), "{order:?}");
            let resent: Vec<Value> = events
                .iter()
                .flat_map(|event| [event.clone(), with(event, json!({"provider_message_id": "x"}))])
                .collect();
            assert!(origins(&resent).contains(&Origin::Stop), "{order:?}");
        }
    }

    #[test]
    fn a_lost_part_holds_up_nothing() {
        assert!(origins(&[third(2, "please stop tex"), third(3, "ting me")]).contains(&Origin::Stop));
        assert!(!origins(&[third(1, "please stop tex"), third(3, "ting me")]).contains(&Origin::Stop));
    }

    #[test]
    fn a_text_of_ten_parts_is_read_whole_and_a_longer_one_in_stretches() {
        let text = |total: usize| {
            let piece = |number: usize| match number {
                1 => "please take me o",
                number if number == total => "ff your list",
                _ => "",
            };
            let place = |number| json!({"part": {"reference": "7", "number": number, "total": total}});
            (1..=total).map(|number| with(&reply(piece(number)), place(number))).collect::<Vec<_>>()
        };
        assert!(origins(&text(10)).contains(&Origin::Stop));
        assert!(!origins(&text(11)).contains(&Origin::Stop));
    }

    #[test]
    fn what_comes_later_undoes_nothing() {
        let [first, second] = halves();
        let early = json!({"at": "2026-12-01T14:00:00Z", "provider_message_id": "m9"});
        let before = standing(&[first.clone(), second.clone()]).withdrawals().to_vec();
        for more in [
            with(&first, early.clone()),
            part(1, "I love how you never ", early.clone()),
            part(2, " by the shop", early),
        ] {
            let after = standing(&[first.clone(), second.clone(), more]);
            assert!(before.iter().all(|one| after.withdrawals().contains(one)));
        }
    }

    #[test]
    fn a_part_that_says_stop_counts_whatever_the_whole_says() {
        let events = [part(1, "stop", json!({})), part(2, " by the shop", json!({}))];
        assert_eq!(origins(&events), [Origin::Stop]);
        assert_eq!(origins(&[part(1, "I ", json!({})), part(2, "like it", json!({}))]), []);
    }

    #[test]
    fn an_opt_out_that_both_say_is_one() {
        let events = [part(1, "please ", json!({})), part(2, "STOP", json!({}))];
        assert_eq!(origins(&events), [Origin::Stop]);
    }

    #[test]
    fn a_part_gives_no_permission() {
        let stop = with(&reply("STOP"), json!({"at": "2026-12-01T14:00:00Z"}));
        let returned = |text: Value| standing(&[stop.clone(), text]).withdrawals()[0].returned.is_some();
        assert!(returned(reply("START")));
        assert!(!returned(part(2, "START", json!({}))));
        assert!(!returned(with(&reply("START"), json!({"part": {}}))));
        let alone = json!({"part": {"reference": "7", "number": 1, "total": 1}});
        assert!(returned(with(&reply("START"), alone)));
        assert!(!returned(part(1, "STA", json!({}))));
        let split = standing(&[stop.clone(), part(1, "STA", json!({})), part(2, "RT", json!({}))]);
        assert!(split.withdrawals()[0].returned.is_none());
    }

    #[test]
    fn a_yes_in_a_part_confirms_nothing() {
        let asked = with(&grant(), json!({"double_opt_in": true, "phone": crate::stories::PHONE}));
        let pending = |text: Value| {
            let events = recorded(&[profile(), asked.clone(), text]);
            let standing = fold(&events, View::LIVE, &Rules::embedded().unwrap());
            standing.grants()[0].confirmation == crate::standing::Confirmation::Pending
        };
        assert!(!pending(reply("YES")));
        assert!(pending(part(2, "YES", json!({}))));
    }
}
