//! `inlet migrate`

use clap::Args;

use super::opened;
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Take back so many of the newest migrations instead. Data in what they made is lost.
    #[arg(long, value_name = "STEPS")]
    down: Option<u32>,
}

pub(super) async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    // Opening brings the schema up to date.
    let app = opened(config).await?;
    if let Some(steps) = arguments.down {
        app.gateway.store().migrate_down(steps).await?;
        println!("took back {steps} migrations");
    } else {
        println!("the schema is up to date");
    }
    Ok(())
}
