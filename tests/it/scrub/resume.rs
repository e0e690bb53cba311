//! A scrub at the command line that is killed and started again.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use consent_tests::app::{PATIENCE, TestApp, tell};
use consent_tests::database::Kind;
use consent_tests::dice::Dice;
use consent_tests::people::person;
use serde_json::Value;

use super::PROGRAM;

/// Rows of the list: each start reads what was answered before, a little at a time, and some seconds of it are new.
const ROWS: u32 = 12_000;
/// How often it is killed.
const KILLS: usize = 3;

/// A list with all kinds of rows, some of several lines.
fn list() -> String {
    let row = |n: u32| match n % 7 {
        0 => format!("\"of\ntwo lines {n}\",{}\r\n", person(n % 5).phone),
        1 => format!("broken \"{n}\n"),
        2 => "\n".to_owned(),
        _ => format!("Name {n},{}\n", person(n % 11).phone),
    };
    std::iter::once("name,phone\n".to_owned()).chain((0..ROWS).map(row)).collect()
}

fn scrub(list: &Path, folder: &Path, config: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().arg("scrub").arg(list).args([
        "--channel",
        "sms",
        "--purpose",
        "transactional",
        "--return",
        "all",
    ]);
    command.arg("--output").arg(folder.join("out.csv")).arg("--report").arg(folder.join("report.json"));
    command.args(["--resume", "--config"]).arg(config);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// What a scrub has left: its output, and its report without what depends on the time.
fn left(folder: &Path) -> (Vec<u8>, Value) {
    let mut report: Value = serde_json::from_slice(&fs::read(folder.join("report.json")).unwrap()).unwrap();
    for field in ["decided_at", "valid_until", "output", "seconds", "rows_per_second"] {
        assert!(report.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    (fs::read(folder.join("out.csv")).unwrap(), report)
}

/// Lets the program read so much of the list by a pipe that it has kept its place, and a bit more; then kills it.
fn kill_in_the_middle(mut running: Child, pipe: &Path, list: &str, state: &Path, dice: &mut Dice) {
    let before = fs::read(state).unwrap_or_default();
    let mut pipe = File::options().write(true).open(pipe).unwrap();
    let mut rest = list.as_bytes();
    let end = Instant::now() + PATIENCE;
    // It keeps its place about once a second: a little at a time, so that this falls between two of its rows.
    while fs::read(state).unwrap_or_default() == before {
        let (piece, after) = rest.split_at((1 + dice.below(3_000)).min(rest.len()));
        assert!(!piece.is_empty() && Instant::now() < end, "it never keeps its place");
        pipe.write_all(piece).unwrap();
        rest = after;
        std::thread::sleep(Duration::from_millis(60));
    }
    pipe.write_all(&rest[..dice.below(20_000).min(rest.len())]).unwrap();
    std::thread::sleep(Duration::from_millis(dice.below(300) as u64));
    running.kill().unwrap();
    running.wait().unwrap();
}

#[test]
fn a_scrub_that_is_killed_and_resumed_ends_as_one_that_never_was() {
    tell(Kind::Sqlite, async |app: &mut TestApp| {
        app.record_all(&(0..8).map(|n| person(n).grant()).collect::<Vec<_>>()).await;
        for n in 0..3 {
            app.receive(&app.carrier().text(&person(n).phone, "STOP")).await;
        }
        let config = app.place.write(&app.setup);
        let told = tokio::task::spawn_blocking(move || {
            let (undisturbed, killed, list) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), list());
            let (file, pipe) = (undisturbed.path().join("list.csv"), killed.path().join("list.csv"));
            fs::write(&file, &list).unwrap();
            assert!(scrub(&file, undisturbed.path(), &config).status().unwrap().success());

            assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
            let (state, mut dice) = (killed.path().join("out.csv.part.state"), Dice::any());
            for _ in 0..KILLS {
                let running = scrub(&pipe, killed.path(), &config).spawn().unwrap();
                kill_in_the_middle(running, &pipe, &list, &state, &mut dice);
                assert!(!killed.path().join("out.csv").exists(), "half a list has the name of a whole one");
            }
            fs::remove_file(&pipe).unwrap();
            fs::write(&pipe, &list).unwrap();
            assert!(scrub(&pipe, killed.path(), &config).status().unwrap().success());
            assert!(!state.exists(), "what was kept is left behind");
            (left(undisturbed.path()), left(killed.path()))
        });
        let (undisturbed, killed) = told.await.unwrap();
        assert_eq!(killed.1, undisturbed.1);
        assert!(killed.0 == undisturbed.0, "the outputs differ");
    });
}
