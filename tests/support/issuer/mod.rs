//! An issuer of tokens: what a host application signs its users in with.

mod key;
mod server;

pub use key::HostKey;
pub use server::Issuer;
