//! Requests to addresses that callers of the API name: nothing of this machine's own network answers them.
//!
//! An address is checked as a text when it is given, and as what it resolves to when it is sent to: the connection is
//! made to the very addresses that were checked.

mod address;
mod policy;
mod resolver;
mod sender;
mod signature;

pub use policy::{AddressProblem, Policy};
pub use sender::{Answer, Message, SendError, Sender, SenderOptions};
pub use signature::{MalformedSecret, SECRET_PREFIX, sign};
