//! Putting a new endpoint in the place of whatever points at this gateway.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    failure::WebhookFailure,
    older::{self, OlderEndpoint},
    survey::Survey,
};
use crate::{
    auth::Actor,
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::{
        AuditRow, Making, Promotion, WebhookEndpointRow, WebhookEndpointState, WebhookProblem,
    },
    stripe::{Credential, StripeError, WebhookEndpoint},
};

/// From so many endpoints on the old ones go before the new one comes: sixteen fit (Stripe contract section 4.2).
const CROWDED: usize = 15;

/// Stripe may forget a creation's key after a day (Stripe contract section 1.3).
const KEY_LIFE: TimeDelta = TimeDelta::hours(23);

/// How long nobody else makes what somebody has begun.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// How long what an old endpoint still sends is accepted.
const GRACE: TimeDelta = TimeDelta::hours(1);

/// An endpoint that was not removed is looked at again this soon.
const SOON: TimeDelta = TimeDelta::minutes(5);

/// On whose behalf an endpoint is replaced.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) workspace: WorkspaceId,
    pub(super) connection: ConnectionId,
    /// Whose word it is; none for the steward's own.
    pub(super) by: Option<Actor>,
    /// Where events may be missing from.
    pub(super) since: DateTime<Utc>,
}

/// What a making has come to.
struct Progress<'a> {
    order: Order,
    credential: &'a Credential,
    survey: Survey,
    row: WebhookEndpointRow,
    resumed: bool,
    removed: Vec<OlderEndpoint>,
}

impl Progress<'_> {
    /// What is replaced and was not removed.
    fn left(&self, made: Option<&str>) -> Vec<OlderEndpoint> {
        let gone = |id: &str| self.removed.iter().any(|removed| removed.stripe_id == id);
        self.survey
            .replaceable()
            .filter(|endpoint| Some(endpoint.id.as_str()) != made && !gone(&endpoint.id))
            .map(OlderEndpoint::from)
            .collect()
    }
}

impl Gateway {
    /// Claims the making of a connection's next endpoint: one maker at a time.
    pub(super) async fn begin_replacing(&self, order: &Order) -> Result<Making, WebhookFailure> {
        let now = self.clock().now();
        let wanted = WebhookEndpointRow {
            state: WebhookEndpointState::Creating,
            remade_at: order.by.is_none().then_some(now),
            lease_owner: Some(self.ids().next()),
            lease_until: Some(now + LEASE),
            ..self.blank_webhook(order.workspace, order.connection)
        };
        Ok(self.store().begin_webhook(wanted, now).await?)
    }

    /// Makes the endpoint that was claimed, and removes what it replaces. The secret is stored before anything is
    /// removed, unless there is no room for both.
    pub(super) async fn replace_webhook(
        &self,
        order: Order,
        credential: &Credential,
        row: WebhookEndpointRow,
        resumed: bool,
    ) -> Result<WebhookEndpointRow, WebhookFailure> {
        let (workspace, connection, since) = (order.workspace, order.connection, order.since);
        let survey = self.survey(workspace, connection, credential);
        let survey = match survey.await {
            Ok(survey) => survey,
            Err(error) => {
                self.put_down(&row, !resumed).await?;
                return Err(error.into());
            }
        };
        let mut progress = Progress {
            order,
            credential,
            survey,
            row,
            resumed,
            removed: Vec::new(),
        };
        self.ready_key(&mut progress).await?;
        if progress.survey.count >= CROWDED {
            self.make_room(&mut progress).await?;
        }
        let made = match self.create_certainly(&mut progress).await {
            Ok(made) => made,
            Err(error) => return Err(self.not_made(&progress, error).await?),
        };
        let live = self.promote(&progress, made).await?;
        let live = self.remove_replaced(progress, live).await?;
        self.recover_since(workspace, connection, since).await?;
        Ok(live)
    }

