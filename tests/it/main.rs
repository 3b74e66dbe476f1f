//! Inlet's integration tests: through the real router, real HTTP and real databases, Stripe being the sandbox.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod architecture;
mod budget;
mod bus;
mod clients;
mod connecting;
mod contract;
mod edge;
mod exporting;
mod following;
mod host;
mod importing;
mod inbox;
mod notifications;
mod oauth;
mod stats;
mod webhooks;
