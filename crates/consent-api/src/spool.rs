//! The spool: where what must not be lost waits until the ledger can take it.
//!
//! One sealed file a record: `length, CRC-32C, sealed submission`, written beside its final name, made durable, then
//! renamed. A record is deleted only after the ledger has it, and the ledger knows events by their names, so that a
//! crash between the two leads to a repeat and never to a loss or a second event.

mod came;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use consent_core::event::Event;
use consent_store::{AppendError, Ledger, SourceKey, StoreError, Submission};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::intake::{self, Taken};
use crate::{clock, limits};
use came::Came;

/// Associated data of the seal: a record opens as nothing else.
const PURPOSE: &[u8] = b"consent-ledger/spool/v1";

/// Why a record cannot be spooled or read.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The directory cannot be used.
    #[error("spool: {0}")]
    Io(#[from] std::io::Error),
    /// A record was damaged, or sealed under a key that is gone.
    #[error("a spool record cannot be read: {0}")]
    Unreadable(&'static str),
    /// The key directory failed.
    #[error(transparent)]
    Store(#[from] consent_store::StoreError),
}

/// What a record holds.
struct Kept {
    submission: Submission,
    /// When it came.
    came: Option<DateTime<Utc>>,
}

/// A spool directory.
#[derive(Clone)]
pub struct Spool {
    directory: PathBuf,
    ledger: Ledger,
    came: Came,
}

impl Spool {
    /// Opens the directory and proves that it can be written.
    pub fn open(directory: &Path, ledger: Ledger) -> Result<Self, SpoolError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let spool = Self { directory: directory.to_owned(), ledger, came: Came::default() };
        let probe = spool.directory.join(format!("probe-{}.tmp", clock::new_id()));
        write_durably(&probe, b"probe")?;
        fs::remove_file(probe)?;
        spool.waiting()?.iter().filter_map(|path| spool.read(path).ok()).for_each(|kept| spool.note(&kept));
        Ok(spool)
    }

    /// When this came first, if it waits.
    pub(crate) fn came(&self, submission: &Submission) -> Option<DateTime<Utc>> {
        self.came.first(submission)
    }

    fn note(&self, kept: &Kept) {
        if let Some(at) = kept.came {
            self.came.note(&kept.submission, at);
        }
    }

    /// Keeps a submission that came at this time, if not when its id was made. When this returns, it survives a power
    /// cut.
    pub async fn put(&self, submission: &Submission, arrived: Option<DateTime<Utc>>) -> Result<(), SpoolError> {
        let (id, kept_at) = (submission.event_id, arrived.unwrap_or_else(clock::now));
        let plain = encode(submission, kept_at)?;
        let is_first = self.came.note(submission, came(id, Some(kept_at)).unwrap_or(kept_at));
        let spool = self.clone();
        let written = tokio::task::spawn_blocking(move || {
            let sealed = spool.ledger.vault().seal_outside(&plain, PURPOSE)?;
            let length = (sealed.len() as u32).to_be_bytes();
            let record = [length.as_slice(), &crc32c::crc32c(&sealed).to_be_bytes(), &sealed].concat();
            let waiting = spool.directory.join(format!("{id}.tmp"));
            write_durably(&waiting, &record)?;
            fs::rename(&waiting, spool.directory.join(format!("{id}.rec")))?;
            fs::File::open(&spool.directory)?.sync_all()?;
            Ok(())
        });
        let written = written.await.unwrap_or(Err(SpoolError::Unreadable("the writer panicked")));
        written.inspect_err(|_| {
            if is_first {
                self.came.forget(submission)
            }
        })
    }

    /// The records that wait, oldest first: their ids are in order of time.
    pub fn waiting(&self) -> Result<Vec<PathBuf>, SpoolError> {
        let files = fs::read_dir(&self.directory)?.collect::<Result<Vec<_>, _>>()?;
        let mut paths: Vec<_> = files.into_iter().map(|file| file.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "rec"));
        paths.sort();
        Ok(paths)
    }

    fn read(&self, path: &Path) -> Result<Kept, SpoolError> {
        let record = fs::read(path)?;
        let (head, sealed) = record.split_first_chunk::<8>().ok_or(SpoolError::Unreadable("it is too short"))?;
        let [length, crc] = [[head[0], head[1], head[2], head[3]], [head[4], head[5], head[6], head[7]]];
        if u32::from_be_bytes(length) as usize != sealed.len() || u32::from_be_bytes(crc) != crc32c::crc32c(sealed) {
            return Err(SpoolError::Unreadable("its checksum does not fit"));
        }
        decode(&self.ledger.vault().open_outside(sealed, PURPOSE)?)
    }

    /// Hands waiting records to the ledger; returns how many still wait.
    ///
    /// A record that cannot be handed over stays, and keeps none behind it from being handed over.
    pub async fn drain(&self) -> Result<usize, SpoolError> {
        for path in self.waiting()? {
            match self.read(&path) {
                Ok(kept) => {
                    self.note(&kept);
                    if !self.hand_over(kept, &path).await? {
                        break;
                    }
                }
                Err(SpoolError::Unreadable(why)) => {
                    tracing::error!(why, "a spool record is set aside for an operator");
                    metrics::counter!("spool_unreadable_total").increment(1);
                    fs::rename(&path, path.with_extension("bad"))?;
                }
                Err(error) => tracing::error!(%error, "a spool record waits for its key"),
            }
        }
        Ok(self.waiting()?.len())
    }

    /// Hands one record to the ledger and deletes it once it is there. `false` if the ledger takes nothing now: the
    /// rest would only wait for it one after the other.
    async fn hand_over(&self, kept: Kept, path: &Path) -> Result<bool, SpoolError> {
        match self.record(&kept).await {
            Ok(()) => {
                fs::remove_file(path)?;
                self.came.forget(&kept.submission);
            }
            Err(AppendError::Store(error)) if !matches!(*error, StoreError::Unavailable) => {
                tracing::error!(%error, "a spool record is not taken by the ledger");
            }
            Err(error) => {
                tracing::warn!(%error, "the spool waits");
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Records what was kept, with the time from which it counts; where another event has its name by now, what it takes
    /// away under another.
    async fn record(&self, kept: &Kept) -> Result<(), AppendError> {
        let mut submission = kept.submission.clone();
        loop {
            submission = match self.append(&submission, kept.came).await? {
                Some(Taken::Same) => return Ok(()),
                Some(Taken::Later) => intake::told_again(submission),
                Some(Taken::Otherwise) if submission.event.kind.forbids() => intake::renamed(submission),
                Some(Taken::Otherwise) => return Ok(()),
                None => break,
            };
        }
        // A choice that gives as well counts from when it came. What it takes away counts from now, as all that forbids.
        if submission.event.kind.forbids() && !submission.event.kind.narrows() {
            self.append(&intake::renamed(submission), None).await?;
        }
        Ok(())
    }

    /// Records a submission, unless its name is taken. It may be by itself: the append that timed out may have been
    /// committed, or it was sent again meanwhile.
    async fn append(&self, submission: &Submission, came: Option<DateTime<Utc>>) -> Result<Option<Taken>, AppendError> {
        match self.ledger.append(intake::dated(submission, came)).await {
            Ok(_) => Ok(None),
            Err(AppendError::Conflict(first)) => intake::taken(&self.ledger, submission, came, first).await.map(Some),
            Err(error) => Err(error),
        }
    }

    /// Whether a record waits for longer than an outage should last.
    pub fn is_stuck(&self) -> bool {
        let age = |path: &PathBuf| fs::metadata(path).and_then(|file| file.modified()).ok()?.elapsed().ok();
        let oldest = self.waiting().ok().and_then(|waiting| waiting.first().and_then(age));
        oldest.is_some_and(|age| age > limits::SPOOL_PATIENCE)
    }

    /// Drains the spool for ever.
    pub async fn keep_draining(self) {
        loop {
            match self.drain().await {
                Ok(left) => metrics::gauge!("spool_records").set(left as f64),
                Err(error) => tracing::error!(%error, "the spool cannot be drained"),
            }
            tokio::time::sleep(limits::SPOOL_PAUSE).await;
        }
    }
}

fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// When something came. Its id is made then; it is kept once the ledger did not take it in time.
fn came(event_id: Uuid, kept_at: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    clock::made_at(event_id).into_iter().chain(kept_at).min()
}

fn encode(submission: &Submission, kept_at: DateTime<Utc>) -> Result<Vec<u8>, SpoolError> {
    let event = submission.event.to_json().map_err(|_| SpoolError::Unreadable("the event is not JSON"))?;
    let key = submission.key.as_ref().map(|name| json!({"source": name.source, "key": name.key}));
    let record = json!({"event_id": submission.event_id, "key": key, "event": event, "spooled_at": kept_at});
    Ok(record.to_string().into_bytes())
}

fn decode(bytes: &[u8]) -> Result<Kept, SpoolError> {
    let unreadable = || SpoolError::Unreadable("it is not a submission");
    let mut record: Value = serde_json::from_slice(bytes).map_err(|_| unreadable())?;
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let key = match &record["key"] {
        Value::Null => None,
        name => Some(SourceKey {
            source: text(&name["source"]).ok_or_else(unreadable)?,
            key: text(&name["key"]).ok_or_else(unreadable)?,
        }),
    };
    let event_id: Uuid = record["event_id"].as_str().and_then(|id| id.parse().ok()).ok_or_else(unreadable)?;
    let event = Event::from_json(record["event"].take()).map_err(|_| unreadable())?;
    let event = intake::named(event, key.as_ref(), event_id);
    let kept_at = record["spooled_at"].as_str().and_then(|time| time.parse().ok());
    Ok(Kept { submission: Submission { event, event_id, key }, came: came(event_id, kept_at) })
}
