//! `inlet import`

mod bars;
mod follow;
mod lines;
mod words;

use std::{process::ExitCode, time::Duration};

use anyhow::{Context, bail};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::{Args, Subcommand};

use super::opened;
use crate::{
    app::{
        App, ImportOrder, ImportStanding, ImportStatus, PlacedImport, import_standing,
        latest_imports, start_import,
    },
    config::Config,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Imports a connection again: everything, or a span of time, or some resources.
    ///
    /// The workers on the same database do the work; this command only asks for it.
    Start(Start),
    /// Shows how far the latest import of a connection is, or of each connection.
    Status(Which),
}

#[derive(Debug, Args)]
pub(super) struct Start {
    /// The connection: its id or its name.
    #[arg(long, value_name = "ID|NAME")]
    connection: String,
    /// The workspace's name, where several have a connection of this name.
    #[arg(long, value_name = "NAME")]
    workspace: Option<String>,
    /// Only what was created at Stripe then or later: a date (UTC) or a time like 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<DateTime<Utc>>,
    /// Only what was created at Stripe before.
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<DateTime<Utc>>,
    /// Only this resource, e.g. charges; repeat it for several. All without it.
    #[arg(long)]
    resource: Vec<String>,
    /// Show the progress until the import ends; ends with 0 where it succeeded.
    #[arg(long)]
    follow: bool,
}

#[derive(Debug, Args)]
pub(super) struct Which {
    /// The connection: its id or its name. Every connection without it.
    #[arg(long, value_name = "ID|NAME")]
    connection: Option<String>,
    /// Only the connections of the workspace of this name.
    #[arg(long, value_name = "NAME")]
    workspace: Option<String>,
    /// Show the progress until the import ends; ends with 0 where it succeeded.
    #[arg(long)]
    follow: bool,
}

pub(super) async fn run(config: &Config, command: Command) -> anyhow::Result<ExitCode> {
    let app = opened(config).await?;
    match command {
        Command::Start(start) => self::start(&app, start).await,
        Command::Status(which) if which.follow => {
            let import = one_to_follow(&app, &which).await?;
            follow::follow(&app, &import).await
        }
        Command::Status(which) => status(&app, &which).await,
    }
}

async fn start(app: &App, start: Start) -> anyhow::Result<ExitCode> {
    let order = ImportOrder {
        connection: start.connection,
        workspace: start.workspace,
        from: start.from,
        to: start.to,
        resources: start.resource,
    };
    let import = start_import(app, order).await?;
    let id = import.id.as_deref().unwrap_or_default();
    println!("started the import {id} of {}", import.title);
    if start.follow {
        return follow::follow(app, &import).await;
    }
    if !is_taken_up(app, &import).await? {
        eprintln!("{}", words::NO_WORKER);
    }
    println!("{}", words::how_to_follow(&import));
    Ok(ExitCode::SUCCESS)
}

/// Whether a worker begins with an import in the time in which any would.
async fn is_taken_up(app: &App, import: &PlacedImport) -> anyhow::Result<bool> {
    const LOOKS: u32 = 20;
    const PAUSE: Duration = Duration::from_millis(250);
    for _ in 0..LOOKS {
        tokio::time::sleep(PAUSE).await;
        let standing = import_standing(app, import).await?;
        if standing.is_none_or(|now| now.progress.status != ImportStatus::Queued) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn status(app: &App, which: &Which) -> anyhow::Result<ExitCode> {
    let imports = latest(app, which).await?;
    if imports.is_empty() {
        println!("There is no connection yet.");
    }
    for import in imports {
        match import_standing(app, &import).await? {
            None => println!("{}: no import yet", import.title),
            Some(standing) => show(&import, &standing),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(import: &PlacedImport, standing: &ImportStanding) {
    println!("{}: {}", import.title, words::summary(standing));
    for resource in &standing.progress.resources {
        println!("  {}", words::resource(resource, standing.progress.status));
    }
    if standing.unclaimed {
        eprintln!("{}", words::NO_WORKER);
    }
}

/// The import that `--follow` is meant for: the one asked for, or the only one under way.
async fn one_to_follow(app: &App, which: &Which) -> anyhow::Result<PlacedImport> {
    let mut imports = latest(app, which).await?;
    if which.connection.is_none() && imports.len() > 1 {
        let mut active = Vec::new();
        for import in imports {
            let standing = import_standing(app, &import).await?;
            if standing.is_some_and(|standing| !standing.progress.has_ended()) {
                active.push(import);
            }
        }
        if active.len() > 1 {
            let titles: Vec<_> = active.iter().map(|one| one.title.as_str()).collect();
            bail!(
                "Several imports are under way: name one with --connection. There are {}.",
                titles.join(", ")
            );
        }
        imports = active;
    }
    let import = imports.pop().context("No import is under way.")?;
    if import.id.is_none() {
        bail!("{} has no import yet.", import.title);
    }
    Ok(import)
}

async fn latest(app: &App, which: &Which) -> anyhow::Result<Vec<PlacedImport>> {
    latest_imports(app, which.workspace.as_deref(), which.connection.as_deref()).await
}

/// A time with its offset, or a date, which begins at midnight UTC.
fn time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Ok(date.and_time(NaiveTime::MIN).and_utc());
    }
    let time = DateTime::parse_from_rfc3339(text);
    time.map(|time| time.to_utc())
        .map_err(|_| "give a date like 2026-01-31, or a time like 2026-01-31T12:00:00Z")
}
