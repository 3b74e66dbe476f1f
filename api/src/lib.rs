//! Inlet: a self-hosted GraphQL gateway for payment data.

pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod export;
pub mod graphql;
pub mod host;
pub mod http;
pub mod ids;
pub mod import;
pub mod inbox;
pub mod lifecycle;
pub mod notify;
pub mod outbound;
mod panics;
pub mod progress;
pub mod secrets;
pub mod state;
pub mod storage;
pub mod stripe;
pub mod telemetry;

/// Pages of Stripe's lists are taken apart into many small pieces: this allocator costs the import a tenth less time than
/// the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
