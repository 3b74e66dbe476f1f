//! A Stripe on this machine: a stateful double of the API, with keys, permissions, seeded history and faults.
//!
//! It lives on while it runs: [`Act`]s and traffic change the objects of an account, events tell of it and are
//! delivered, signed, to webhook endpoints, where [`Delivery`] can lose, double, delay and mix them. Platforms ask
//! for access by the OAuth of Connect and of Apps.
//!
//! Tests start a [`Sandbox`] in their own process, add accounts to it and give out keys; the binary of the same
//! name serves one account for the demo and the benches. What it holds can be read back as a [`Ledger`].

mod account;
mod clock;
mod control;
mod delivery;
mod event;
mod faults;
mod key;
mod ledger;
mod live;
mod lock;
mod merchant;
mod oauth;
mod options;
mod permission;
mod record;
mod reporting;
mod resource;
mod sandbox;
mod seed;
mod server;
mod state;
mod template;

pub use account::AccountSpec;
pub use delivery::{Delivery, DeliveryAttempt, DeliveryFaults, Retries, sign};
pub use faults::{Fault, Faults, Latency, RateLimit, Rule};
pub use ledger::{Ledger, PaymentStatus, Total};
pub use live::{Act, Acted, Impossible, PaymentSpec, TrafficReport, TrafficSpec};
pub use oauth::{AutoAnswer, OAuthCalls, PlatformHandle, PlatformKind, PlatformSpec};
pub use options::Options;
pub use permission::{Grants, Permission};
pub use record::RequestRecord;
pub use reporting::ReportConduct;
pub use resource::Resource;
pub use sandbox::Sandbox;
pub use seed::History;
