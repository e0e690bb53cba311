//! Where it was measured, and with what.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::bail;

use crate::bench::Bench;

/// The lines above the table.
pub fn describe(bench: &Bench) -> anyhow::Result<String> {
    let quantities = &bench.quantities;
    let cores =
        if bench.cores.are_apart() { "server and load on one core each" } else { "SERVER AND LOAD ON ONE CORE" };
    let redis = if bench.redis { version("redis-server", &["--version"]) } else { "left out (--without redis)".into() };
    Ok(format!(
        "machine      {} cores, {}, Linux {}; {cores}\n\
         files        {} ({})\n\
         versions     {}, {}, SQLite {}, Redis {redis}, {} build\n\
         data         {} contacts simulated, {} recorded, lists of {} and {} rows, seed {}\n\
         protocol     {} rounds asked for, the sides of each in random order, none with more than {:.0} % foreign CPU\n",
        bench.cores.all.len(),
        processor(),
        read("/proc/sys/kernel/osrelease"),
        bench.directory.display(),
        file_system(&bench.directory)?,
        version("rustc", &["--version"]),
        version("postgres", &["--version"]),
        sqlite()?,
        if cfg!(debug_assertions) { "debug (figures mean nothing)" } else { "release" },
        quantities.contacts,
        quantities.recorded,
        quantities.list,
        quantities.short_list,
        bench.seed,
        bench.rounds,
        crate::limits::FOREIGN * 100.0,
    ))
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

fn processor() -> String {
    let text = read("/proc/cpuinfo");
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or_else(|| "unknown processor".to_owned(), |(_, name)| name.trim().to_owned())
}

/// What a program says of itself; PostgreSQL of Debian is not in the path.
fn version(program: &str, arguments: &[&str]) -> String {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = installed.map(|entry| entry.path().join("bin").join(program)).filter(|path| path.exists()).max();
    let said = Command::new(newest.unwrap_or_else(|| program.into())).args(arguments).output();
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned());
    said.unwrap_or_else(|_| format!("{program} is missing"))
}

fn sqlite() -> anyhow::Result<String> {
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let mut conn = SqliteConnection::establish(":memory:")?;
    let row: Row = diesel::sql_query("SELECT sqlite_version() AS version").get_result(&mut conn)?;
    Ok(row.version)
}

/// The file system of a directory, by the longest mount point above it.
pub fn file_system(directory: &Path) -> anyhow::Result<String> {
    let directory = directory.canonicalize()?;
    let mounts = fs::read_to_string("/proc/mounts")?;
    let found = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (point, kind) = (words.next()?, words.next()?);
        directory.starts_with(point).then(|| (point.len(), kind.to_owned()))
    });
    Ok(found.max_by_key(|(length, _)| *length).map_or_else(|| "unknown".to_owned(), |(_, kind)| kind))
}

/// Refuses a directory that is in memory: nothing is durable there, and every figure would flatter.
pub fn demand_a_disk(directory: &Path) -> anyhow::Result<()> {
    let kind = file_system(directory)?;
    if ["tmpfs", "ramfs", "devtmpfs", "overlay-tmpfs"].contains(&kind.as_str()) {
        bail!("{} lies in memory ({kind}): name a directory on a disk with --directory", directory.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durability_is_not_measured_in_memory() {
        if Path::new("/dev/shm").exists() && file_system(Path::new("/dev/shm")).unwrap() == "tmpfs" {
            assert!(demand_a_disk(Path::new("/dev/shm")).is_err());
        }
        assert_eq!(file_system(Path::new("/proc")).unwrap(), "proc");
    }
}
