//! The database: every query of the gateway, on SQLite and PostgreSQL alike.
//!
//! Functions take the workspace first, so that a foreign id answers exactly like one that does not exist. The
//! few that do not (a token's look-up, the worker's own queue) say why.

mod audit;
mod bulk;
mod connections;
mod data_health;
mod error;
mod follow_ups;
mod grants;
mod idempotency;
mod imports;
mod inbox;
mod ledger;
mod notifications;
mod observed;
mod open;
mod operator;
mod owners;
mod page;
mod paging;
mod payment_filter;
mod payment_parts;
mod payments;
mod payout_links;
mod purge;
mod references;
mod report_lines;
mod rows;
mod standing;
mod stats;
mod stripe_reads;
mod tasks;
mod tokens;
mod upsert;
mod webhook_checks;
mod webhook_endpoints;
mod webhook_making;
mod windows;
mod workspaces;

pub use connections::{AccountFacts, NewCredential, StoredGrant};
pub use data_health::PaymentCounts;
pub use error::{Conflict, StorageError};
pub use follow_ups::{AwaitingFee, CreatedSpan};
pub use imports::{ImportFailure, ImportWithWindows};
pub use inbox::{EventOutcome, InboxCounts, Settled};
pub use notifications::{DeliveryOutcome, EndpointChange, EndpointFacts, EndpointNews};
pub use observed::ObservedIds;
pub use open::{DatabaseOptions, Store};
pub use page::{Committed, PageRows, WindowStep};
pub use paging::{PageRequest, Slice, TimePosition};
pub use payment_filter::PaymentFilter;
pub use payments::{PaymentOrder, PaymentPosition, PaymentSort};
pub use payout_links::LinkStep;
pub use references::OpenReferences;
pub use report_lines::Reconciled;
pub use rows::*;
pub use standing::StatusChange;
pub use stats::{MarkedHours, PaymentSums, Span, StatsColumn, StatsGroup, StatsKey, StatsQuery};
pub use stripe_reads::ReadsOfDay;
pub use webhook_making::{Making, Promotion};
pub use windows::Claim;
