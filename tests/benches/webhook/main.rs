//! How fast signed deliveries become durable, and how fast the inbox applies them: over HTTP, into SQLite and
//! PostgreSQL, beside a bare handler that stores each event by a statement of its own.
//!
//! `scripts/with-services cargo bench -p tests --bench webhook`; see docs/benchmarks.md.

#![expect(clippy::expect_used, reason = "a bench that cannot go on ends")]

mod bare;
mod events;
mod load;
mod rounds;

use std::{fs::File, sync::Arc};

use tests::Backend;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

fn main() {
    // Test runners ask every target what tests it has.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    log_to_nowhere();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        rounds::run("SQLite", Backend::embedded()).await;
        if let Some(backend) = Backend::shared().await {
            rounds::run("PostgreSQL", backend).await;
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
