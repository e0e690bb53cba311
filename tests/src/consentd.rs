//! `consentd`, for drills that start it as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    consent_api::cli::run(std::env::args_os())
}
