//! Where the demo lives: a folder, a configuration, two ports, a sample gateway account.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::clock;
use crate::config::{self, Config};

/// Name of the sample account.
pub(super) const ACCOUNT: &str = "twilio-demo";

/// The folder of a demo, removed at the end if it is a temporary one.
pub(super) struct Place {
    directory: PathBuf,
    temporary: bool,
    token: String,
    /// Where callers find the server.
    pub(super) url: String,
    /// Where operators do.
    pub(super) ops_url: String,
}

impl Place {
    /// Makes the folder and what is in it.
    pub(super) fn make(directory: Option<PathBuf>) -> anyhow::Result<Self> {
        let temporary = directory.is_none();
        let random = clock::new_id().simple().to_string().split_off(24);
        let fresh = || std::env::temp_dir().join(format!("consentd-demo-{random}"));
        let directory = directory.unwrap_or_else(fresh);
        let (listen, ops_listen) = (address(8080)?, address(9090)?);
        let token = token()?;
        // A temporary folder must not be there yet: somebody else could have made it, to read along.
        let made = fs::DirBuilder::new().recursive(!temporary).mode(0o700).create(&directory);
        made.with_context(|| shown(&directory))?;
        if fs::read_dir(&directory)?.next().is_some() {
            bail!("{} is not empty; the demo needs a folder of its own", directory.display());
        }
        let directory = directory.canonicalize()?;
        let (url, ops_url) = (format!("http://{listen}"), format!("http://{ops_listen}"));
        let place = Self { directory, temporary, token, url, ops_url };
        place.write("twilio.token", &place.token)?;
        place.write(config::FILE, &configuration(&listen, &ops_listen))?;
        Ok(place)
    }

    /// The configuration of the demo alone: variables of the environment could lead to a real ledger.
    pub(super) fn config(&self) -> anyhow::Result<Config> {
        Ok(Config::load_alone(&self.config_file())?)
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn config_file(&self) -> PathBuf {
        self.directory.join(config::FILE)
    }

    pub(super) fn key_file(&self) -> PathBuf {
        self.directory.join("api.key")
    }

    /// What the sample gateway signs with.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Keeps the API key for the commands that are shown.
    pub(super) fn keep_key(&self, key: &str) -> anyhow::Result<()> {
        self.write("api.key", key)
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let path = self.directory.join(name);
        let opened = fs::File::options().write(true).create_new(true).mode(0o600).open(&path);
        opened.and_then(|mut file| writeln!(file, "{text}")).with_context(|| shown(&path))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.temporary {
            // What cannot be removed is left to whoever clears the temporary folder.
            let _ = fs::remove_dir_all(&self.directory);
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The preferred port of this machine, or any free one. The number must be known before the server binds, because the
/// gateway signs the address.
fn address(preferred: u16) -> anyhow::Result<String> {
    let bound = TcpListener::bind(("127.0.0.1", preferred)).or_else(|_| TcpListener::bind("127.0.0.1:0"));
    Ok(bound.context("no port is free")?.local_addr()?.to_string())
}

fn token() -> anyhow::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn configuration(listen: &str, ops_listen: &str) -> String {
    format!(
        "# The demo's configuration; `consentd init` writes one with every key explained.\n\n\
         [server]\nlisten = {listen:?}\nops_listen = {ops_listen:?}\nshutdown_timeout_s = 1\n\n\
         [ledger]\norigin = \"demo.consent-ledger.local\"\n\n\
         [[gateway]]\naccount = {ACCOUNT:?}\nkind = \"twilio\"\nsecrets = [\"file:twilio.token\"]\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_has_a_folder_of_its_own_and_leaves_no_other() {
        let place = Place::make(None).unwrap();
        let directory = place.directory().to_owned();
        assert_eq!(place.config().unwrap().accounts().unwrap()[0].name, ACCOUNT);
        assert!(Place::make(Some(directory.clone())).is_err());
        drop(place);
        assert!(!directory.exists());
    }
}
