//! A Stripe on this machine: a stateful double of the API, with keys, permissions, seeded history and faults.
//!
//! Tests start a [`Sandbox`] in their own process, add accounts to it and give out keys; the binary of the same
//! name serves one account for the demo and the benches. What it holds can be read back as a [`Ledger`].

mod account;
mod clock;
mod control;
mod faults;
mod key;
mod ledger;
mod lock;
mod options;
mod permission;
mod record;
mod resource;
mod sandbox;
mod seed;
mod server;
mod state;

pub use account::AccountSpec;
pub use faults::{Fault, Faults, Latency, RateLimit, Rule};
pub use ledger::{Ledger, PaymentStatus, Total};
pub use options::Options;
pub use permission::{Grants, Permission};
pub use record::RequestRecord;
pub use resource::Resource;
pub use sandbox::Sandbox;
pub use seed::History;
