//! `consentd`, the consent ledger.

use std::process::ExitCode;

fn main() -> ExitCode {
    consent_api::cli::run(std::env::args_os())
}
