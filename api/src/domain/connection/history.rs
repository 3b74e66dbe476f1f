//! Whether a new credential is of the account whose history is stored.

use std::time::Duration;

use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::{ConnectionRow, StorageError},
    stripe::{Credential, ListResource, Outage, StripeError, StripeErrorKind},
};

/// Whoever connects waits for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why nobody can tell.
#[derive(Debug, thiserror::Error)]
pub(super) enum HistoryError {
    #[error(transparent)]
    Stripe(#[from] StripeError),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Whether a connection's history may go on with a credential. Where its account is not known by name, it is known
    /// by a payment that is stored of it: two accounts never mix in one history.
    pub(super) async fn continues_history(
        &self,
        connection: &ConnectionRow,
        credential: &Credential,
    ) -> Result<bool, HistoryError> {
        if connection.stripe_account_id.is_some() {
            return Ok(true);
        }
        let workspace = WorkspaceId(connection.workspace_id);
        let stored = self
            .store()
            .find_stored_charge(workspace, ConnectionId(connection.id))
            .await?;
        let Some(charge) = stored else {
            return Ok(true);
        };
        let asking = self
            .stripe()
            .retrieve(credential, ListResource::Charges, &charge, &[]);
        let answer = tokio::time::timeout(PATIENCE, asking).await;
        match answer.unwrap_or_else(|_| Err(StripeError::unavailable(Outage::Timeout))) {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind, StripeErrorKind::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
