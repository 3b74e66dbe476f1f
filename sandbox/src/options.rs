//! How a sandbox is started.

use std::net::{Ipv4Addr, SocketAddr};

/// How a sandbox listens and which seed its own ids and keys come from.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The seed of account ids, keys, webhook secrets and random faults.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 1,
        }
    }
}
