//! How a connection stands, in words for people.

use crate::{
    domain::{
        Gateway,
        permission::{Grant, grants_of, missing, names},
    },
    ids::{ConnectionId, WorkspaceId},
    storage::{ConnectionStatus, ConnectionStatusReason, StatusChange, StorageError},
    stripe::{StripeError, StripeErrorKind},
};

/// How a connection stands when its key is accepted: it works, and says what is left out.
pub(super) fn accepted(grants: &[Grant]) -> StatusChange {
    let missing = missing(grants);
    let message = (!missing.is_empty()).then(|| {
        format!(
            "The key does not grant {}: what these unlock is left out. To include it, edit the key in the \
             Stripe dashboard and connect again.",
            names(&missing)
        )
    });
    StatusChange {
        status: ConnectionStatus::Active,
        reason: None,
        message,
    }
}

fn is_about_credentials(reason: ConnectionStatusReason) -> bool {
    matches!(
        reason,
        ConnectionStatusReason::CredentialsInvalid
            | ConnectionStatusReason::CredentialsExpired
            | ConnectionStatusReason::AccessRevoked
    )
}

pub(super) fn disconnected() -> StatusChange {
    StatusChange {
        status: ConnectionStatus::Disconnected,
        reason: Some(ConnectionStatusReason::DisconnectedByUser),
        message: Some(
            "Disconnected here. Connect again with the connection's id to go on with its history."
                .to_owned(),
        ),
    }
}

/// What a refusal by Stripe means for the connection; none where it means nothing lasting.
fn refused(error: &StripeError) -> Option<StatusChange> {
    let (reason, message) = match error.kind {
        StripeErrorKind::KeyRejected => (
            ConnectionStatusReason::CredentialsInvalid,
            "Stripe no longer accepts the key: it was deleted or rolled. Connect again with a new key.",
        ),
        StripeErrorKind::KeyExpired => (
            ConnectionStatusReason::CredentialsExpired,
            "The key has expired. Connect again with a new key.",
        ),
        StripeErrorKind::IpNotAllowed => (
            ConnectionStatusReason::CredentialsInvalid,
            "The key's access policy does not allow requests from this server: add the server's IP address \
             to the key's allowed addresses in the Stripe dashboard, then start the import again.",
        ),
        StripeErrorKind::AccountInvalid => (
            ConnectionStatusReason::AccessRevoked,
            "Stripe no longer gives access to the account. Connect again with a new key.",
        ),
        _ => return None,
    };
    Some(StatusChange {
        status: ConnectionStatus::ActionRequired,
        reason: Some(reason),
        message: Some(message.to_owned()),
    })
}

impl Gateway {
    /// Notes on a connection that its credentials work, where it says that they do not.
    pub async fn note_recovery(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
    ) -> Result<(), StorageError> {
        match self.store().find_connection(workspace, id).await? {
            Some(row) if row.status_reason.is_some_and(is_about_credentials) => {
                let now = self.clock().now();
                let change = accepted(&grants_of(&row));
                self.store()
                    .set_connection_status(workspace, id, change, now)
                    .await
            }
            _ => Ok(()),
        }
    }

    /// Notes on the connection what a refusal by Stripe means for it.
    pub async fn note_refusal(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        error: &StripeError,
    ) -> Result<(), StorageError> {
        match refused(error) {
            Some(change) => {
                let now = self.clock().now();
                self.store()
                    .set_connection_status(workspace, connection, change, now)
                    .await
            }
            None => Ok(()),
        }
    }
}
