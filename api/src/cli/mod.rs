//! The command line.

mod doctor;
mod import;
mod inbox;
mod keys;
mod migrate;
mod serve;
mod token;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use futures_util::future::BoxFuture;

use crate::{
    app::{App, Machine, federation_schema, open, schema},
    config::{Config, LogFormat},
    telemetry::{LogLine, log_to_stderr},
};

/// Inlet: a self-hosted GraphQL gateway for payment data.
///
/// Settings come from a file and from variables INLET_<SECTION>__<KEY>; config.default.toml documents them all.
#[derive(Debug, Parser)]
#[command(name = "inlet", version, about, long_about)]
pub struct Cli {
    /// A TOML file with the settings that differ from the defaults.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the gateway.
    Serve(serve::Arguments),
    /// Brings the database's schema up to date, or takes migrations back.
    Migrate(migrate::Arguments),
    /// Prints the GraphQL schema.
    Schema {
        /// As a subgraph of Apollo Federation 2, to be composed with others for a router.
        #[arg(long)]
        federation: bool,
    },
    /// Looks at everything that the gateway needs, and says what is wrong.
    Doctor,
    /// API tokens.
    #[command(subcommand)]
    Token(token::Command),
    /// Imports of payment histories.
    #[command(subcommand)]
    Import(import::Command),
    /// Events that could not be applied.
    #[command(subcommand)]
    Inbox(inbox::Command),
    /// Master keys.
    #[command(subcommand)]
    Keys(keys::Command),
}

/// Runs the command of this process's arguments; how the process ends.
///
/// In a box, so that the program does not have to be compiled with all of the library.
#[must_use]
pub fn run(cli: Cli) -> BoxFuture<'static, anyhow::Result<ExitCode>> {
    Box::pin(run_command(cli))
}

async fn run_command(cli: Cli) -> anyhow::Result<ExitCode> {
    if let Command::Schema { federation } = cli.command {
        let text = if federation {
            federation_schema()
        } else {
            schema()
        };
        print!("{text}");
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::load(cli.config.as_deref())?;
    let line = match config.log.format {
        LogFormat::Text => LogLine::Text,
        LogFormat::Json => LogLine::Json,
    };
    log_to_stderr(line, &config.log.filter)?;
    match cli.command {
        Command::Serve(arguments) => serve::run(config, arguments).await?,
        Command::Migrate(arguments) => migrate::run(&config, &arguments).await?,
        Command::Schema { .. } => {}
        Command::Doctor => doctor::run(&config).await?,
        Command::Token(command) => token::run(&config, command).await?,
        Command::Import(command) => return import::run(&config, command).await,
        Command::Inbox(command) => inbox::run(&config, command).await?,
        Command::Keys(command) => keys::run(&config, &command).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn opened(config: &Config) -> anyhow::Result<App> {
    open(config, &Machine::default()).await
}
