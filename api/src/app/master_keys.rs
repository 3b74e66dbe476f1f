//! Where the master keys come from: the configuration, or a file beside the SQLite database.

use std::path::PathBuf;

use anyhow::{Context, bail};
use secrecy::ExposeSecret;

use crate::{
    config::Config,
    ids::Entropy,
    secrets::{MasterKeys, read_or_create},
    storage::Store,
};

/// The configured keys, or those of the key file; a new file is made only where nothing is sealed yet.
pub(super) async fn load(
    config: &Config,
    store: &Store,
    entropy: &dyn Entropy,
) -> anyhow::Result<MasterKeys> {
    if let Some(keys) = &config.secrets.master_keys {
        return MasterKeys::parse(keys).context("INLET_SECRETS__MASTER_KEYS cannot be used");
    }
    let Some(path) = key_file(config) else {
        bail!(
            "INLET_SECRETS__MASTER_KEYS is missing: with PostgreSQL, give id:base64 of 32 random bytes, for \
             example 2026a:$(openssl rand -base64 32), and keep it safe"
        );
    };
    let shown = path.display();
    if !path.exists() && !store.sealed_credentials().await?.is_empty() {
        bail!(
            "the key file {shown} is missing, but the database holds credentials sealed with it: put the \
             file back, or give its content in INLET_SECRETS__MASTER_KEYS"
        );
    }
    let keys = read_or_create(&path, entropy)
        .with_context(|| format!("the key file {shown} cannot be used"))?;
    MasterKeys::parse(&keys).with_context(|| format!("the key file {shown} cannot be used"))
}

/// The database's path with the ending `.key`; none for a database that is not a file.
fn key_file(config: &Config) -> Option<PathBuf> {
    let url = config.database.url.expose_secret();
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    Some(PathBuf::from(path).with_extension("key"))
}
