//! `inlet keys`

use clap::Subcommand;

use super::opened;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Seals every stored credential with the first master key; then the others can be removed.
    Rotate,
}

pub(super) async fn run(config: &Config, Command::Rotate: &Command) -> anyhow::Result<()> {
    let done = opened(config).await?.gateway.reseal_credentials().await?;
    println!(
        "sealed {} anew, {} already were",
        done.resealed, done.unchanged
    );
    Ok(())
}
