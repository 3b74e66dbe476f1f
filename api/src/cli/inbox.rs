//! `inlet inbox`

use anyhow::Context;
use clap::Subcommand;
use uuid::Uuid;

use super::opened;
use crate::{app::dead_events, config::Config, ids::ConnectionId};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists the newest events that could not be applied, with the reason.
    Dead {
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: u64,
    },
    /// Tries the events again that could not be applied; a running gateway does so within a second.
    Retry {
        /// Only those of one connection: its id as `inlet inbox dead` and the log show it.
        #[arg(long)]
        connection: Option<String>,
    },
}

pub(super) async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let app = opened(config).await?;
    match command {
        Command::Dead { limit } => {
            for line in dead_events(&app, limit).await? {
                println!("{line}");
            }
        }
        Command::Retry { connection } => {
            let connection = connection
                .map(|id| Uuid::parse_str(&id).map(ConnectionId))
                .transpose()
                .context("--connection is not a connection's id")?;
            let count = app.gateway.retry_events(connection).await?;
            println!("{count} events will be tried again");
        }
    }
    Ok(())
}
