//! How a connection stands, in words for people.

use serde_json::Value;

use crate::{
    domain::{
        Gateway,
        connection::{CredentialError, UsedCredential, refresh::AfterRefusal},
        permission::{Grant, Permission, grants_of, missing, names, to_stored},
        webhook::complaint,
    },
    ids::{ConnectionId, WorkspaceId},
    storage::{
        AuthMethod, ConnectionRow, ConnectionStatus, ConnectionStatusReason, OAuthKind,
        StatusChange, StorageError, WebhookEndpointRow,
    },
    stripe::{StripeError, StripeErrorKind},
};

/// How a connection stands with what its credentials grant and with its webhook: the one place that decides it, so
/// that neither hides what is wrong with the other.
pub(in crate::domain) fn standing(
    method: AuthMethod,
    grants: &[Grant],
    webhook: Option<&WebhookEndpointRow>,
) -> StatusChange {
    let missing = missing(grants);
    if missing.iter().any(|permission| permission.required) {
        return change(
            ConnectionStatus::ActionRequired,
            ConnectionStatusReason::PermissionsMissing,
            &lacking(method, &missing),
        );
    }
    let left_out = (!missing.is_empty()).then(|| match method {
        AuthMethod::ApiKey => format!(
            "The key does not grant {}: what these unlock is left out. To include it, edit the key in the \
             Stripe dashboard and connect again.",
            names(&missing)
        ),
        AuthMethod::OAuth => format!(
            "The access does not include {}: what these unlock is left out.",
            names(&missing)
        ),
    });
    match webhook.and_then(complaint) {
        Some((reason, words)) => {
            let message = left_out.map_or_else(|| words.clone(), |left| format!("{words} {left}"));
            change(ConnectionStatus::ActionRequired, reason, &message)
        }
        None => StatusChange {
            status: ConnectionStatus::Active,
            reason: None,
            message: left_out,
        },
    }
}

