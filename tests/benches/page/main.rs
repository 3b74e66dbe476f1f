//! How fast payments are read over GraphQL: pages and single ones over HTTP, from SQLite and PostgreSQL, beside a bare
//! handler with the same SQL.
//!
//! `scripts/with-services cargo bench -p tests --bench page`; see docs/benchmarks.md.

#![expect(clippy::expect_used, reason = "a bench that cannot go on ends")]

mod bare;
mod case;
mod load;
mod processor;
mod rounds;
#[path = "../shop/mod.rs"]
mod shop;

use std::{fs::File, sync::Arc};

use clap::Parser;
use tests::Backend;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

/// What is measured.
#[derive(Parser)]
#[command(name = "page")]
pub(crate) struct Arguments {
    /// How many payments there are.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(i64).range(100..))]
    payments: i64,
    /// Only this database: sqlite or postgres.
    #[arg(long)]
    database: Option<String>,
    /// Only cases whose names hold this.
    #[arg(long, default_value = "")]
    case: String,
    /// Requests under way at once.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32])]
    connections: Vec<usize>,
    /// For how many seconds each case is measured, and the bare handler as well.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    // Test runners ask every target what tests it has.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let arguments = Arguments::parse();
    let wanted = |name: &str| arguments.database.as_ref().is_none_or(|only| only == name);
    log_to_nowhere();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        if wanted("sqlite") {
            rounds::run("SQLite", Backend::embedded(), &arguments).await;
        }
        if wanted("postgres")
            && let Some(backend) = Backend::shared().await
        {
            rounds::run("PostgreSQL", backend, &arguments).await;
        }
    });
}

/// The program's log lines are written, as they cost time, to where nobody reads them.
fn log_to_nowhere() {
    let nowhere = File::options().write(true).open("/dev/null");
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(Arc::new(nowhere.expect("a null device")))
        .json()
        .flatten_event(true)
        .with_current_span(false);
    tracing_subscriber::registry()
        .with(EnvFilter::new("info"))
        .with(lines)
        .init();
}
