//! What integration tests share: a gateway on one of both backends, a Stripe beside it, and clients of both.
//!
//! A test is a function of a [`World`]; [`on_every_backend!`] runs it on {SQLite, in-process} and on
//! {PostgreSQL, Redis}, each time in a world of its own.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "tests fail by panicking"
)]

mod backend;
mod client;
mod issuer;
mod machine;
mod oauth;
mod program;
mod redis_link;
mod rows;
mod socket;
mod stream;
mod tables;
mod totals;
mod world;

pub use backend::Backend;
pub use client::Client;
pub use issuer::{HostKey, Issuer};
pub use machine::{FaultyEntropy, MovableClock, ids};
pub use oauth::{Platforms, RETURN_URL};
pub use program::{Program, inlet};
pub use redis_link::RedisLink;
pub use rows::payment_row;
pub use socket::Socket;
pub use stream::{Piece, Stream};
pub use tables::{
    Tables, assert_exactly_the_ledger, assert_payments_of_the_ledger, imported_objects,
};
pub use totals::{Totals, totals};
pub use world::{ANSWER_TIME, Answer, PUBLIC_URL, World, WorldOptions, metrics};

/// Runs each test on every backend: `async fn name(world: &World) { … }`, or with options before it:
/// `#[options(WorldOptions { … })]`.
#[macro_export]
macro_rules! on_every_backend {
    ($($(#[doc = $doc:literal])* $(#[options($options:expr)])? async fn $name:ident($world:ident: &World) $body:block)+) => {$(
        $(#[doc = $doc])*
        mod $name {
            use super::*;

            async fn test($world: &$crate::World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite_in_process() {
                let world = $crate::World::start($crate::Backend::embedded(), $crate::options!($($options)?)).await;
                test(&world).await;
                world.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres_and_redis() {
                let Some(backend) = $crate::Backend::shared().await else { return };
                let world = $crate::World::start(backend, $crate::options!($($options)?)).await;
                test(&world).await;
                world.end().await;
            }
        }
    )+};
}

/// The options of a test, or the usual ones.
#[macro_export]
macro_rules! options {
    () => {
        $crate::WorldOptions::default()
    };
    ($options:expr) => {
        $options
    };
}
