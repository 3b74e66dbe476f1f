//! The webhook of an account that is being connected.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::{failure::WebhookFailure, older, ours::Addresses, survey::GENERATION};
use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::{WebhookEndpointRow, WebhookProblem},
    stripe::{Credential, StripeError, WebhookEndpoint, event_types::SUBSCRIBED},
};

/// The pauses before each look for an endpoint whose creation was not heard of: Stripe may make it after the first.
const SWEEPS: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_mins(1),
    Duration::from_mins(10),
];

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

    /// Looks a few times, beside whatever goes on, for an endpoint whose creation was not heard of, and removes it.
    pub(in crate::domain) fn sweep_later(&self, credential: &Credential, generation: Uuid) {
        let (gateway, credential) = (self.clone(), credential.clone());
        tokio::spawn(async move {
            for pause in SWEEPS {
                tokio::time::sleep(pause).await;
                match gateway.sweep(&credential, generation).await {
                    Ok(true) => return,
                    Ok(false) => {}
                    Err(error) => {
                        tracing::warn!(webhook.id = %generation, "perhaps a half-made webhook is left at Stripe: {error}");
                    }
                }
            }
        });
    }

    /// Removes the endpoint of a generation; false where there is none yet.
    async fn sweep(&self, credential: &Credential, generation: Uuid) -> Result<bool, StripeError> {
        let mark = generation.to_string();
        let mut removed = false;
        for endpoint in self.stripe().list_webhook_endpoints(credential).await? {
            if endpoint.metadata.get(GENERATION) == Some(&mark) {
                self.stripe()
                    .delete_webhook_endpoint(credential, &endpoint.id)
                    .await?;
                removed = true;
            }
        }
        Ok(removed)
    }
}
