//! Secrets, by reference: the configuration says where they are, never what they are.

use std::fs;
use std::os::unix::fs::MetadataExt;

use std::path::Path;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use super::ConfigError;

/// Where a secret is: `file:PATH`, `env:NAME` or, for development, `plain:TEXT`. It is shown nowhere, because the last of
/// these is the secret itself.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct SecretReference(String);

impl SecretReference {
    /// Makes a relative path relative to the configuration file.
    pub(super) fn resolve(&mut self, base: &Path) {
        if let Some(path) = self.0.strip_prefix("file:") {
            self.0 = format!("file:{}", base.join(path).display());
        }
    }

    /// Reads the secret.
    pub fn read(&self) -> Result<SecretString, ConfigError> {
        secret(&self.0)
    }
}

impl std::fmt::Debug for SecretReference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretReference")
    }
}

/// Reads a list of references, or a single one. No error repeats what was read.
pub(super) fn references<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<SecretReference>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Many(Vec<String>),
        One(String),
    }
    Ok(match Written::deserialize(from)? {
        Written::Many(references) => references.into_iter().map(SecretReference).collect(),
        Written::One(reference) => vec![SecretReference(reference)],
    })
}

/// Reads a secret: `file:PATH`, `env:NAME` or `plain:TEXT`.
#[expect(clippy::disallowed_methods, reason = "this is the place where the environment is read")]
pub(crate) fn secret(reference: &str) -> Result<SecretString, ConfigError> {
    let (kind, rest) = reference.split_once(':').unwrap_or(("", ""));
    let shown = if kind == "plain" { "plain:..." } else { reference };
    let wrong = |detail: String| ConfigError::Secret { reference: shown.to_owned(), detail };
    let text = match kind {
        "plain" => rest.to_owned(),
        "env" => std::env::var(rest).map_err(|error| wrong(error.to_string()))?,
        "file" => {
            let mode = fs::metadata(rest).map_err(|error| wrong(error.to_string()))?.mode();
            if mode & 0o077 != 0 {
                return Err(wrong(format!("others can read it (mode {:03o}); run chmod 600", mode & 0o777)));
            }
            fs::read_to_string(rest).map_err(|error| wrong(error.to_string()))?
        }
        _ => {
            return Err(ConfigError::Secret {
                reference: "...".to_owned(),
                detail: "begins with none of file: env: plain:".to_owned(),
            });
        }
    };
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() { Err(wrong("is empty".to_owned())) } else { Ok(SecretString::from(text.to_owned())) }
}
