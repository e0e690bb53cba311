//! What answers from memory, as the measurements see it: the only file that knows how.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use consent_api::server;
use consent_core::address::Identity;
use consent_core::codec::Hash;
use consent_core::event::Recorded;
use consent_query::decision::Decision;
use consent_query::index::snapshot::{self, Snapshot};
use consent_query::index::{Index, Memory, Prepared};
use consent_query::question::Question;
use consent_query::reader::{Freshness, Live, Owner, Reader};
use consent_query::reason::Answer;
use consent_query::rules::Rules;
use consent_store::Ledger;
use tokio::runtime::Runtime;

use crate::generator::Generator;
use crate::place::{Place, runtime};

/// Stands where the root of a ledger would, of which there is only an index.
const NO_ROOT: Hash = [0; 32];
/// People of a list who are asked about before the head is proved again, as in the service.
const BLOCK: usize = 500;

/// An empty ledger, whose index knows people all the same.
pub struct Subject {
    runtime: Runtime,
    ledger: Ledger,
    live: Live,
    reader: Reader,
    _place: Place,
}

/// Events that are made up before they are taken in. Few: they lie in the same memory as what is measured.
const AT_ONCE: usize = 256;
/// Such portions that wait to be taken in.
const AHEAD: usize = 4;

/// How much was taken in.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    /// Events.
    pub events: u64,
    /// Seconds that it took, without those in which the events were made up and prepared.
    pub seconds: f64,
}

/// An event that is ready to be taken in, and whom those are about that it refers to.
type Ready = (Prepared, Vec<Identity>);

fn prepare(index: &Index, event: &Recorded) -> Ready {
    let prepared = index.prepare(event);
    // In these stories an event refers to one about the same person.
    let about = if prepared.references().is_empty() { Vec::new() } else { event.event.identities() };
    (prepared, about)
}

fn take_in(index: &Index, (event, about): &Ready) -> anyhow::Result<()> {
    Ok(index.apply(event, about)?)
}

/// Has an index take in the events of a simulated ledger, behind what it has already. They are made up and prepared on
/// another core, as those of a real ledger are opened and prepared on others.
pub fn fill(index: &Index, people: Generator) -> anyhow::Result<Taken> {
    let first = index.position();
    let (next, made_up) = sync_channel::<anyhow::Result<Vec<Ready>>>(AHEAD);
    let taken = std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut events = people.ledger(first).map(|event| Ok(prepare(index, &event?))).peekable();
            while events.peek().is_some() {
                // Nobody listens any more after an error on the other side, which is reported there.
                if next.send(events.by_ref().take(AT_ONCE).collect()).is_err() {
                    break;
                }
            }
        });
        let mut taken = Taken { events: 0, seconds: 0.0 };
        for some in made_up {
            let (some, began) = (some?, Instant::now());
            some.iter().try_for_each(|event| take_in(index, event))?;
            taken.seconds += began.elapsed().as_secs_f64();
            taken.events += some.len() as u64;
        }
        anyhow::Ok(taken)
    })?;
    ensure!(index.is_sound(), "the index cannot be relied on");
    Ok(taken)
}

impl Subject {
    /// One that knows nobody.
    pub fn empty(directory: &Path) -> anyhow::Result<Self> {
        let (place, runtime) = (Place::create(directory, None)?, runtime()?);
        let config = place.config()?;
        let ledger = runtime.block_on(server::open_ledger(&config))?;
        let live = Live::new(&ledger, Owner::ThisProcess).context("no pepper")?;
        runtime.block_on(live.catch_up())?;
        let rules = Arc::new(Rules::embedded()?);
        let reader = Reader::new(ledger.clone(), rules, config.check.deadline(), || false).with_index(live.clone());
        Ok(Self { runtime, ledger, live, reader, _place: place })
    }

    /// Takes a whole simulated ledger in.
    pub fn take_in(&self, people: Generator) -> anyhow::Result<Taken> {
        fill(self.live.index(), people)
    }

    /// How many entries its index has taken in.
    pub fn position(&self) -> u64 {
        self.live.index().position()
    }

    /// Takes in the next events.
    pub fn take_in_these(&self, events: &[Recorded]) -> anyhow::Result<()> {
        let index = self.live.index();
        events.iter().try_for_each(|event| take_in(index, &prepare(index, event)))?;
        ensure!(self.live.index().is_sound(), "the index cannot be relied on");
        Ok(())
    }

    /// What the index says that it takes.
    pub fn memory(&self) -> Memory {
        self.live.index().memory()
    }

    /// Answers questions, one after the other.
    pub fn answer(&self, questions: &[Question], now: DateTime<Utc>) -> Vec<Decision> {
        self.runtime.block_on(async {
            let mut decisions = Vec::with_capacity(questions.len());
            for question in questions {
                decisions.push(self.reader.ask(question, now, Freshness::default()).await);
            }
            decisions
        })
    }

    /// Asks one question about many, as a scrub does; returns how many may be contacted.
    pub fn scrub(&self, people: &[Identity], question: Question, now: DateTime<Utc>) -> anyhow::Result<u64> {
        self.runtime.block_on(async {
            let (mut bulk, mut allowed) = (self.reader.bulk::<Decision>(question), 0);
            for block in people.chunks(BLOCK) {
                ensure!(bulk.begin(now).await.unwrap_or(false), "the index cannot answer");
                for who in block {
                    let answer = bulk.ask(who).context("somebody is not in the index")?;
                    allowed += u64::from(answer.decision == Answer::Allow);
                }
            }
            Ok(allowed)
        })
    }

    /// Writes a snapshot.
    pub fn save(&self, path: &Path) -> anyhow::Result<()> {
        Ok(snapshot::write(&self.live.index().capture(), &NO_ROOT, self.ledger.vault(), path)?)
    }

    /// Reads a snapshot; returns the number of entries in it.
    pub fn load(&self, path: &Path) -> anyhow::Result<u64> {
        let pepper = self.ledger.vault().keys().peppers().first().context("no pepper")?.clone();
        let snapshot = Snapshot::open(path)?.context("no snapshot")?;
        Ok(snapshot.read(self.ledger.vault(), pepper)?.position())
    }
}

/// Reads a whole real ledger, as a start without a snapshot does: seconds, and events a second.
pub fn rebuild(place: &Place) -> anyhow::Result<(f64, f64)> {
    runtime()?.block_on(async {
        let ledger = server::open_ledger(&place.config()?).await?;
        let (live, began) = (Live::new(&ledger, Owner::ThisProcess).context("no pepper")?, Instant::now());
        live.catch_up().await?;
        let seconds = began.elapsed().as_secs_f64();
        ensure!(live.is_ready(), "the index did not catch up");
        Ok((seconds, live.index().position() as f64 / seconds))
    })
}
