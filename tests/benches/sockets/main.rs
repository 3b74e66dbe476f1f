//! What many open sockets cost: memory a socket, the time from publishing to receipt, and processor time a message.
//!
//! `cargo bench -p tests --bench sockets`; see docs/benchmarks.md.

#![expect(clippy::expect_used, reason = "a bench that cannot go on ends")]

mod arguments;
mod client;
mod frames;
mod machine;
mod rounds;
mod told;

use clap::Parser;

use self::arguments::Arguments;

fn main() {
    // Test runners ask every target what tests it has.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let arguments = Arguments::parse();
    if machine::needs_more_files(&arguments) {
        machine::again_with_more_files();
    }
    let mut runtime = match &arguments.client {
        Some(_) => tokio::runtime::Builder::new_current_thread(),
        None => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = runtime.enable_all().build().expect("a runtime");
    match arguments.client {
        Some(address) => runtime.block_on(client::run(address, &arguments)),
        None => runtime.block_on(rounds::run(&arguments)),
    }
}
