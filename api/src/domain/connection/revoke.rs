//! Access that an account took back.

use serde_json::json;

use super::{CredentialError, refresh::AfterRefusal, standing};
use crate::{
    domain::{Gateway, import::revoked},
    ids::{ConnectionId, ImportId, WorkspaceId},
    storage::{AuthMethod, ConnectionRow, OAuthKind, StorageError},
    stripe::{StripeError, StripeErrorKind},
};

impl Gateway {
    /// Ends a connection whose account took access back: the credentials are destroyed, the import under way fails,
    /// and those who watch are told. However often it is noticed, it is done once; false where it was done before, or
    /// the account let us in again after `connection` was read.
    pub async fn access_revoked(&self, connection: &ConnectionRow) -> Result<bool, StorageError> {
        let workspace = WorkspaceId(connection.workspace_id);
        let id = ConnectionId(connection.id);
        let change = standing::revoked(connection.auth_method);
        let entry = self.audit(workspace, None, "connection.revoked", id.0, json!({}));
        let ended = self
            .store()
            .revoke_access(connection, change, revoked(), entry)
            .await?;
        if !ended {
            return Ok(false);
        }
        tracing::warn!(connection.id = %id, "the account of connection {id} took access back");
        if let Some(import) = self.store().find_latest_import(workspace, id).await? {
            self.publish_progress(workspace, ImportId(import.id)).await;
        }
        self.connection_changed(workspace, id);
        Ok(true)
    }

    /// Whether the access to an account is gone; none where that cannot be found out now.
    pub(in crate::domain) async fn is_revoked(&self, connection: &ConnectionRow) -> Option<bool> {
        if connection.auth_method == AuthMethod::ApiKey {
            return Some(false);
        }
        let credential = match self.fresh_credential(connection).await {
            Ok(credential) => credential,
            Err(CredentialError::Ended | CredentialError::None) => return Some(true),
            Err(_) => return None,
        };
        match self.stripe().balance(&credential).await {
            Ok(_) => Some(false),
            Err(error) => match error.kind {
                StripeErrorKind::AccountInvalid => Some(true),
                StripeErrorKind::KeyRejected | StripeErrorKind::KeyExpired => {
                    self.is_app_gone(connection, &error).await
                }
                StripeErrorKind::MissingPermission { .. } => Some(false),
                _ => None,
            },
        }
    }

    /// An app's token dies with its installation, or of age; a platform's key that is refused tells nothing.
    async fn is_app_gone(&self, connection: &ConnectionRow, error: &StripeError) -> Option<bool> {
        if connection.oauth_kind != Some(OAuthKind::App) {
            return None;
        }
        match self.after_refusal(connection, error).await {
            Ok(AfterRefusal::Noted | AfterRefusal::Lasting) => Some(true),
            Ok(AfterRefusal::GoOn) | Err(_) => None,
        }
    }
}
