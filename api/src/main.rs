//! The program `inlet`.

use std::process::ExitCode;

use api::cli::{Cli, run};
use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    // The one TLS provider of the process; it can only be there already if somebody installed it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match run(cli).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("inlet: {error:#}");
            ExitCode::FAILURE
        }
    }
}
