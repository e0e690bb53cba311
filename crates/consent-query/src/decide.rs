//! From question and standing to decision.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::decision::{DecidedBy, Decision, Finding, Found};
use crate::matter::Matter;
use crate::question::Question;
use crate::reason::Reason;
use crate::rules::{Allowance, Intake, Judge, Objection, RULES, Rule, Rules, Verdict};
use crate::standing::Standing;
use crate::zones::tzdb_version;

/// What the ledger can say about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Everything up to the position given with it.
    Standing(Standing),
    /// Nothing that could be relied on.
    Unavailable(Cause),
}

/// Why the ledger can say nothing that could be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No answer from the database.
    Unreachable,
    /// Entries are known to exist that this node has not read.
    Behind,
    /// The ledger does not match its own proofs.
    Corrupt,
    /// Something recorded about this person could not be read.
    Quarantined,
}

impl Cause {
    /// One plain sentence for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unreachable => "The ledger cannot be reached.",
            Self::Behind => "This node has not read the newest entries of the ledger.",
            Self::Corrupt => "The ledger does not match its own proofs.",
            Self::Quarantined => "Something recorded about this person could not be read.",
        }
    }
}

/// Decides a question.
///
/// `now` is the moment at which the message would be sent and `position` the number of ledger entries behind `known`.
/// Pure: the same arguments give the same decision. Every rule is asked in the order of [`RULES`] until one allows;
/// the first that speaks gives the reason, and the objections of the others are listed beside it.
pub fn decide(question: &Question, known: &Known, rules: &Rules, now: DateTime<Utc>, position: u64) -> Decision {
    let checked = question.check();
    let intake = Intake { asked: checked.as_ref().map_err(Vec::as_slice), known };
    let matter = match (&checked, known) {
        (Ok(asked), Known::Standing(standing)) => Some(Matter::new(asked, standing, rules, now)),
        _ => None,
    };
    let hearing = hear(&intake, matter.as_ref());
    let explanation = question.explain.then(|| hearing.iter().map(|(rule, verdict)| finding(rule, verdict)).collect());
    let decision = match upshot(&hearing) {
        Upshot::Allow(rule, allowance) => allow(rule, allowance, valid_until(question, allowance, rules, now)),
        Upshot::Deny(rule, first, others) => {
            let again = end_of_all(first, &others).zip(matter.as_ref());
            Decision {
                next_eligible_at: again.and_then(|(end, matter)| first_allow(matter, end)),
                ..deny(rule, first, &others)
            }
        }
        Upshot::Silence => blank(Reason::NoConsent, "silence".into(), 0, "design rule: silence is no".into()),
    };
    let mut decision = Decision { position, decision_id: question.id, explanation, ..decision };
    decision.rule.version = rules.version().to_owned();
    decision.tzdb = (!decision.zones.is_empty()).then(|| tzdb_version().into());
    decision
}

/// What the rules said, up to and including the first that allows.
type Hearing = Vec<(&'static Rule, Verdict)>;

fn hear(intake: &Intake<'_>, matter: Option<&Matter<'_>>) -> Hearing {
    until_allowed(RULES.iter().filter_map(|rule| match (rule.judge, matter) {
        (Judge::Intake(judge), _) => Some((rule, judge(intake))),
        (Judge::Merits(judge), Some(matter)) => Some((rule, judge(matter))),
        (Judge::Merits(_), None) => None,
    }))
}

/// What the rules say, one after the other, up to the first that allows.
fn until_allowed(verdicts: impl Iterator<Item = (&'static Rule, Verdict)>) -> Hearing {
    let mut hearing = Hearing::new();
    for (rule, verdict) in verdicts {
        let allowed = matches!(verdict, Verdict::Allow(_));
        hearing.push((rule, verdict));
        if allowed {
            break;
        }
    }
    hearing
}

/// What a hearing comes to.
enum Upshot<'a> {
    /// A rule allows and none before it objects.
    Allow(&'static Rule, &'a Allowance),
    /// The first objection, and those that would be left without it.
    Deny(&'static Rule, &'a Objection, Vec<&'a Objection>),
    /// No rule speaks.
    Silence,
}

fn upshot(hearing: &Hearing) -> Upshot<'_> {
    let mut objections = hearing.iter().flat_map(|(rule, verdict)| {
        let all = match verdict {
            Verdict::Deny { first, others } => Some(std::iter::once(first).chain(others)),
            Verdict::Silent | Verdict::Allow(_) => None,
        };
        all.into_iter().flatten().map(|objection| (*rule, objection))
    });
    match (objections.next(), hearing.last()) {
        (Some((rule, first)), _) => Upshot::Deny(rule, first, objections.map(|(_, other)| other).collect()),
        (None, Some((rule, Verdict::Allow(allowance)))) => Upshot::Allow(rule, allowance),
        (None, _) => Upshot::Silence,
    }
}

fn allow(rule: &'static Rule, allowance: &Allowance, valid_until: DateTime<Utc>) -> Decision {
    let (relied_on, zones) = (allowance.relied_on.clone(), allowance.zones.clone());
    let decision = blank(allowance.reason, rule.id.into(), rule.number, source(rule, allowance.source.as_ref()));
    Decision { relied_on, zones, valid_until: Some(valid_until), ..decision }
}

fn deny(rule: &'static Rule, first: &Objection, others: &[&Objection]) -> Decision {
    let mut also_blocking = Vec::new();
    for other in others {
        if other.reason != first.reason && !also_blocking.contains(&other.reason) {
            also_blocking.push(other.reason);
        }
    }
    let mut zones: Vec<String> = others.iter().flat_map(|other| other.zones.clone()).collect();
    zones.extend(first.zones.clone());
    let relied_on = first.relied_on.clone();
    let decision = blank(first.reason, rule.id.into(), rule.number, source(rule, first.source.as_ref()));
    Decision { also_blocking, relied_on, zones, ..decision }
}

/// When the last of the objections ends. Waiting helps only if it cures every one.
fn end_of_all(first: &Objection, others: &[&Objection]) -> Option<DateTime<Utc>> {
    let ends = others.iter().map(|other| other.next_eligible_at).chain([first.next_eligible_at]);
    ends.collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max())
}

