//! Which credential a call to Stripe was made with.

use chrono::{DateTime, Utc};

use crate::storage::ConnectionRow;

/// What tells a connection's credential from those before and after it. With Connect there is nothing sealed: only the
/// moment of the grant tells them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedCredential {
    sealed: Option<Vec<u8>>,
    granted_at: Option<DateTime<Utc>>,
}

impl UsedCredential {
    /// The credential of a connection as it was read.
    #[must_use]
    pub fn of(connection: &ConnectionRow) -> Self {
        Self {
            sealed: connection.credential_sealed.clone(),
            granted_at: connection.granted_at,
        }
    }

    /// Whether a connection still has it.
    pub(super) fn is_of(&self, connection: &ConnectionRow) -> bool {
        self.sealed == connection.credential_sealed && self.granted_at == connection.granted_at
    }
}
