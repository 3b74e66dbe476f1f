//! Tests that need more than one part: the client against a server of canned answers, the taxonomy
//! of errors, and the objects.

mod client;
mod errors;
mod key;
mod objects;
mod probes;
mod server;
mod transport;
mod webhooks;
