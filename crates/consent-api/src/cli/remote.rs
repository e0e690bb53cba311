//! `--url` and `--key-file`: asking a server rather than the local database.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use crate::client::Client;
use crate::config;

#[derive(Args)]
pub(super) struct Remote {
    /// Ask the server at this URL, not the local database
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// File that holds the API key for --url [default: the variable CONSENT_API_KEY]
    #[arg(long, value_name = "FILE", requires = "url")]
    key_file: Option<PathBuf>,
}

impl Remote {
    /// The client, if a server is to be asked.
    pub(super) fn client(&self) -> anyhow::Result<Option<Client>> {
        let Some(url) = &self.url else { return Ok(None) };
        let key = match &self.key_file {
            Some(file) => config::secret(&format!("file:{}", file.display()))?,
            // A key on the command line could be read by everybody on the machine.
            None => config::secret("env:CONSENT_API_KEY").map_err(|_| {
                Failure::Usage("--url needs an API key: give --key-file FILE or set CONSENT_API_KEY".to_owned())
            })?,
        };
        Ok(Some(Client::new(url, key)?))
    }
}
