//! The public GraphQL API: what `schema.graphql` says, resolved over the domain.
//!
//! Everything here knows GraphQL and nothing of HTTP. The transport puts the [`Caller`](crate::auth::Caller) and a
//! [`RequestId`](crate::ids::RequestId) into the data of a request or a socket; without a caller only `__typename`
//! answers, and introspection where that is allowed.

mod context;
mod cost;
mod cursor;
mod documents;
mod error;
mod execute;
mod flat;
mod guard;
mod idempotent;
mod limits;
mod loader;
mod merging;
mod mutation;
mod node_id;
mod nulls;
mod operation;
mod paging;
mod persisted;
mod prepare;
mod query;
mod scalar;
mod schema;
mod subscription;
#[cfg(test)]
mod tests;
mod types;
mod variables;
mod written;

pub use error::{ApiError, Code};
pub use limits::Limits;
pub use persisted::{ManifestError, TrustedDocuments};
pub use schema::{Schema, Shared, build, federation_sdl, sdl};
pub use written::write;
