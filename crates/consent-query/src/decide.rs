//! From question and standing to decision.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::decision::{DecidedBy, Decision, Finding, Found};
use crate::limits::LOOK_AHEAD;
use crate::matter::Matter;
use crate::question::Question;
use crate::reason::Reason;
use crate::rules::{Allowance, Intake, Judge, Objection, RULES, Rule, Rules, Verdict};
use crate::standing::Standing;
use crate::zones::{Zones, tzdb_version};

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
    let hearing = Hearing::of(|rule| match (rule.judge, &matter) {
        (Judge::Intake(judge), _) => Some(judge(&intake)),
        (Judge::Merits(judge), Some(matter)) => Some(judge(matter)),
        (Judge::Merits(_), None) => None,
    });
    let explanation = question.explain.then(|| hearing.findings(matter.is_some()));
    let zones = || matter.as_ref().map(|matter| matter.whereabouts().zones.clone()).unwrap_or_default();
    let decision = match hearing.upshot() {
        Upshot::Allow(rule, allowance) => Decision {
            valid_until: matter.as_ref().map(|matter| valid_until(question, allowance, matter)),
            zones: if allowance.by_local_time { zones() } else { Zones::new() },
            ..allow(rule, allowance)
        },
        Upshot::Deny(rule, first) => {
            let again = hearing.end_of_all().zip(matter.as_ref());
            Decision {
                next_eligible_at: again.and_then(|(end, matter)| first_allow(matter, end)),
                zones: if hearing.objections().any(|one| one.by_local_time) { zones() } else { Zones::new() },
                also_blocking: hearing.also_blocking(first),
                ..deny(rule, first)
            }
        }
        Upshot::Silence => blank(Reason::NoConsent, "silence", 0, SmolStr::new_static("design rule: silence is no")),
    };
    let tzdb = (!decision.zones.is_empty()).then(|| tzdb_version().into());
    let rule = DecidedBy { version: rules.version().clone(), ..decision.rule };
    Decision { position, decision_id: question.id, explanation, tzdb, rule, ..decision }
}

/// What the rules said, up to and including the first that allows.
struct Hearing {
    /// The rules that said something, in their order.
    spoken: SmallVec<[(&'static Rule, Verdict); 3]>,
    /// How many rules of the list were asked.
    asked: usize,
}

/// What a hearing comes to.
enum Upshot<'a> {
    /// A rule allows and none before it objects.
    Allow(&'static Rule, &'a Allowance),
    /// The first objection.
    Deny(&'static Rule, &'a Objection),
    /// No rule speaks.
    Silence,
}

impl Hearing {
    /// What these say, one rule after the other, up to the first that allows.
    fn of(judge: impl Fn(&Rule) -> Option<Verdict>) -> Self {
        let mut hearing = Self { spoken: SmallVec::new(), asked: 0 };
        for rule in RULES {
            hearing.asked += 1;
            match judge(rule) {
                None | Some(Verdict::Silent) => {}
                Some(verdict) => {
                    let allowed = matches!(verdict, Verdict::Allow(_));
                    hearing.spoken.push((rule, verdict));
                    if allowed {
                        break;
                    }
                }
            }
        }
        hearing
    }

    fn objections(&self) -> impl Iterator<Item = &Objection> {
        self.spoken.iter().flat_map(|(_, verdict)| verdict.objections())
    }

    fn upshot(&self) -> Upshot<'_> {
        match self.spoken.first() {
            Some((rule, Verdict::Deny { first, .. })) => Upshot::Deny(rule, first),
            Some((rule, Verdict::Allow(allowance))) => Upshot::Allow(rule, allowance),
            Some((_, Verdict::Silent)) | None => Upshot::Silence,
        }
    }

    /// The other reasons, each once.
    fn also_blocking(&self, first: &Objection) -> SmallVec<[Reason; 8]> {
        let mut others = SmallVec::new();
        for other in self.objections() {
            if other.reason != first.reason && !others.contains(&other.reason) {
                others.push(other.reason);
            }
        }
        others
    }

    /// When the last of the objections ends. Waiting helps only if it cures every one.
    fn end_of_all(&self) -> Option<DateTime<Utc>> {
        let mut ends = self.objections().map(|objection| objection.next_eligible_at);
        ends.try_fold(None, |latest, end| Some(latest.max(Some(end?))))?
    }

