//! Making one endpoint at Stripe.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    ours::Addresses,
    survey::{CONNECTION, GENERATION},
};
use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::{WebhookEndpointRow, WebhookEndpointState},
    stripe::{Credential, NewEndpoint, StripeError, event_types::SUBSCRIBED},
};

/// How long a webhook is left alone between two looks, at least.
const CHECK_EVERY: TimeDelta = TimeDelta::hours(6);

/// Up to so many seconds more, so that looks do not come together.
const CHECK_SPREAD: u16 = 1_800;

/// What the merchant reads beside the endpoint in the Stripe dashboard.
const DESCRIPTION: &str = "Keeps this account's data live in Inlet";

impl Gateway {
    /// A webhook of which nothing is at Stripe yet.
    pub(in crate::domain) fn blank_webhook(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> WebhookEndpointRow {
        let now = self.clock().now();
        WebhookEndpointRow {
            id: self.ids().next(),
            workspace_id: workspace.0,
            connection_id: connection.0,
            state: WebhookEndpointState::Live,
            url: Addresses::of(self.public_url()).of_connection(connection),
            stripe_id: None,
            secret_sealed: None,
            idempotency_key: self.creation_key(),
            api_version: None,
            problem: None,
            disabled: false,
            missing_events: json!([]),
            conflicting: json!([]),
            removed: json!([]),
            reenabled_at: None,
            remade_at: None,
            retiring_until: None,
            lease_owner: None,
            lease_until: None,
            last_event_at: None,
            checked_at: None,
            check_at: self.next_check(now),
            created_at: now,
            updated_at: now,
        }
    }

    /// A key for a creation that was not asked for before.
    pub(super) fn creation_key(&self) -> String {
        format!("inlet-webhook-{}", self.ids().next())
    }

    /// When to look at a webhook again.
    pub(super) fn next_check(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let luck = self.ids().next().into_bytes();
        let spread = u16::from_be_bytes([luck[14], luck[15]]) % CHECK_SPREAD;
        now + CHECK_EVERY + TimeDelta::seconds(spread.into())
    }

    /// Makes the endpoint that a row stands for; the row with what came of it.
    pub(super) async fn create_endpoint(
        &self,
        credential: &Credential,
        row: WebhookEndpointRow,
    ) -> Result<WebhookEndpointRow, StripeError> {
        let mark = |name: &str| format!("metadata[{name}]");
        let new = NewEndpoint {
            url: row.url.clone(),
            enabled_events: SUBSCRIBED.to_vec(),
            description: DESCRIPTION,
            metadata: vec![
                (
                    mark(CONNECTION),
                    ConnectionId(row.connection_id).to_string(),
                ),
                (mark(GENERATION), row.id.to_string()),
            ],
            idempotency_key: row.idempotency_key.clone(),
        };
        let made = self
            .stripe()
            .create_webhook_endpoint(credential, &new)
            .await?;
        let secret = self.seal_webhook_secret(&row, &made.secret);
        let now = self.clock().now();
        Ok(WebhookEndpointRow {
            stripe_id: Some(made.endpoint.id),
            api_version: made.endpoint.api_version,
            secret_sealed: Some(secret),
            checked_at: Some(now),
            updated_at: now,
            ..row
        })
    }
}
