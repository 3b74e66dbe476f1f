//! How a connection stands, in words for people.

use serde_json::Value;

use crate::{
    domain::{
        Gateway,
        permission::{Grant, grants_of, missing, names, to_stored},
        webhook::complaint,
    },
    ids::{ConnectionId, WorkspaceId},
    storage::{
        ConnectionRow, ConnectionStatus, ConnectionStatusReason, StatusChange, StorageError,
        WebhookEndpointRow,
    },
    stripe::{StripeError, StripeErrorKind},
};

/// How a connection stands with what its credentials grant and with its webhook: the one place that decides it, so
/// that neither hides what is wrong with the other.
pub(in crate::domain) fn standing(
    grants: &[Grant],
    webhook: Option<&WebhookEndpointRow>,
) -> StatusChange {
    let missing = missing(grants);
    if missing.iter().any(|permission| permission.required) {
        return StatusChange {
            status: ConnectionStatus::ActionRequired,
            reason: Some(ConnectionStatusReason::PermissionsMissing),
            message: Some(format!(
                "The key no longer grants {}. Grant it in the Stripe dashboard, then start the import again.",
                names(&missing)
            )),
        };
    }
    let left_out = (!missing.is_empty()).then(|| {
        format!(
            "The key does not grant {}: what these unlock is left out. To include it, edit the key in the \
             Stripe dashboard and connect again.",
            names(&missing)
        )
    });
    match webhook.and_then(complaint) {
        Some((reason, words)) => StatusChange {
            status: ConnectionStatus::ActionRequired,
            reason: Some(reason),
            message: Some(match left_out {
                Some(left_out) => format!("{words} {left_out}"),
                None => words,
            }),
        },
        None => StatusChange {
            status: ConnectionStatus::Active,
            reason: None,
            message: left_out,
        },
    }
}

/// Whether the credentials as such are refused, whatever else is wrong.
fn is_refusal(reason: ConnectionStatusReason) -> bool {
    is_about_credentials(reason) && reason != ConnectionStatusReason::PermissionsMissing
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

/// A connection that was ended here, with what is left to do by hand: the addresses of webhooks that still stand.
pub(super) fn disconnected(left: &[String]) -> StatusChange {
    let ended =
        "Disconnected here. Connect again with the connection's id to go on with its history.";
    let message = if left.is_empty() {
        ended.to_owned()
    } else {
        format!(
            "{ended} Its webhook could not be removed at Stripe: remove the endpoint {} in the Stripe dashboard.",
            left.join(" and ")
        )
    };
    StatusChange {
        status: ConnectionStatus::Disconnected,
        reason: Some(ConnectionStatusReason::DisconnectedByUser),
        message: Some(message),
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
        let found = self.store().find_connection(workspace, id).await?;
        if !found.is_some_and(|row| row.status_reason.is_some_and(is_about_credentials)) {
            return Ok(());
        }
        let recovered = |row: &ConnectionRow, webhook: Option<&WebhookEndpointRow>| {
            let ailing = row.status_reason.is_some_and(is_about_credentials);
            ailing.then(|| standing(&grants_of(row), webhook))
        };
        self.settle(workspace, id, None, recovered).await
    }

    /// Notes on a connection how it stands with its webhook as it is stored now, and tells those who watch. Credentials
    /// that are refused are worse, and stay what is shown.
    pub(in crate::domain) async fn note_webhook(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
    ) -> Result<(), StorageError> {
        let found = |row: &ConnectionRow, webhook: Option<&WebhookEndpointRow>| {
            let refused = row.status_reason.is_some_and(is_refusal);
            (!refused).then(|| standing(&grants_of(row), webhook))
        };
        let now = self.clock().now();
        self.store().settle(workspace, id, None, now, found).await?;
        self.connection_changed(workspace, id).await;
        Ok(())
    }

    /// Notes what a connection's credentials grant, and how it stands with that.
    pub(in crate::domain) async fn note_grants(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        grants: &[Grant],
    ) -> Result<(), StorageError> {
        let stored = to_stored(grants);
        let found = |_: &ConnectionRow, webhook: Option<&WebhookEndpointRow>| {
            Some(standing(grants, webhook))
        };
        self.settle(workspace, id, Some(stored), found).await
    }

    async fn settle(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        permissions: Option<Value>,
        decide: impl FnOnce(&ConnectionRow, Option<&WebhookEndpointRow>) -> Option<StatusChange> + Send,
    ) -> Result<(), StorageError> {
        let now = self.clock().now();
        let settled = self
            .store()
            .settle(workspace, id, permissions, now, decide)
            .await?;
        if settled {
            self.connection_changed(workspace, id).await;
        }
        Ok(())
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
        let now = self.clock().now();
        self.store()
            .set_connection_status(workspace, id, change, now)
            .await
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
            let now = self.clock().now();
            self.store()
                .set_connection_status(workspace, id, change, now)
                .await?;
        }
        Ok(true)
    }
}
