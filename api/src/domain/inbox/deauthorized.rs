//! A merchant took the access back, says an event.

use super::fetch::failed;
use crate::{
    domain::{Gateway, connection::CredentialError},
    storage::{
        AuthMethod, ConnectionRow, EventOutcome, InboxEventRow, OAuthKind, PageRows, StorageError,
        TaskRow,
    },
    stripe::StripeErrorKind,
};

impl Gateway {
    /// Ends the connection where Stripe confirms it: the event may be of another application, or from before the account
    /// was connected again.
    pub(super) async fn apply_deauthorized(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
        events: &[&InboxEventRow],
    ) -> Result<(), StorageError> {
        if events.is_empty() {
            return Ok(());
        }
        let outcome = match self.is_revoked(connection).await {
            Some(true) => {
                self.access_revoked(connection).await?;
                EventOutcome::Applied
            }
            Some(false) => EventOutcome::Ignored("the access to the account is still good"),
            None => {
                let attempts = events.iter().map(|event| event.attempts).max();
                let reason = "it cannot be found out whether the access is gone";
                failed(attempts.unwrap_or_default(), self.clock().now(), reason)
            }
        };
        let ids = events.iter().map(|event| event.id.into()).collect();
        self.settle_rows(task, PageRows::default(), vec![(ids, outcome)])
            .await
    }

    /// Whether the access to an account is gone; none where that cannot be found out now.
    async fn is_revoked(&self, connection: &ConnectionRow) -> Option<bool> {
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
                // An app's token dies with its installation; a platform's key that is refused tells nothing.
                StripeErrorKind::KeyRejected | StripeErrorKind::KeyExpired => {
                    (connection.oauth_kind == Some(OAuthKind::App)).then_some(true)
                }
                StripeErrorKind::MissingPermission { .. } => Some(false),
                _ => None,
            },
        }
    }
}