    async fn put_down(
        &self,
        row: &WebhookEndpointRow,
        give_up: bool,
    ) -> Result<(), WebhookFailure> {
        if give_up {
            self.store()
                .give_up_webhook(row, self.clock().now())
                .await?;
        } else {
            self.store().release_webhook(row).await?;
        }
        Ok(())
    }

    /// A key that Stripe may have forgotten, or that stands for another address, is not used again.
    async fn ready_key(&self, progress: &mut Progress<'_>) -> Result<(), WebhookFailure> {
        let now = self.clock().now();
        let row = &progress.row;
        let url = self
            .blank_webhook(progress.order.workspace, progress.order.connection)
            .url;
        if progress.resumed && (now - row.created_at > KEY_LIFE || row.url != url) {
            progress.row.url = url;
            self.rekey(progress).await?;
        }
        Ok(())
    }

    async fn rekey(&self, progress: &mut Progress<'_>) -> Result<(), WebhookFailure> {
        let (key, now) = (self.creation_key(), self.clock().now());
        self.store().rekey_webhook(&progress.row, &key, now).await?;
        progress.row.idempotency_key = key;
        progress.row.created_at = now;
        Ok(())
    }

    /// Removes what is ours, so that the new one fits. As long as nothing is removed, nothing is changed.
    async fn make_room(&self, progress: &mut Progress<'_>) -> Result<(), WebhookFailure> {
        // What the old key stands for is among what goes: it must not come back as the answer to it.
        self.rekey(progress).await?;
        let going: Vec<_> = progress.survey.replaceable().cloned().collect();
        for endpoint in &going {
            match self.remove_endpoint(progress.credential, endpoint).await {
                Ok(()) => progress.removed.push(endpoint.into()),
                Err(error) if progress.removed.is_empty() => {
                    self.put_down(&progress.row, true).await?;
                    return Err(error.into());
                }
                Err(_) => break,
            }
        }
        Ok(())
    }

    async fn remove_endpoint(
        &self,
        credential: &Credential,
        endpoint: &WebhookEndpoint,
    ) -> Result<(), StripeError> {
        self.stripe()
            .delete_webhook_endpoint(credential, &endpoint.id)
            .await
    }

    /// Creates the endpoint. An answer that Stripe kept from an earlier attempt may be of one that was removed since.
    async fn create_certainly(
        &self,
        progress: &mut Progress<'_>,
    ) -> Result<WebhookEndpointRow, CreateError> {
        let credential = progress.credential;
        let made = self
            .create_endpoint(credential, progress.row.clone())
            .await?;
        let id = made.stripe_id.clone().unwrap_or_default();
        let seen = progress.survey.made.iter().any(|made| made.id == id);
        if !progress.resumed || seen {
            return Ok(made);
        }
        let stands = self.stripe().find_webhook_endpoint(credential, &id).await?;
        if stands.is_some() {
            return Ok(made);
        }
        self.rekey(progress).await.map_err(CreateError::Other)?;
        Ok(self
            .create_endpoint(credential, progress.row.clone())
            .await?)
    }

    /// Notes what came of a creation that failed; the failure.
    async fn not_made(
        &self,
        progress: &Progress<'_>,
        error: CreateError,
    ) -> Result<WebhookFailure, WebhookFailure> {
        let (failure, settled) = match error {
            CreateError::Stripe(error) => (WebhookFailure::from(error.clone()), is_settled(&error)),
            CreateError::Other(failure) => (failure, false),
        };
        // A key whose outcome is settled brings the same outcome for a day: the next attempt needs another one.
        self.put_down(&progress.row, settled).await?;
        if let Some(live) = &progress.survey.live
            && !progress.removed.is_empty()
        {
            let now = self.clock().now();
            let row = WebhookEndpointRow {
                stripe_id: None,
                problem: Some(failure.problem().unwrap_or(WebhookProblem::Deleted)),
                conflicting: older::to_stored(&progress.left(None)),
                checked_at: Some(now),
                check_at: now + SOON,
                updated_at: now,
                ..live.clone()
            };
            self.store()
                .save_webhook_findings(&row, live.updated_at)
                .await?;
            self.note_webhook(progress.order.workspace, progress.order.connection)
                .await?;
        }
        Ok(failure)
    }

