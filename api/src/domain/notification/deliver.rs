//! One attempt to deliver a message.

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use url::Url;

use super::{
    message::{Attempt, body, with_attempt},
    schedule::Tried,
};
use crate::{
    domain::Gateway,
    ids::{NotificationDeliveryId, NotificationEndpointId, WorkspaceId, node_id},
    outbound::{AddressProblem, Answer, Message, SendError, sign},
    storage::{
        DeliveryOutcome, EndpointNews, NotificationDeliveryRow, NotificationEndpointRow,
        NotificationEndpointState, StorageError,
    },
};

/// What an attempt could not even begin with.
const NO_SECRET: &str = "The endpoint's secret cannot be used: rotate it.";

impl Gateway {
    /// Sends a claimed message once, and writes down what came of it; `LeaseLost` where somebody else has it by now.
    pub async fn deliver(&self, row: &NotificationDeliveryRow) -> Result<(), StorageError> {
        let workspace = WorkspaceId(row.workspace_id);
        let id = NotificationEndpointId(row.endpoint_id);
        let store = self.store();
        let endpoint = store.find_notification_endpoint(workspace, id).await?;
        let enabled =
            endpoint.filter(|endpoint| endpoint.state == NotificationEndpointState::Enabled);
        // Whoever disabled it gave its messages up.
        let Some(endpoint) = enabled else {
            return Err(StorageError::LeaseLost);
        };
        let at = self.clock().now();
        let began = Instant::now();
        let answer = self.attempt(&endpoint, row, at).await;
        let duration = began.elapsed().as_millis();
        metrics::counter!("inlet_notification_attempts_total", "outcome" => outcome(&answer))
            .increment(1);
        let attempt = Attempt {
            at,
            duration_ms: u32::try_from(duration).unwrap_or(u32::MAX),
            status: answer.as_ref().ok().map(|answer| answer.status),
            error: error_of(&answer),
        };
        let now = self.clock().now();
        let tried = Tried {
            answer: &answer,
            before: row.tries,
            failing_since: endpoint.failing_since,
            now,
            chance: f64::from(u32::from_be_bytes(self.ids().random())) / f64::from(u32::MAX),
        };
        let verdict = tried.judge();
        if let EndpointNews::Ends(reason) = verdict.endpoint {
            let endpoint = node_id(id);
            tracing::warn!(
                endpoint,
                ?reason,
                "the notification endpoint {endpoint} is disabled"
            );
        }
        let outcome = DeliveryOutcome {
            state: verdict.state,
            run_at: verdict.next,
            attempts: with_attempt(row, attempt),
            endpoint: verdict.endpoint,
        };
        store.settle_delivery(row, outcome, now).await
    }

    async fn attempt(
        &self,
        endpoint: &NotificationEndpointRow,
        row: &NotificationDeliveryRow,
        at: DateTime<Utc>,
    ) -> Result<Answer, SendError> {
        let url = Url::parse(&endpoint.url).map_err(|_| AddressProblem::Scheme)?;
        let id = node_id(NotificationDeliveryId(row.id));
        let (timestamp, body) = (at.timestamp(), body(row));
        let secrets = self.notification_secrets(endpoint, at);
        let signature = secrets
            .ok()
            .and_then(|secrets| sign(&secrets, &id, timestamp, &body).ok());
        let Some(signature) = signature.filter(|signature| !signature.is_empty()) else {
            tracing::error!(
                delivery = id,
                "the secret of a notification endpoint cannot be used"
            );
            return Err(SendError::NotSent(NO_SECRET));
        };
        let message = Message {
            url: &url,
            id: &id,
            timestamp,
            signature: &signature,
            body: &body,
        };
        self.sender().send(message, at).await
    }
}

fn outcome(answer: &Result<Answer, SendError>) -> &'static str {
    match answer {
        Ok(answer) if (200..300).contains(&answer.status) => "delivered",
        Ok(_) => "refused",
        Err(_) => "unanswered",
    }
}

fn error_of(answer: &Result<Answer, SendError>) -> Option<String> {
    match answer {
        Ok(answer) if (200..300).contains(&answer.status) => None,
        Ok(answer) if (300..400).contains(&answer.status) => Some(format!(
            "HTTP status {}: redirects are not followed.",
            answer.status
        )),
        Ok(answer) => Some(format!("HTTP status {}.", answer.status)),
        Err(error) => Some(error.to_string()),
    }
}
