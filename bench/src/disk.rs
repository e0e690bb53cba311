//! What the disk itself can do.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Instant;

use crate::machine;
use crate::rounds::Figures;

/// Writes a page and has it on the disk, many times over: `p50` and `rate`.
pub fn fdatasync(directory: &Path, times: u64) -> anyhow::Result<Figures> {
    machine::demand_a_disk(directory)?;
    let mut file = tempfile::tempfile_in(directory)?;
    // Laid out before: a log that is written again and again does not grow either.
    file.write_all(&vec![0; 4096 * 64])?;
    file.sync_all()?;
    let mut took = Vec::new();
    let began = Instant::now();
    for time in 0..times {
        took.push(one(&mut file, time)?);
    }
    let rate = times as f64 / began.elapsed().as_secs_f64();
    took.sort_by(f64::total_cmp);
    let p50 = took.get(took.len() / 2).copied().unwrap_or(f64::NAN);
    Ok(Figures::from([("rate", rate), ("p50", p50)]))
}

fn one(file: &mut File, time: u64) -> anyhow::Result<f64> {
    let began = Instant::now();
    file.seek(SeekFrom::Start(time % 64 * 4096))?;
    file.write_all(&[time as u8; 4096])?;
    file.sync_data()?;
    Ok(began.elapsed().as_secs_f64())
}
