//! `consentd init`: everything a new ledger needs.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::{Context, Outcome, apikeys, local};
use crate::config::{self, Config};
use crate::server;

#[derive(Args)]
pub(super) struct Arguments {
    /// Where to put consentd.toml and consent-data [default: here]
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

pub(super) async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    local::start_logging()?;
    let file = match (&context.file, arguments.directory) {
        (Some(_), Some(_)) => return Err(Failure::Usage("--config and --directory exclude each other".into()).into()),
        (Some(file), None) => file.clone(),
        (None, directory) => directory.unwrap_or_default().join(config::FILE),
    };
    write(&file)?;
    let made = prepare(&file).await;
    let made = made.inspect_err(|_| {
        // So that the next try does not stumble over the file of this one.
        let _ = fs::remove_file(&file);
    })?;
    let shown = file.display();
    context.output.result(&json!({"config": shown.to_string(), "key": made}), || {
        let options = if file == Path::new(config::FILE) { String::new() } else { format!(" --config {shown}") };
        format!(
            "Configuration  {shown}\nAdmin API key  {}\n\nStart the server with\n\n  consentd serve{options}\n\n\
             and look around with\n\n  consentd doctor{options}",
            made.text(),
        )
    })?;
    Ok(Outcome::Yes)
}

/// Writes the reference configuration to a file that must not exist yet.
fn write(file: &Path) -> anyhow::Result<()> {
    if let Some(directory) = file.parent().filter(|path| !path.as_os_str().is_empty()) {
        fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
    }
    let opened = fs::File::options().write(true).create_new(true).open(file);
    let mut opened = opened.with_context(|| match file.exists() {
        true => format!("{} is there already and was left as it is", file.display()),
        false => file.display().to_string(),
    })?;
    opened.write_all(config::DEFAULT.as_bytes())?;
    Ok(opened.sync_all()?)
}

async fn prepare(file: &Path) -> anyhow::Result<apikeys::Made> {
    let ledger = server::prepare(&Config::load(Some(file))?).await?;
    apikeys::create(&ledger, "admin", &["admin".to_owned()], None).await
}
