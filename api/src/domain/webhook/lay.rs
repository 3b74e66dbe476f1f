//! The webhook of an account that is being connected.

use serde_json::json;
use uuid::Uuid;

use super::{failure::WebhookFailure, older, ours::Addresses, survey::GENERATION};
use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::{WebhookEndpointRow, WebhookProblem},
    stripe::{Credential, StripeError, WebhookEndpoint, event_types::SUBSCRIBED},
};

/// How the webhook came out, to be stored with the connection.
#[derive(Clone, Debug)]
pub(in crate::domain) struct Laid {
    /// The row to store.
    pub(in crate::domain) row: WebhookEndpointRow,
    /// Made just now: to be taken back where the connection is not stored.
    made: bool,
}

impl Gateway {
    /// Sees to the webhook of a connection: keeps the one that stands, makes one where nothing of ours is there, and
    /// makes none beside older ones. What stands in the way of a webhook alone does not stand in the way of connecting.
    pub(in crate::domain) async fn lay_webhook(
        &self,
        blank: WebhookEndpointRow,
        credential: &Credential,
    ) -> Result<Laid, WebhookFailure> {
        let workspace = WorkspaceId(blank.workspace_id);
        let connection = ConnectionId(blank.connection_id);
        let survey = self.survey(workspace, connection, credential).await?;
        if !survey.is_being_made(self.clock().now()) {
            self.tidy(credential, &survey).await?;
        }
        let conflicting = older::to_stored(&survey.older_endpoints());
        if let (Some(live), Some(own)) = (survey.live, &survey.own) {
            let row = self.kept(live, own, conflicting);
            return Ok(Laid { row, made: false });
        }
        if !survey.older.is_empty() {
            let row = WebhookEndpointRow {
                conflicting,
                ..blank
            };
            return Ok(Laid { row, made: false });
        }
        let generation = blank.id;
        match self.create_endpoint(credential, blank.clone()).await {
            Ok(row) => Ok(Laid { row, made: true }),
            Err(error) => {
                let failure = WebhookFailure::from(error);
                let problem = failure.problem();
                if problem.is_none() {
                    self.sweep_later(credential, generation);
                    return Err(failure);
                }
                let row = WebhookEndpointRow { problem, ..blank };
                Ok(Laid { row, made: false })
            }
        }
    }

    /// The webhook that stands, as it was found; looked at again soon where something is amiss.
    fn kept(
        &self,
        live: WebhookEndpointRow,
        own: &WebhookEndpoint,
        conflicting: serde_json::Value,
    ) -> WebhookEndpointRow {
        let now = self.clock().now();
        let here = Addresses::of(self.public_url()).of_connection(ConnectionId(live.connection_id));
        let moved = !Addresses::same(&own.url, &here);
        let lacks = own.lacks(&SUBSCRIBED);
        let well = own.is_enabled() && lacks.is_empty();
        WebhookEndpointRow {
            problem: moved.then_some(WebhookProblem::Moved),
            disabled: !own.is_enabled(),
            missing_events: json!(lacks),
            conflicting,
            checked_at: Some(now),
            check_at: if well { self.next_check(now) } else { now },
            updated_at: now,
            ..live
        }
    }

    /// Takes back a webhook whose connection was not stored, as far as Stripe answers.
    pub(in crate::domain) async fn take_back_webhook(&self, credential: &Credential, laid: &Laid) {
        let Some(id) = laid.row.stripe_id.as_ref().filter(|_| laid.made) else {
            return;
        };
        if let Err(error) = self.stripe().delete_webhook_endpoint(credential, id).await {
            tracing::warn!(stripe.endpoint = %id, "a webhook without a connection is left at Stripe: {error}");
        }
    }

    /// Looks, beside whatever goes on, for an endpoint whose creation was not heard of, and removes it.
    pub(in crate::domain) fn sweep_later(&self, credential: &Credential, generation: Uuid) {
        let (gateway, credential) = (self.clone(), credential.clone());
        tokio::spawn(async move {
            if let Err(error) = gateway.sweep(&credential, generation).await {
                tracing::warn!(webhook.id = %generation, "perhaps a half-made webhook is left at Stripe: {error}");
            }
        });
    }

    async fn sweep(&self, credential: &Credential, generation: Uuid) -> Result<(), StripeError> {
        let mark = generation.to_string();
        for endpoint in self.stripe().list_webhook_endpoints(credential).await? {
            if endpoint.metadata.get(GENERATION) == Some(&mark) {
                self.stripe()
                    .delete_webhook_endpoint(credential, &endpoint.id)
                    .await?;
            }
        }
        Ok(())
    }
}
