//! Connecting by OAuth: in a browser, by both kinds, and what must not go wrong.

mod browser;
mod callbacks;
mod connecting;
mod ending;
mod exchanges;
mod renewing;
mod starting;
mod states;

use sandbox::PlatformKind;
use tests::WorldOptions;

/// A gateway with a Connect platform.
fn connect() -> WorldOptions {
    WorldOptions {
        oauth: Some(PlatformKind::Connect),
        ..WorldOptions::default()
    }
}

/// A gateway with a Stripe App.
fn app() -> WorldOptions {
    WorldOptions {
        oauth: Some(PlatformKind::App),
        ..WorldOptions::default()
    }
}
