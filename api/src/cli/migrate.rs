//! `inlet migrate`

use clap::Args;

use crate::{app, config::Config};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Take back so many of the newest migrations instead. Data in what they made is lost.
    #[arg(long, value_name = "STEPS")]
    down: Option<u32>,
}

pub(super) async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(steps) = arguments.down {
        app::open_store(config).await?.migrate_down(steps).await?;
        println!("took back {steps} migrations");
    } else {
        app::migrate(config).await?;
        println!("the schema is up to date");
    }
    Ok(())
}
