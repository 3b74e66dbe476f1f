//! Secrets at rest: sealed under a master key and bound to the place they are stored in; and what only we can sign.

mod key_file;
mod master_keys;
mod place;
mod sealed;
mod sealer;
mod signer;

pub use key_file::{KeyFileError, read_or_create};
pub use master_keys::{MasterKeys, MasterKeysError};
pub use place::Place;
pub use sealer::{OpenError, Sealer};
