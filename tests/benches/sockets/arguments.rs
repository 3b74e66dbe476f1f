//! The arguments.

use std::net::SocketAddr;

use clap::Parser;

/// How many sockets are opened, and how much they are told.
#[derive(Parser)]
#[command(name = "sockets")]
pub(crate) struct Arguments {
    /// Sockets of which the memory is measured.
    #[arg(long, default_value_t = 10_000)]
    pub(crate) sockets: usize,
    /// Sockets, of these, that are told something.
    #[arg(long, default_value_t = 5_000)]
    pub(crate) told: usize,
    /// How often each of them is told something, a second.
    #[arg(long, default_value_t = 5)]
    pub(crate) rate: u32,
    /// For how many seconds.
    #[arg(long, default_value_t = 10)]
    pub(crate) seconds: u32,
    /// Plays the clients of a gateway at this address; the bench starts itself so.
    #[arg(long, hide = true)]
    pub(crate) client: Option<SocketAddr>,
    /// What the clients introduce themselves with.
    #[arg(long, hide = true, default_value = "")]
    pub(crate) token: String,
    /// What they watch; nothing where it is empty.
    #[arg(long, hide = true, default_value = "")]
    pub(crate) connection: String,
    /// Set where the limit of open files was raised before.
    #[arg(long, hide = true)]
    pub(crate) raised: bool,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}
