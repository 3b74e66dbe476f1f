//! How fast an account's history is imported: a real gateway as a process of its own, beside a Stripe that can be as
//! quick or as slow as wanted, into SQLite and PostgreSQL; every case ends with what is stored compared with the truth.
//!
//! `scripts/with-services cargo bench -p tests --bench import`; see docs/benchmarks.md.

#![expect(clippy::expect_used, reason = "a bench that cannot go on ends")]

mod arguments;
mod case;
mod gateway;
mod live;
mod process;
mod report;
mod round;
mod truth;

use std::process::ExitCode;

use api::cli::{Cli, run};
use clap::Parser;

use crate::arguments::Arguments;

/// With this argument first the bench is the gateway that it measures: the same as the program `inlet`.
pub(crate) const SERVE: &str = "serve";

#[tokio::main]
async fn main() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some(SERVE) => return serve().await,
        // Test runners ask every target what tests it has.
        Some("--list") => return ExitCode::SUCCESS,
        _ => {}
    }
    for case in Arguments::parse().cases() {
        println!("{case}");
        println!("{}\n", round::run(&case).await);
    }
    ExitCode::SUCCESS
}

async fn serve() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("inlet: {error:#}");
            ExitCode::FAILURE
        }
    }
}
