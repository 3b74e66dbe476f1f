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
            | ConnectionStatusReason::PermissionsMissing
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
    let status = match reason {
        ConnectionStatusReason::AccessRevoked => ConnectionStatus::Disconnected,
        _ => ConnectionStatus::ActionRequired,
    };
    Some(StatusChange {
        status,
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
                let change = accepted(&grants_of(&row));
                self.change_standing(workspace, id, change).await
            }
            _ => Ok(()),
        }
    }

    /// How a connection stands with these grants.
    pub(in crate::domain) fn standing_with(grants: &[Grant]) -> StatusChange {
        let missing = missing(grants);
        if missing.iter().all(|permission| !permission.required) {
            return accepted(grants);
        }
        StatusChange {
            status: ConnectionStatus::ActionRequired,
            reason: Some(ConnectionStatusReason::PermissionsMissing),
            message: Some(format!(
                "The key no longer grants {}. Grant it in the Stripe dashboard, then start the import again.",
                names(&missing)
            )),
        }
    }

    /// Notes on the connection that its stored credentials cannot be used.
    pub async fn note_unreadable(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
    ) -> Result<(), StorageError> {
        let change = StatusChange {
            status: ConnectionStatus::ActionRequired,
            reason: Some(ConnectionStatusReason::CredentialsInvalid),
            message: Some(
                "The stored credentials cannot be used. Connect again with a new key, or give the gateway back the \
                 master key that sealed them."
                    .to_owned(),
            ),
        };
        self.change_standing(workspace, id, change).await
    }

    /// Notes on the connection what a refusal by Stripe means for it; false where the key that was refused is not the
    /// connection's any more.
    pub async fn note_refusal(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        refused_key: Option<&[u8]>,
        error: &StripeError,
    ) -> Result<bool, StorageError> {
        let found = self.store().find_connection(workspace, id).await?;
        if found.is_some_and(|row| row.credential_sealed.as_deref() != refused_key) {
            return Ok(false);
        }
        if let Some(change) = refused(error) {
            self.change_standing(workspace, id, change).await?;
        }
        Ok(true)
    }

    /// Writes how a connection stands, and tells those who watch.
    async fn change_standing(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        change: StatusChange,
    ) -> Result<(), StorageError> {
        let now = self.clock().now();
        self.store()
            .set_connection_status(workspace, id, change, now)
            .await?;
        self.connection_changed(workspace, id).await;
        Ok(())
    }
}