/// The first moment, from this one on, at which the rules allow if nothing new is recorded: where one objection ends
/// another may begin, and a consent may run out while a window is awaited. An objection that ends does so later than
/// the moment at which it is made, so every step leads on.
fn first_allow(matter: &Matter<'_>, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut moment = from;
    for _ in 0..LOOK_AHEAD {
        let then = matter.at(moment);
        let verdicts = RULES.iter().filter_map(|rule| match rule.judge {
            Judge::Merits(judge) => Some((rule, judge(&then))),
            Judge::Intake(_) => None,
        });
        let hearing = until_allowed(verdicts);
        moment = match upshot(&hearing) {
            Upshot::Allow(..) => return Some(moment),
            Upshot::Deny(_, first, others) => end_of_all(first, &others)?,
            Upshot::Silence => return None,
        };
    }
    None
}

/// How many changes of the verdict are looked at before waiting is called useless.
const LOOK_AHEAD: usize = 16;

/// The law behind a finding: that of the row or event, if it is narrower than that of the rule.
fn source(rule: &'static Rule, narrower: Option<&String>) -> Cow<'static, str> {
    narrower.map_or(Cow::Borrowed(rule.source), |source| Cow::Owned(source.clone()))
}

/// A decision with nothing but its reason.
fn blank(reason: Reason, id: Cow<'static, str>, number: u8, source: Cow<'static, str>) -> Decision {
    Decision {
        decision: reason.answer(),
        reason,
        also_blocking: Vec::new(),
        rule: DecidedBy { id, number, version: String::new(), source },
        relied_on: Vec::new(),
        zones: Vec::new(),
        tzdb: None,
        valid_until: None,
        next_eligible_at: None,
        position: 0,
        decision_id: uuid::Uuid::nil(),
        explanation: None,
    }
}

/// An allow lives from the latest moment it knows about, which in a question about the past is not `now`.
fn valid_until(question: &Question, allowance: &Allowance, rules: &Rules, now: DateTime<Utc>) -> DateTime<Utc> {
    let known = [question.as_of, question.known_at].into_iter().flatten().fold(now, DateTime::min);
    let longest = known + rules.settings().max_ttl.delta();
    [allowance.until, rules.next_change(known)].into_iter().flatten().fold(longest, DateTime::min)
}

fn finding(rule: &'static Rule, verdict: &Verdict) -> Finding {
    let (verdict, words, narrower) = match verdict {
        Verdict::Silent => (Found::Silent, rule.silent.into(), None),
        Verdict::Allow(allowance) => (Found::Allow, allowance.reason.words().into(), allowance.source.as_ref()),
        Verdict::Deny { first, others } => {
            let mut sentences: Vec<&str> = Vec::new();
            for objection in std::iter::once(first).chain(others) {
                let words = objection.words.as_deref().unwrap_or(objection.reason.words());
                if !sentences.contains(&words) {
                    sentences.push(words);
                }
            }
            (Found::Deny, sentences.join(" ").into(), first.source.as_ref())
        }
    };
    Finding { rule: rule.id.into(), verdict, words, source: source(rule, narrower) }
}

#[cfg(test)]
pub(crate) mod tests;
