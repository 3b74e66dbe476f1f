//! The webhook steward: the endpoint at Stripe that keeps a connection live.
//!
//! A connection by key has an endpoint of its own in the merchant's account, at an address that names the connection.
//! Each generation of it is a row; one is live. Endpoints that do not point at this gateway are never touched, and
//! neither are those that are another connection's webhook.

mod check;
mod failure;
mod judge;
mod lay;
mod make;
mod older;
mod ours;
mod platform;
mod rebuild;
mod remove;
mod replace;
mod secret;
mod status;
mod survey;

pub use check::LookError;
pub use failure::WebhookFailure;
pub use older::OlderEndpoint;
pub use platform::PlatformWebhook;
pub use rebuild::{RebuildError, Rebuilt};
pub use secret::EndpointSecrets;
pub use status::{
    WebhookStatus, conflict_words, conflicting, missing_event_types, removed, status_of,
    words_about,
};

pub(super) use secret::secret_place;
pub(super) use status::complaint;
