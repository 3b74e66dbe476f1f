//! How fast charts are drawn over a million payments: from rollups, and the same from the payments themselves.
//!
//! `scripts/with-services cargo bench -p tests --bench stats [-- PAYMENTS]`; see docs/benchmarks.md.

#![expect(clippy::expect_used, reason = "a bench that cannot go on ends")]

mod rounds;
#[path = "../shop/mod.rs"]
mod shop;

use tests::Backend;

/// How many payments there are unless an argument says so.
const PAYMENTS: i64 = 1_000_000;

fn main() {
    // Test runners ask every target what tests it has.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let mut numbers = std::env::args().filter_map(|argument| argument.parse().ok());
    let payments = numbers.next().unwrap_or(PAYMENTS);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        rounds::run("SQLite", Backend::embedded(), payments).await;
        if let Some(backend) = Backend::shared().await {
            rounds::run("PostgreSQL", backend, payments).await;
        }
    });
}