    async fn promote(
        &self,
        progress: &Progress<'_>,
        made: WebhookEndpointRow,
    ) -> Result<WebhookEndpointRow, WebhookFailure> {
        let id = made.stripe_id.unwrap_or_default();
        let left = progress.left(Some(&id));
        let promotion = Promotion {
            stripe_id: id.clone(),
            secret: made.secret_sealed.unwrap_or_default(),
            api_version: made.api_version,
            retiring_until: self.clock().now() + GRACE,
        };
        let entry = self.entry(
            &progress.order,
            "webhook.created",
            json!({ "stripe_id": id }),
        );
        let stored = self
            .store()
            .promote_webhook(&progress.row, promotion, older::to_stored(&left), entry)
            .await?;
        if let Some(live) = stored {
            return Ok(live);
        }
        // The connection was ended meanwhile, or somebody else went on with this: nobody would know of it.
        let removed = self
            .stripe()
            .delete_webhook_endpoint(progress.credential, &id)
            .await;
        if let Err(error) = removed {
            tracing::warn!(stripe.endpoint = %id, "a webhook without a connection is left at Stripe: {error}");
        }
        Err(WebhookFailure::Underway)
    }

    async fn remove_replaced(
        &self,
        mut progress: Progress<'_>,
        live: WebhookEndpointRow,
    ) -> Result<WebhookEndpointRow, WebhookFailure> {
        let order = &progress.order;
        let going: Vec<_> = progress.survey.replaceable().cloned().collect();
        let gone: Vec<_> = progress
            .removed
            .iter()
            .map(|it| it.stripe_id.clone())
            .collect();
        let current = live.stripe_id.clone().unwrap_or_default();
        for endpoint in &going {
            if endpoint.id == current || gone.contains(&endpoint.id) {
                continue;
            }
            match self.remove_endpoint(progress.credential, endpoint).await {
                Ok(()) => progress.removed.push(endpoint.into()),
                Err(error) => {
                    tracing::warn!(stripe.endpoint = %endpoint.id, "an older webhook was not removed: {error}");
                }
            }
        }
        let left = progress.left(Some(&current));
        let check_at = if left.is_empty() {
            live.check_at
        } else {
            self.clock().now() + SOON
        };
        let removed: Vec<_> = progress.removed.iter().map(|it| &it.stripe_id).collect();
        let detail = json!({ "stripe_id": current, "removed": removed });
        let entry = self.entry(order, "webhook.rebuilt", detail);
        let (removed, left) = (older::to_stored(&progress.removed), older::to_stored(&left));
        let stored = self
            .store()
            .finish_webhook(&live, removed, left, check_at, entry)
            .await?;
        self.note_webhook(order.workspace, order.connection).await?;
        Ok(stored.unwrap_or(live))
    }

    fn entry(&self, order: &Order, action: &str, detail: Value) -> AuditRow {
        self.audit(
            order.workspace,
            order.by.as_ref(),
            action,
            order.connection.0,
            detail,
        )
    }
}

/// Why there is no new endpoint.
enum CreateError {
    Stripe(StripeError),
    Other(WebhookFailure),
}

impl From<StripeError> for CreateError {
    fn from(error: StripeError) -> Self {
        Self::Stripe(error)
    }
}

/// Whether Stripe has answered for good: it keeps the first outcome of a key, a 500 too, but for what never ran.
fn is_settled(error: &StripeError) -> bool {
    error
        .status
        .is_some_and(|status| status >= 400 && !matches!(status, 409 | 429))
}
