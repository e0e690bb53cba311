//! Restrictions to storage (GDPR Art 18), from their start to a lift that was announced.

use chrono::{DateTime, Utc};
use consent_core::event::EventKind;

use super::facts::Fact;
use super::history::History;
use super::links::Links;

/// One step in the life of a restriction.
struct Step<'a> {
    kind: StepKind,
    ground: Option<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum StepKind {
    Started,
    Announced,
    Lifted,
}

/// Every restriction with the time at which it ended, if it did: at the first lift of which the person had been told
/// before (GDPR Art 18(3)). A lift without notice ends nothing.
pub(super) fn gather(history: &History<'_>, links: &Links) -> Vec<Fact<Option<DateTime<Utc>>>> {
    let steps: Vec<Fact<Step<'_>>> =
        history.standing().filter_map(|said| Some(Fact::of(said, links, step(&said.event().kind)?))).collect();
    let started = steps.iter().filter(|step| step.what.kind == StepKind::Started);
    started.map(|start| start.with(end(start, &steps))).collect()
}

fn step(kind: &EventKind) -> Option<Step<'_>> {
    let (kind, ground) = match kind {
        EventKind::RestrictionStarted(step) => (StepKind::Started, &step.ground),
        EventKind::RestrictionLiftNotified(step) => (StepKind::Announced, &step.ground),
        EventKind::RestrictionLifted(step) => (StepKind::Lifted, &step.ground),
        _ => return None,
    };
    Some(Step { kind, ground: ground.as_deref() })
}

/// On a tie the restriction stands.
fn end(start: &Fact<Step<'_>>, steps: &[Fact<Step<'_>>]) -> Option<DateTime<Utc>> {
    let of = |kind: StepKind| {
        steps.iter().filter(move |step| step.what.kind == kind && step.at > start.at && concerns(step, start))
    };
    let announced = of(StepKind::Announced).map(|notice| notice.at).min()?;
    of(StepKind::Lifted).map(|lift| lift.at).filter(|at| *at > announced).min()
}

/// Whether a step is about this restriction: the same person, and not another ground.
fn concerns(step: &Fact<Step<'_>>, start: &Fact<Step<'_>>) -> bool {
    let grounds = (step.what.ground, start.what.ground);
    start.same_person(step) && !matches!(grounds, (Some(one), Some(other)) if one != other)
}

impl<T> Fact<T> {
    /// The same fact, saying something else.
    fn with<U>(&self, what: U) -> Fact<U> {
        Fact { cited: self.cited, at: self.at, about: self.about.clone(), what }
    }
}
