//! Another secret for an endpoint.

use chrono::TimeDelta;
use secrecy::SecretString;
use serde_json::json;

use super::secret::{OLD_SECRET, SECRET, secret_place};
use crate::{
    auth::Caller,
    domain::Gateway,
    ids::NotificationEndpointId,
    secrets::OpenError,
    storage::{EndpointChange, NotificationEndpointRow, StorageError},
};

/// How long the old secret signs beside the new one.
const BESIDE: TimeDelta = TimeDelta::hours(24);

/// Why a secret was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// There is no such endpoint in the workspace.
    #[error("There is no such notification endpoint.")]
    NotFound,
    /// The secret of now does not open.
    #[error("the secret of a notification endpoint does not open: {0}")]
    Sealed(#[from] OpenError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Gives an endpoint another secret, shown this once. The old one signs beside it for a day; one that did so already
    /// ends at once.
    pub async fn rotate_notification_secret(
        &self,
        caller: &Caller,
        id: NotificationEndpointId,
    ) -> Result<(NotificationEndpointRow, SecretString), RotateError> {
        let workspace = caller.workspace;
        let store = self.store();
        let found = store.find_notification_endpoint(workspace, id).await?;
        let row = found.ok_or(RotateError::NotFound)?;
        let sealed = row.secret_sealed.as_deref().unwrap_or_default();
        let place = secret_place(workspace, id.0, SECRET);
        let old = self.sealer().open(&place, sealed)?;
        let secret = self.new_notification_secret();
        let now = self.clock().now();
        let change = EndpointChange::Secret {
            sealed: self.seal_notification_secret(workspace, id.0, &secret),
            old_sealed: self
                .sealer()
                .seal(&secret_place(workspace, id.0, OLD_SECRET), &old),
            old_until: now + BESIDE,
        };
        let entry = self.audit_by(
            caller,
            "notification_endpoint.secret_rotated",
            id.0,
            json!({}),
        );
        let changed = store.change_notification_endpoint(workspace, id, vec![change], entry);
        let row = changed.await?.ok_or(RotateError::NotFound)?;
        Ok((row, secret))
    }
}