    /// What each rule found that was asked; those that look at a person only if there was one to look at.
    fn findings(&self, on_merits: bool) -> Vec<Finding> {
        let asked = RULES.iter().take(self.asked).filter(|rule| on_merits || matches!(rule.judge, Judge::Intake(_)));
        let verdict = |rule: &Rule| self.spoken.iter().find(|(spoken, _)| spoken.id == rule.id);
        asked.map(|rule| finding(rule, verdict(rule).map_or(&Verdict::Silent, |(_, verdict)| verdict))).collect()
    }
}

fn allow(rule: &'static Rule, allowance: &Allowance) -> Decision {
    let relied_on = allowance.relied_on.clone();
    Decision { relied_on, ..blank(allowance.reason, rule.id, rule.number, source(rule, allowance.source.as_ref())) }
}

fn deny(rule: &'static Rule, first: &Objection) -> Decision {
    let relied_on = first.relied_on.clone();
    Decision { relied_on, ..blank(first.reason, rule.id, rule.number, source(rule, first.source.as_ref())) }
}

/// The first moment, from this one on, at which the rules allow if nothing new is recorded: where one objection ends
/// another may begin, and a consent may run out while a window is awaited. An objection that ends does so later than
/// the moment at which it is made, so every step leads on.
fn first_allow(matter: &Matter<'_>, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut moment = from;
    for _ in 0..LOOK_AHEAD {
        let then = matter.at(moment);
        let hearing = Hearing::of(|rule| match rule.judge {
            Judge::Merits(judge) => Some(judge(&then)),
            Judge::Intake(_) => None,
        });
        moment = match hearing.upshot() {
            Upshot::Allow(..) => return Some(moment),
            Upshot::Deny(..) => hearing.end_of_all()?,
            Upshot::Silence => return None,
        };
    }
    None
}

/// The law behind a finding: that of the row or event, if it is narrower than that of the rule.
fn source(rule: &'static Rule, narrower: Option<&SmolStr>) -> SmolStr {
    narrower.cloned().unwrap_or(SmolStr::new_static(rule.source))
}

/// A decision with nothing but its reason.
fn blank(reason: Reason, id: &'static str, number: u8, source: SmolStr) -> Decision {
    Decision {
        decision: reason.answer(),
        reason,
        also_blocking: SmallVec::new(),
        rule: DecidedBy { id: id.into(), number, version: SmolStr::default(), source },
        relied_on: SmallVec::new(),
        zones: Zones::new(),
        tzdb: None,
        valid_until: None,
        next_eligible_at: None,
        position: 0,
        decision_id: uuid::Uuid::nil(),
        explanation: None,
    }
}

/// An allow lives from the latest moment it knows about, which in a question about the past is not `now`. Whatever it
/// rests on, it ends when a withdrawal is no longer lifted: from then on that one may speak again.
fn valid_until(question: &Question, allowance: &Allowance, matter: &Matter<'_>) -> DateTime<Utc> {
    let known = [question.as_of, question.known_at].into_iter().flatten().fold(matter.now, DateTime::min);
    let longest = known + matter.rules.settings().max_ttl.delta();
    let ends = [allowance.until, matter.lifted_until(), matter.rules.next_change(known)];
    ends.into_iter().flatten().fold(longest, DateTime::min)
}

fn finding(rule: &'static Rule, verdict: &Verdict) -> Finding {
    let (verdict, words, narrower) = match verdict {
        Verdict::Silent => (Found::Silent, rule.silent.into(), None),
        Verdict::Allow(allowance) => (Found::Allow, allowance.reason.words().into(), allowance.source.as_ref()),
        Verdict::Deny { first, .. } => {
            let mut sentences: Vec<Cow<'static, str>> = Vec::new();
            for objection in verdict.objections() {
                let sentence = objection.sentence();
                if !sentences.contains(&sentence) {
                    sentences.push(sentence);
                }
            }
            (Found::Deny, sentences.join(" ").into(), first.source.as_ref())
        }
    };
    Finding { rule: rule.id.into(), verdict, words, source: source(rule, narrower) }
}

#[cfg(test)]
pub(crate) mod tests;
