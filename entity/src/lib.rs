//! Inlet's tables, one file per table. Only `storage` reads and writes them.
//!
//! Money is an integer in the currency's minor unit beside its ISO 4217 code in lower case, times are
//! UTC, secrets are sealed (`*_sealed`), and every row names its workspace.

pub mod api_token;
pub mod audit_entry;
pub mod balance_transaction;
pub mod connection;
pub mod connection_task;
pub mod dispute;
pub mod idempotency_key;
pub mod import;
pub mod import_window;
pub mod inbox_event;
pub mod notification_delivery;
pub mod notification_endpoint;
pub mod notification_mark;
pub mod payment;
pub mod payment_export;
pub mod payment_export_chunk;
pub mod payment_rollup;
pub mod payout_link;
pub mod quarantined_object;
pub mod reference;
pub mod refund;
pub mod rollup_mark;
pub mod stripe_object;
pub mod stripe_reads;
pub mod webhook_endpoint;
pub mod workspace;
