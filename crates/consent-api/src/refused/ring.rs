//! One ring of files, bounded in number, bytes, age, and in how fast it takes them.

use std::collections::VecDeque;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::{clock, limits};

const ENDING: &str = "sealed";

/// A folder of sealed requests; the oldest goes when a bound is reached.
pub(super) struct Ring {
    folder: PathBuf,
    kept: Mutex<Kept>,
    leave: Mutex<Leave>,
}

#[derive(Default)]
struct Kept {
    /// File and size, oldest first.
    files: VecDeque<(PathBuf, usize)>,
    bytes: usize,
}

/// How much more may come now. It fills up slowly.
struct Leave {
    pieces: f64,
    at: Instant,
}

impl Ring {
    /// Opens the folder, and deletes what is too old or too much.
    pub(super) fn open(folder: &Path) -> std::io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let files = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
        let mut paths: Vec<_> = files.into_iter().map(|file| file.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == ENDING));
        paths.sort();
        let mut kept = Kept::default();
        for path in paths {
            if is_old(&path) {
                fs::remove_file(&path)?;
            } else {
                kept.push(path.clone(), fs::metadata(&path)?.len() as usize);
            }
        }
        kept.shrink();
        let leave = Leave { pieces: f64::from(limits::REFUSED_BURST), at: Instant::now() };
        Ok(Self { folder: folder.to_owned(), kept: Mutex::new(kept), leave: Mutex::new(leave) })
    }

    /// Whether a request of so many bytes may come in now. It counts from then on.
    pub(super) fn admits(&self, size: usize) -> bool {
        lock(&self.leave).take(size, Instant::now())
    }

    /// Keeps a request, in place of the oldest if need be.
    pub(super) fn put(&self, sealed: &[u8]) -> std::io::Result<()> {
        // Under the lock, so that ids are in the order of the list.
        let mut kept = lock(&self.kept);
        let path = self.folder.join(format!("{}.{ENDING}", clock::new_id()));
        kept.push(path.clone(), sealed.len());
        kept.shrink();
        // Should the process end in the middle of it, the seal says so.
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(sealed)
    }

    /// Its files, oldest first.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        lock(&self.kept).files.iter().map(|(path, _)| path.clone()).collect()
    }

    /// Deletes a file, if it is one of these.
    pub(super) fn forget(&self, path: &Path) {
        let mut kept = lock(&self.kept);
        if let Some(at) = kept.files.iter().position(|(file, _)| file == path) {
            kept.remove(at);
        }
    }
}

impl Kept {
    fn push(&mut self, path: PathBuf, size: usize) {
        self.files.push_back((path, size));
        self.bytes += size;
    }

    fn shrink(&mut self) {
        while self.files.len() > limits::REFUSED || self.bytes > limits::REFUSED_TOTAL {
            self.remove(0);
        }
    }

    fn remove(&mut self, at: usize) {
        let Some((path, size)) = self.files.remove(at) else { return };
        self.bytes -= size;
        // Gone is gone, whoever did it.
        let _ = fs::remove_file(path);
    }
}

impl Leave {
    fn take(&mut self, size: usize, now: Instant) -> bool {
        let earned = now.saturating_duration_since(self.at).as_secs_f64() * limits::REFUSED_A_SECOND;
        (self.pieces, self.at) = ((self.pieces + earned).min(f64::from(limits::REFUSED_BURST)), now);
        let pieces = size.div_ceil(limits::REFUSED_PIECE).max(1) as f64;
        let admitted = self.pieces >= pieces;
        if admitted {
            self.pieces -= pieces;
        }
        admitted
    }
}

fn is_old(path: &Path) -> bool {
    let age = fs::metadata(path).and_then(|file| file.modified()).ok().and_then(|time| time.elapsed().ok());
    age.is_some_and(|age| age > limits::REFUSED_AGE)
}

/// A thread that failed in the middle leaves at worst a file too few in the list.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn ring() -> (tempfile::TempDir, Ring) {
        let directory = tempfile::tempdir().unwrap();
        let ring = Ring::open(&directory.path().join("ring")).unwrap();
        (directory, ring)
    }

    fn on_disk(ring: &Ring) -> usize {
        fs::read_dir(&ring.folder).unwrap().count()
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let (_directory, ring) = ring();
        for n in 0..limits::REFUSED + 3 {
            ring.put(&n.to_be_bytes()).unwrap();
        }
        let paths = ring.paths();
        assert_eq!((paths.len(), on_disk(&ring)), (limits::REFUSED, limits::REFUSED));
        assert_eq!(fs::read(&paths[0]).unwrap(), 3_usize.to_be_bytes());
        let again = Ring::open(&ring.folder).unwrap();
        assert_eq!(again.paths(), paths);
        again.forget(&paths[0]);
        assert_eq!((again.paths().len(), on_disk(&again)), (limits::REFUSED - 1, limits::REFUSED - 1));
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many_bytes() {
        let (_directory, ring) = ring();
        let large = vec![0; limits::REFUSED_TOTAL / 4];
        (0..6).for_each(|_| ring.put(&large).unwrap());
        assert_eq!((ring.paths().len(), on_disk(&ring)), (4, 4));
    }

    #[test]
    fn what_is_too_old_goes_at_the_next_start() {
        let (_directory, ring) = ring();
        (0..2).for_each(|_| ring.put(b"x").unwrap());
        let old = std::time::SystemTime::from(clock::now()) - limits::REFUSED_AGE - Duration::from_secs(60);
        let paths = ring.paths();
        fs::File::options().write(true).open(&paths[0]).unwrap().set_modified(old).unwrap();
        assert_eq!(Ring::open(&ring.folder).unwrap().paths(), paths[1..]);
        assert_eq!(on_disk(&ring), 1);
    }

    #[test]
    fn a_flood_is_let_in_drop_by_drop_and_large_requests_count_more() {
        let now = Instant::now();
        let burst = limits::REFUSED_BURST as usize;
        let mut leave = Leave { pieces: burst as f64, at: now };
        let admitted = |leave: &mut Leave, size, now| (0..2 * burst).filter(|_| leave.take(size, now)).count();
        assert_eq!(admitted(&mut leave, 100, now), burst);
        assert_eq!(
            admitted(&mut leave, 100, now + Duration::from_secs(10)),
            (10.0 * limits::REFUSED_A_SECOND) as usize
        );
        let rested = now + Duration::from_secs(1_000_000);
        let pieces = limits::REFUSED_BYTES.div_ceil(limits::REFUSED_PIECE);
        assert_eq!(admitted(&mut leave, limits::REFUSED_BYTES, rested), burst / pieces);
    }
}
