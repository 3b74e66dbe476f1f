//! The Stripe API as Inlet uses it: one client, typed errors, lenient objects.
//!
//! The credential is an argument of every call, so a call site shows on whose behalf it acts.
//! Nothing here stores, and nothing here speaks of workspaces. Texts that Stripe sends with an error
//! stay inside this module; what leaves it is our own wording.

pub mod account;
pub mod client;
pub mod credential;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod event_types;
pub mod key;
pub mod list;
pub mod oauth;
pub mod object;
pub mod pace;
pub mod page;
pub mod probe;
pub mod redact;
pub mod report;
pub mod report_file;
pub mod retrieve;
pub mod retry;
pub mod signature;
pub mod version;
pub mod webhook_endpoint;

mod classify;
mod mend;
mod nested;
mod request;
mod step;
mod transport;

#[cfg(test)]
mod tests;

pub use account::{Account, Balance};
pub use client::{BuildError, ClientOptions, StripeClient};
pub use credential::Credential;
pub use endpoint::Endpoint;
pub use error::{Outage, RateLimitReason, StripeError, StripeErrorKind};
pub use event::Event;
pub use key::{ApiKey, KeyProblem};
pub use list::{ListRequest, ListResource};
pub use oauth::{AppTokens, DeauthorizeError, Grant, GrantError, OAuthKind, OAuthUrls, Platform};
pub use pace::{Pace, Turn, Urgency};
pub use page::{ListPage, RawObject, Unintelligible};
pub use probe::{Probe, ProbeAnswer, Verdict};
pub use redact::redact;
pub use report::{Download, FilePlace, NewReportRun, ReportFile, ReportRun, ReportType};
pub use report_file::{ReportReadError, ReportReader, ReportRecord};
pub use retrieve::{Fetched, Unlisted};
pub use retry::RetryPolicy;
pub use signature::{SIGNATURE_HEADER, Signature, SignatureError};
pub use version::API_VERSION;
pub use webhook_endpoint::{CreatedEndpoint, NewEndpoint, WebhookEndpoint};
