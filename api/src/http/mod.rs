//! HTTP: routes, who calls, how answers are written. Nothing here knows what is asked for.

mod authorize;
mod edge;
mod export;
mod graphql;
mod health;
mod oauth;
mod observe;
mod origin;
mod problem;
mod request_id;
mod router;
mod slots;
mod stripe_webhook;

pub use edge::{Check, Edge, Limits, Readiness};
pub use graphql::{OperationType, Operations, Request, Response};
pub use origin::Origins;
pub use router::{Role, serve};
pub use slots::Slots;
