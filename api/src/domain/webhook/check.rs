//! The steward's periodic look at every webhook.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use serde_json::json;

use super::{
    failure::WebhookFailure,
    judge::{Judgement, Step, judge},
    ours::Addresses,
    rebuild::heard_until,
    replace::Order,
    status::{complaint, missing_event_types},
    survey::{Survey, SurveyError},
};
use crate::{
    domain::{
        Gateway,
        connection::{CredentialError, UsedCredential},
    },
    ids::{ConnectionId, WorkspaceId},
    storage::{
        ConnectionRow, ConnectionStatus, ConnectionStatusReason, Making, StorageError,
        WebhookEndpointRow,
    },
    stripe::{Credential, StripeError, StripeErrorKind},
};

/// Looks that are taken at once, and how many of them go on side by side.
const BATCH: u64 = 20;
const AT_ONCE: usize = 4;

/// Where Stripe did not answer, it is asked again this soon.
const RETRY: TimeDelta = TimeDelta::minutes(10);

/// Why a webhook cannot be looked at now.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The credentials cannot be used.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// Stripe did not tell.
    #[error(transparent)]
    Stripe(StripeError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<SurveyError> for LookError {
    fn from(error: SurveyError) -> Self {
        match error {
            SurveyError::Stripe(error) => Self::Stripe(error),
            SurveyError::Storage(error) => Self::Storage(error),
        }
    }
}

impl Gateway {
    /// Looks at every webhook that is due, mends what can be mended and notes the rest; several processes may do so at
    /// once.
    pub async fn check_webhooks(&self) -> Result<(), StorageError> {
        self.store()
            .end_retired_webhooks(self.clock().now())
            .await?;
        loop {
            let now = self.clock().now();
            let due = self.store().list_due_webhooks(now, BATCH).await?;
            if due.is_empty() {
                return Ok(());
            }
            let looks = stream::iter(due).map(|row| self.check_claimed(row, now));
            let mut looks = looks.buffer_unordered(AT_ONCE);
            while let Some(done) = looks.next().await {
                done?;
            }
        }
    }

    async fn check_claimed(
        &self,
        row: WebhookEndpointRow,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let next = self.next_check(now);
        if !self.store().claim_webhook_check(&row, next).await? {
            return Ok(());
        }
        let workspace = WorkspaceId(row.workspace_id);
        let id = ConnectionId(row.connection_id);
        match Box::pin(self.check_webhook(workspace, id)).await {
            Err(LookError::Storage(error)) => Err(error),
            Err(error) => {
                tracing::warn!(connection.id = %id, "the webhook of connection {id} was not looked at: {error}");
                self.store().set_webhook_check(&row, now + RETRY).await
            }
            Ok(()) => Ok(()),
        }
    }

    /// Looks at the webhook of one connection.
    async fn check_webhook(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
    ) -> Result<(), LookError> {
        let Some(connection) = self.store().find_connection(workspace, id).await? else {
            return Ok(());
        };
        if connection.status == ConnectionStatus::Disconnected {
            return Ok(());
        }
        let credential = self.fresh_credential(&connection).await?;
        let survey = match self.survey(workspace, id, &credential).await {
            Err(SurveyError::Stripe(error)) => {
                self.note_look_refused(connection, &error).await?;
                return Err(LookError::Stripe(error));
            }
            answer => answer?,
        };
        if connection.status_reason == Some(ConnectionStatusReason::PermissionsMissing) {
            // It may be granted by now.
            self.check_again(workspace, connection.clone()).await?;
        }
        let now = self.clock().now();
        if survey.is_being_made(now) {
            return Ok(());
        }
        self.tidy(&credential, &survey).await?;
        let Some(live) = &survey.live else {
            return Ok(());
        };
        let url = Addresses::of(self.public_url()).of_connection(id);
        let judgement = judge(live, &survey, &url, now);
        self.follow(&connection, &credential, live, judgement).await
    }

    /// Removes what is ours beyond doubt and serves nobody: what was replaced, and what a maker that died left behind.
    pub(super) async fn tidy(
        &self,
        credential: &Credential,
        survey: &Survey,
    ) -> Result<(), StorageError> {
        let now = self.clock().now();
        let mut going: Vec<_> = survey.leftover.iter().collect();
        if let Some(making) = &survey.making
            && self.store().give_up_webhook(making, now).await?
        {
            going.extend(&survey.made);
        }
        for endpoint in going {
            let removed = self
                .stripe()
                .delete_webhook_endpoint(credential, &endpoint.id);
            if let Err(error) = removed.await {
                tracing::warn!(stripe.endpoint = %endpoint.id, "an old webhook was not removed: {error}");
            }
        }
        Ok(())
    }

    /// Does what was found to be done, and writes down what came of it.
    async fn follow(
        &self,
        connection: &ConnectionRow,
        credential: &Credential,
        live: &WebhookEndpointRow,
        Judgement { mut row, steps }: Judgement,
    ) -> Result<(), LookError> {
        let workspace = WorkspaceId(connection.workspace_id);
        let id = ConnectionId(connection.id);
        let since = heard_until(connection, Some(live));
        let mut gap = false;
        for step in &steps {
            if *step == Step::Make {
                continue;
            }
            match self.mend(credential, &mut row, step).await {
                Ok(()) => gap = true,
                Err(error) => {
                    tracing::warn!(connection.id = %id, "the webhook of connection {id} was not mended: {error}");
                }
            }
        }
        if !self
            .store()
            .save_webhook_findings(&row, live.updated_at)
            .await?
        {
            return Ok(());
        }
        if tells_other(live, &row) {
            self.note_webhook(workspace, id).await?;
        }
        if gap {
            self.recover_since(workspace, id, since).await?;
        }
        if steps.contains(&Step::Make) {
            self.make_again(workspace, id, credential, since).await?;
        }
        Ok(())
    }

    async fn mend(
        &self,
        credential: &Credential,
        row: &mut WebhookEndpointRow,
        step: &Step,
    ) -> Result<(), StripeError> {
        let id = row.stripe_id.clone().unwrap_or_default();
        let stripe = self.stripe();
        match step {
            Step::Enable => {
                stripe.enable_webhook_endpoint(credential, &id).await?;
                row.reenabled_at = Some(self.clock().now());
                row.disabled = false;
            }
            Step::SetEvents(events) => {
                let events = events.clone();
                stripe.set_webhook_events(credential, &id, events).await?;
                row.missing_events = json!([]);
            }
            Step::Make => {}
        }
        Ok(())
    }

    async fn make_again(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        credential: &Credential,
        since: DateTime<Utc>,
    ) -> Result<(), LookError> {
        let order = Order {
            workspace,
            connection: id,
            by: None,
            since,
        };
        let made = async {
            match self.begin_replacing(&order).await? {
                Making::Underway(_) => Ok(()),
                Making::Fresh(row) => self
                    .replace_webhook(order, credential, row, false)
                    .await
                    .map(drop),
                Making::Resumed(row) => self
                    .replace_webhook(order, credential, row, true)
                    .await
                    .map(drop),
            }
        };
        match made.await {
            Err(WebhookFailure::Storage(error)) => Err(error.into()),
            Err(error) => {
                tracing::warn!(connection.id = %id, "the webhook of connection {id} was not made again: {error}");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// What a refused look tells about the credentials.
    async fn note_look_refused(
        &self,
        connection: ConnectionRow,
        error: &StripeError,
    ) -> Result<(), StorageError> {
        let workspace = WorkspaceId(connection.workspace_id);
        let id = ConnectionId(connection.id);
        if error.ends_connection() {
            let used = UsedCredential::of(&connection);
            self.note_refusal(workspace, id, &used, error).await?;
        } else if matches!(error.kind, StripeErrorKind::MissingPermission { .. }) {
            self.check_again(workspace, connection).await?;
        }
        Ok(())
    }

    /// How a connection's webhook would be found now; nothing is changed. None where it has none.
    pub async fn look_at_webhook(
        &self,
        connection: &ConnectionRow,
    ) -> Result<Option<WebhookEndpointRow>, LookError> {
        let workspace = WorkspaceId(connection.workspace_id);
        let id = ConnectionId(connection.id);
        let credential = self.fresh_credential(connection).await?;
        let survey = self.survey(workspace, id, &credential).await?;
        let url = Addresses::of(self.public_url()).of_connection(id);
        let now = self.clock().now();
        Ok(survey
            .live
            .as_ref()
            .map(|live| judge(live, &survey, &url, now).row))
    }
}

/// Whether a webhook that was found anew tells people something else than before.
fn tells_other(before: &WebhookEndpointRow, after: &WebhookEndpointRow) -> bool {
    complaint(before) != complaint(after)
        || before.conflicting != after.conflicting
        || before.stripe_id != after.stripe_id
        || before.url != after.url
        || missing_event_types(before) != missing_event_types(after)
}
