//! Connecting by OAuth: in a browser, by both kinds, and what must not go wrong.

pub(crate) mod browser;
mod callbacks;
mod canaries;
mod connecting;
mod ending;
mod exchanges;
mod renewing;
mod starting;
mod states;

use sandbox::PlatformKind;
use tests::WorldOptions;

/// A gateway with a Connect platform.
pub(crate) fn connect() -> WorldOptions {
    WorldOptions {
        oauth: Some(PlatformKind::Connect),
        ..WorldOptions::default()
    }
}

/// A gateway with a Stripe App.
pub(crate) fn app() -> WorldOptions {
    WorldOptions {
        oauth: Some(PlatformKind::App),
        ..WorldOptions::default()
    }
}
