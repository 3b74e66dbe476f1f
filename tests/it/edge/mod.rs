//! The edge: GraphQL over HTTP and sockets, paging, filters, other workspaces, the command line.

mod ask;
mod counting_proxy;
mod filter_oracle;
mod program;
mod shop;

mod command_import;
mod command_keys;
mod command_line;
mod command_token;
mod cost;
mod cursors;
mod data_health;
mod explorer;
mod filter_bad_input;
mod filter_injection;
mod filter_money;
mod filters;
mod health;
mod idempotency;
mod limits;
mod limits_shape;
mod nodes;
mod not_implemented;
mod other_workspace;
mod paging;
mod paging_args;
mod paging_live;
mod payment_card;
mod payment_fields;
mod payment_parts;
mod persisted;
mod protocol_answers;
mod protocol_bodies;
mod protocol_callers;
mod protocol_requests;
mod schema;
mod serving;
mod socket_closing;
mod socket_protocol;
mod statements;
mod subscription;
mod subscription_changes;

pub(crate) use ask::{code, message, token_of};
pub(crate) use shop::{Shop, money};
