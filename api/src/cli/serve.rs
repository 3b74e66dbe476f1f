//! `inlet serve`

use anyhow::Context;
use clap::{Args, ValueEnum};

use crate::{
    app::{self, Machine},
    config::Config,
    lifecycle::Lifecycle,
    telemetry::Metrics,
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What this process does.
    #[arg(long, value_enum, default_value_t = Role::All)]
    role: Role,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Role {
    /// Answers clients and runs imports.
    All,
    /// Answers clients; imports are run by workers on the same database.
    Api,
    /// Runs imports; answers only how it is.
    Worker,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let lifecycle = Lifecycle::new();
    lifecycle
        .listen_for_signals()
        .context("cannot listen for signals")?;
    let role = match arguments.role {
        Role::All => app::Role::All,
        Role::Api => app::Role::Api,
        Role::Worker => app::Role::Worker,
    };
    let metrics = Metrics::install()?;
    let grace = config.server.shutdown_grace();
    let server = app::start(&config, role, &lifecycle, metrics, &Machine::default()).await?;
    tracing::info!(
        "listening on http://{}, reached at {}, database {}",
        server.address,
        config.server.public_url,
        config.database.redacted_url()
    );
    if let Some(token) = &server.first_token {
        super::token::show_first(token);
    }
    // The configuration holds secrets that nobody needs any more.
    drop(config);
    lifecycle.soft.cancelled().await;
    // What is left over may hold the database's connections for ever.
    if lifecycle.finish(grace).await {
        server.app.gateway.store().clone().close().await?;
    }
    Ok(())
}
