//! A file that appears under its name only when it is whole, and what is needed to go on with it after a stop.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::cli::failure::Failure;
use crate::limits;
use crate::scrub::{Order, Place};

/// What is kept of a scrub that was stopped.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    /// How far it had come in the list.
    pub(super) place: Place,
    /// Bytes of the answer up to there.
    written: u64,
}

/// A file under way.
pub(super) struct Draft {
    path: PathBuf,
    file: File,
    written: u64,
    saved: Instant,
}

/// `list.csv.part` for `list.csv`.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// What an earlier run has left, which must have been given the same order, and whose every allow must still hold.
pub(super) fn find(path: &Path, order: &Order, now: DateTime<Utc>) -> anyhow::Result<Option<Kept>> {
    let state = beside(path, ".part.state");
    if !state.exists() {
        return Ok(None);
    }
    let shown = || state.display().to_string();
    let kept: Kept = serde_json::from_slice(&fs::read(&state).with_context(shown)?).with_context(shown)?;
    if kept.place.order != *order {
        return Err(refusal("the earlier run was given other options; run it again without --resume"));
    }
    if kept.place.tally.valid_until().is_some_and(|until| until <= now) {
        return Err(refusal("what the earlier run allowed holds no longer; run it again without --resume"));
    }
    Ok(Some(kept))
}

fn refusal(why: &str) -> anyhow::Error {
    Failure::Usage(why.to_owned()).into()
}

/// A file that its owner alone may read: it holds addresses.
fn create(path: &Path) -> anyhow::Result<File> {
    let opened = File::options().write(true).create(true).truncate(false).mode(0o600).open(path);
    opened.with_context(|| path.display().to_string())
}

impl Draft {
    /// A new file, or the one that an earlier run has left, cut to what was answered for certain.
    pub(super) fn open(path: &Path, kept: Option<&Kept>) -> anyhow::Result<Self> {
        let written = kept.map_or(0, |kept| kept.written);
        let mut file = create(&beside(path, ".part"))?;
        let whole = file.metadata()?.len() >= written;
        anyhow::ensure!(whole, "what the earlier run wrote is gone; run it again without --resume");
        file.set_len(written)?;
        file.seek(SeekFrom::End(0))?;
        if kept.is_none() {
            // A place in another answer must not be found with this one.
            remove(&beside(path, ".part.state"))?;
        }
        Ok(Self { path: path.to_owned(), file, written, saved: Instant::now() })
    }

    /// Writes the next part. Now and then the place is kept, once everything before it is on the disk.
    pub(super) fn write(&mut self, page: &[u8], place: impl FnOnce() -> Place) -> anyhow::Result<()> {
        self.file.write_all(page)?;
        self.written += page.len() as u64;
        if self.saved.elapsed() >= limits::SCRUB_SAVE {
            self.file.sync_data()?;
            let (state, fresh) = (beside(&self.path, ".part.state"), beside(&self.path, ".part.state.new"));
            let kept = serde_json::to_vec(&Kept { place: place(), written: self.written })?;
            let mut file = create(&fresh)?;
            file.set_len(0)?;
            file.write_all(&kept)?;
            file.sync_data()?;
            fs::rename(&fresh, &state)?;
            self.saved = Instant::now();
        }
        Ok(())
    }

    /// Gives the whole file its name. Its place is forgotten before: it must not be found without the file.
    pub(super) fn keep(self) -> anyhow::Result<()> {
        self.file.sync_all()?;
        remove(&beside(&self.path, ".part.state"))?;
        fs::rename(beside(&self.path, ".part"), &self.path).with_context(|| self.path.display().to_string())
    }
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::web::{Bytes, Query};
    use futures_util::stream;
    use serde_json::json;

    use super::*;
    use crate::scrub::{Format, Scrub, ScrubQuery};

    fn order(purpose: &str) -> Order {
        let query = Query::<ScrubQuery>::from_query(&format!("channel=sms&purpose={purpose}")).unwrap();
        Order::new(Format::Text, query.into_inner()).unwrap()
    }

    fn place() -> Place {
        Scrub::new(order("updates"), stream::empty::<anyhow::Result<Bytes>>(), ()).place()
    }

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn now() -> DateTime<Utc> {
        time("2026-11-23T12:00:00Z")
    }

    /// Begins a file whose place is kept.
    fn begin(path: &Path, place: impl FnOnce() -> Place) -> Draft {
        let mut draft = Draft::open(path, None).unwrap();
        draft.saved -= limits::SCRUB_SAVE;
        draft.write(b"kept", place).unwrap();
        draft
    }

    #[test]
    fn what_was_stopped_is_found_cut_to_its_place_and_gone_once_it_is_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("list.txt");
        let mut draft = begin(&path, place);
        draft.write(b"lost", place).unwrap();
        drop(draft);
        assert!(!path.exists() && find(&path, &order("security"), now()).is_err());
        let kept = find(&path, &order("updates"), now()).unwrap();
        let mut draft = Draft::open(&path, kept.as_ref()).unwrap();
        draft.write(b" on", place).unwrap();
        draft.keep().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"kept on");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        assert!(find(&path, &order("updates"), now()).unwrap().is_none());
    }

    #[test]
    fn nothing_is_gone_on_with_once_something_that_was_allowed_holds_no_longer() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("list.txt");
        let allowed = || {
            let mut place = place();
            place.tally = serde_json::from_value(json!({"allowed": 1, "valid_until": now()})).unwrap();
            place
        };
        drop(begin(&path, allowed));
        assert!(find(&path, &order("updates"), time("2026-11-23T11:59:59Z")).unwrap().is_some());
        let refused = find(&path, &order("updates"), now()).err().unwrap();
        assert!(matches!(refused.downcast_ref(), Some(Failure::Usage(why)) if why.contains("holds no longer")));
    }

    #[test]
    fn a_whole_file_that_did_not_get_its_name_is_begun_anew() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("list.txt");
        // What is in the way of the name stops it where a kill would.
        fs::create_dir(&path).unwrap();
        assert!(begin(&path, place).keep().is_err());
        fs::remove_dir(&path).unwrap();
        assert!(find(&path, &order("updates"), now()).unwrap().is_none());
        let mut draft = Draft::open(&path, None).unwrap();
        draft.write(b"anew", place).unwrap();
        draft.keep().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"anew");
    }
}