/// What to say where rows are missing without which nothing works.
pub(in crate::domain) fn lacking(method: AuthMethod, missing: &[&'static Permission]) -> String {
    match method {
        AuthMethod::ApiKey => format!(
            "The key no longer grants {}. Grant it in the Stripe dashboard, then start the import again.",
            names(missing)
        ),
        AuthMethod::OAuth => format!(
            "The access does not include {}. Ask the operator to have the gateway ask for it at Stripe; then connect \
             again.",
            names(missing)
        ),
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

/// How a connection stands that its user ended, with what is left to do by hand: the addresses of webhooks that still
/// stand, and whether Stripe has not let go of the access.
pub(super) fn disconnected(webhooks_left: &[String], access_left: bool) -> StatusChange {
    let mut sentences = vec![
        "Disconnected here. Connect again with the connection's id to go on with its history."
            .to_owned(),
    ];
    if !webhooks_left.is_empty() {
        sentences.push(format!(
            "Its webhook could not be removed at Stripe: remove the endpoint {} in the Stripe dashboard.",
            webhooks_left.join(" and ")
        ));
    }
    if access_left {
        sentences.push(
            "Stripe did not confirm that access was given back: look under the installed apps and connected \
             platforms of the Stripe dashboard, and remove it there."
                .to_owned(),
        );
    }
    change(
        ConnectionStatus::Disconnected,
        ConnectionStatusReason::DisconnectedByUser,
        &sentences.join(" "),
    )
}

/// How a connection stands whose account took access back.
pub(super) fn revoked(method: AuthMethod) -> StatusChange {
    let message = match method {
        AuthMethod::ApiKey => {
            "Stripe no longer gives access to the account. Connect again with a new key."
        }
        AuthMethod::OAuth => {
            "Access was taken back at Stripe. Connect again through Stripe to go on with the connection's history."
        }
    };
    change(
        ConnectionStatus::Disconnected,
        ConnectionStatusReason::AccessRevoked,
        message,
    )
}

/// How a connection stands whose access cannot be renewed any more.
pub(super) fn ended() -> StatusChange {
    change(
        ConnectionStatus::ActionRequired,
        ConnectionStatusReason::CredentialsExpired,
        "Stripe no longer renews the access. Connect again through Stripe.",
    )
}

/// What a refusal by Stripe means for the connection; none where it means nothing lasting.
fn refused(error: &StripeError, connection: &ConnectionRow) -> Option<StatusChange> {
    let (reason, message) = match (&error.kind, connection.oauth_kind) {
        (StripeErrorKind::KeyRejected | StripeErrorKind::KeyExpired, Some(OAuthKind::Connect)) => (
            ConnectionStatusReason::CredentialsInvalid,
            "Stripe no longer accepts the key of the gateway's own platform: the operator has to configure the new one.",
        ),
        (StripeErrorKind::KeyRejected | StripeErrorKind::KeyExpired, Some(OAuthKind::App)) => {
            return Some(ended());
        }
        (StripeErrorKind::KeyRejected, None) => (
            ConnectionStatusReason::CredentialsInvalid,
            "Stripe no longer accepts the key: it was deleted or rolled. Connect again with a new key.",
        ),
        (StripeErrorKind::KeyExpired, None) => (
            ConnectionStatusReason::CredentialsExpired,
            "The key has expired. Connect again with a new key.",
        ),
        (StripeErrorKind::IpNotAllowed, Some(_)) => (
            ConnectionStatusReason::CredentialsInvalid,
            "Stripe does not allow the gateway's own platform to be used from this server: the operator has to allow \
             the server's IP address at Stripe. Then start the import again.",
        ),
        (StripeErrorKind::IpNotAllowed, None) => (
            ConnectionStatusReason::CredentialsInvalid,
            "The key's access policy does not allow requests from this server: add the server's IP address \
             to the key's allowed addresses in the Stripe dashboard, then start the import again.",
        ),
        _ => return None,
    };
    Some(change(ConnectionStatus::ActionRequired, reason, message))
}

/// How a connection stands whose stored credentials do not open.
fn unreadable(method: AuthMethod) -> StatusChange {
    let message = match method {
        AuthMethod::ApiKey => {
            "The stored credentials cannot be used. Connect again with a new key, or give the gateway back the master \
             key that sealed them."
        }
        AuthMethod::OAuth => {
            "The stored credentials cannot be used. Connect again through Stripe, or give the gateway back the master \
             key that sealed them."
        }
    };
    change(
        ConnectionStatus::ActionRequired,
        ConnectionStatusReason::CredentialsInvalid,
        message,
    )
}

fn change(status: ConnectionStatus, reason: ConnectionStatusReason, message: &str) -> StatusChange {
    StatusChange {
        status,
        reason: Some(reason),
        message: Some(message.to_owned()),
    }
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
            ailing.then(|| standing(row.auth_method, &grants_of(row), webhook))
        };
        self.settle(workspace, id, None, recovered).await
    }

    /// Notes on a connection how it stands with its webhook as it is stored now. Those who watch are told in any case:
    /// the webhook that changed is theirs to see, also where the connection stands as before. Credentials that are
    /// refused are worse, and stay what is shown.
    pub(in crate::domain) async fn note_webhook(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
    ) -> Result<(), StorageError> {
        let found = |row: &ConnectionRow, webhook: Option<&WebhookEndpointRow>| {
            let refused = row.status_reason.is_some_and(is_refusal);
            (!refused).then(|| standing(row.auth_method, &grants_of(row), webhook))
        };
        let now = self.clock().now();
        self.store().settle(workspace, id, None, now, found).await?;
        self.connection_changed(workspace, id);
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
        let found = |row: &ConnectionRow, webhook: Option<&WebhookEndpointRow>| {
            Some(standing(row.auth_method, grants, webhook))
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
            self.connection_changed(workspace, id);
        }
        Ok(())
    }

    /// Notes on the connection why its credentials cannot be used, where that is not noted yet and not passing.
    pub async fn note_unusable(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        error: &CredentialError,
    ) -> Result<(), StorageError> {
        match error {
            CredentialError::Sealed(_) | CredentialError::Malformed => {
                self.note_unreadable(workspace, id).await
            }
            CredentialError::NoPlatform => {
                let missing = change(
                    ConnectionStatus::ActionRequired,
                    ConnectionStatusReason::CredentialsInvalid,
                    "The gateway has no Stripe platform for this mode any more: ask the operator, or connect again \
                     with a restricted key.",
                );
                self.settle(workspace, id, None, |_, _| Some(missing)).await
            }
            _ => Ok(()),
        }
    }

    /// Notes on the connection that its stored credentials cannot be used.
    pub async fn note_unreadable(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
    ) -> Result<(), StorageError> {
        let unreadable =
            |row: &ConnectionRow, _: Option<&WebhookEndpointRow>| Some(unreadable(row.auth_method));
        self.settle(workspace, id, None, unreadable).await
    }

    /// Notes on the connection what a refusal by Stripe means for it; false where the credential that was refused is not
    /// the connection's any more.
    pub async fn note_refusal(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        used: &UsedCredential,
        error: &StripeError,
    ) -> Result<bool, StorageError> {
        let Some(row) = self.store().find_connection(workspace, id).await? else {
            return Ok(true);
        };
        if row.status == ConnectionStatus::Disconnected {
            return Ok(true);
        }
        if !used.is_of(&row) {
            return Ok(false);
        }
        if error.kind == StripeErrorKind::AccountInvalid {
            return self.access_revoked(&row).await;
        }
        match self.after_refusal(&row, error).await? {
            AfterRefusal::GoOn => return Ok(false),
            AfterRefusal::Noted => {}
            AfterRefusal::Lasting => {
                let found = |row: &ConnectionRow, _: Option<&WebhookEndpointRow>| {
                    used.is_of(row).then(|| refused(error, row)).flatten()
                };
                self.settle(workspace, id, None, found).await?;
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::permission::GUIDE;

    #[test]
    fn who_let_us_in_by_oauth_is_not_told_of_a_key_or_an_app() {
        let missing: Vec<_> = GUIDE.iter().filter(|row| row.required).collect();
        let words = [
            lacking(AuthMethod::OAuth, &missing),
            unreadable(AuthMethod::OAuth).message.unwrap(),
            revoked(AuthMethod::OAuth).message.unwrap(),
        ];

        for words in words {
            assert!(!words.contains("new key"), "{words}");
            assert!(!words.contains("The key"), "{words}");
            assert!(!words.contains("app"), "{words}");
        }
        assert!(lacking(AuthMethod::ApiKey, &missing).starts_with("The key"));
    }
}
