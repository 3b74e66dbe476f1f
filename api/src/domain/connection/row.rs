//! The row of a connection that is made.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::standing;
use crate::{
    domain::{
        name::Name,
        permission::{Grant, to_stored},
    },
    ids::WorkspaceId,
    storage::{AccountFacts, ConnectionRow, StatusChange, StoredGrant, WebhookEndpointRow},
};

/// A connection that is about to be stored.
pub(super) struct NewConnection<'a> {
    pub(super) id: Uuid,
    pub(super) workspace: WorkspaceId,
    pub(super) name: Name,
    pub(super) livemode: bool,
    pub(super) grant: StoredGrant,
    pub(super) account: AccountFacts,
    pub(super) permitted: &'a [Grant],
    /// Its own webhook; none where it has none of its own.
    pub(super) webhook: Option<&'a WebhookEndpointRow>,
    /// The moment from which on changes are told by a webhook, and before which they are the import's.
    pub(super) now: DateTime<Utc>,
}

impl NewConnection<'_> {
    /// The row, with how the connection stands.
    pub(super) fn into_row(self) -> ConnectionRow {
        let StatusChange {
            status,
            reason,
            message,
        } = standing::standing(self.grant.auth_method, self.permitted, self.webhook);
        let (name, name_key) = self.name.into_pair();
        ConnectionRow {
            id: self.id,
            workspace_id: self.workspace.0,
            name,
            name_key,
            auth_method: self.grant.auth_method,
            livemode: self.livemode,
            status,
            status_reason: reason,
            status_message: message,
            stripe_account_id: self.account.stripe_id,
            account_name: self.account.name,
            account_country: self.account.country,
            account_currency: self.account.currency,
            api_key_hint: self.grant.hint,
            credential_sealed: self.grant.sealed,
            oauth_kind: self.grant.oauth_kind,
            access_expires_at: self.grant.access_expires_at,
            refresh_lease_until: None,
            granted_at: Some(self.now),
            permissions: to_stored(self.permitted),
            synced_through: None,
            purge_requested_at: None,
            created_at: self.now,
            updated_at: self.now,
        }
    }
}
