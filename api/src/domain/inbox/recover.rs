//! Finding events that never arrived: Stripe lists those of the last thirty days (Stripe contract section 4.9).

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::receive::inbox_row;
use crate::{
    domain::{Gateway, connection::CredentialError, permission::allows},
    ids::{ConnectionId, InboxEventId, WorkspaceId},
    storage::{ConnectionRow, ImportRow, InboxEventRow, StorageError, TaskRow},
    stripe::{
        Credential, ListPage, ListRequest, ListResource, Probe, RawObject, StripeError,
        StripeErrorKind, Urgency,
        event_types::{CONNECT_ONLY, SUBSCRIBED},
    },
};

/// How long Stripe lists events, with a day to spare.
const LISTED: TimeDelta = TimeDelta::days(29);

/// Where a look begins before what the last one saw: an event may be listed a little after its time.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);

/// An event may be listed so long after its time.
const LAG: TimeDelta = TimeDelta::seconds(10);

/// The pause before a page is asked for again; it doubles with each failure.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// A page is asked for again so often before the look is given up, and begins anew later.
const PATIENCE: u32 = 5;

/// What a recovery came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Every event until then was seen.
    Through(DateTime<Utc>),
    /// Events cannot be listed: what may be missing is imported again, where something may.
    NotListed,
    /// What may be missing is to be imported again, once the import that is under way has ended.
    Waiting,
}

/// Why nothing could be looked for.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// Stripe cannot be asked.
    #[error(transparent)]
    Stripe(#[from] StripeError),
    /// The credentials cannot be used.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Notes that events since a moment may be missing, so that they are looked for at once.
    pub async fn recover_since(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        since: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let now = self.clock().now();
        self.store()
            .want_recovery(workspace, connection, since, now)
            .await?;
        self.arrivals().notify_one();
        Ok(())
    }

    /// Looks for events since an import of everything began: what happened meanwhile is known from them only.
    pub async fn recover_after(&self, import: &ImportRow) -> Result<(), StorageError> {
        let (workspace, id) = (
            WorkspaceId(import.workspace_id),
            ConnectionId(import.connection_id),
        );
        let found = self.store().find_connection(workspace, id).await?;
        let listed = found.is_some_and(|connection| allows(&connection, Probe::Events));
        if listed && import.every_resource {
            // The span asked for may end long before.
            let began = import.to_at.max(import.queued_at);
            self.recover_since(workspace, id, began).await?;
        }
        Ok(())
    }

    /// Lists a connection's events since the last look, or since they may be missing, and stores those that are not
    /// there. Only what they are about is taken from the list: it is written in the account's version, not in ours.
    pub async fn recover_events(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
    ) -> Result<Recovery, RecoveryError> {
        if !allows(connection, Probe::Events) {
            return self.reimport_gap(connection, task.since_at).await;
        }
        match self.list_missing(connection, task).await {
            Err(RecoveryError::Stripe(error))
                if matches!(error.kind, StripeErrorKind::MissingPermission { .. }) =>
            {
                let workspace = WorkspaceId(connection.workspace_id);
                self.check_again(workspace, connection.clone()).await?;
                self.reimport_gap(connection, task.since_at).await
            }
            done => done,
        }
    }

    async fn list_missing(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
    ) -> Result<Recovery, RecoveryError> {
        let now = self.clock().now();
        let seen = task.through_at.or(connection.synced_through);
        let seen = seen.unwrap_or(connection.created_at);
        let wanted = task.since_at.map_or(seen, |since| since.min(seen)) - OVERLAP;
        let from = wanted.max(now - LISTED);
        // What is older than Stripe's list is imported again.
        if wanted < from && !self.catch_up(connection, wanted).await? {
            return Ok(Recovery::Waiting);
        }
        let credential = self.fresh_credential(connection).await?;
        let credential = credential.waiting(Urgency::InTurn);
        let mut request = ListRequest {
            created_gte: Some(from.timestamp()),
            ..ListRequest::new(ListResource::Events)
        };
        loop {
            let page = self.list_patiently(&credential, &request).await?;
            self.store_missing(connection, &page).await?;
            let last = page.objects.last().and_then(RawObject::id);
            match last.filter(|_| page.has_more) {
                Some(last) => request.starting_after = Some(last),
                None => return Ok(Recovery::Through(now - LAG)),
            }
        }
    }

    /// Where events cannot be listed, what may be missing is imported again.
    async fn reimport_gap(
        &self,
        connection: &ConnectionRow,
        since: Option<DateTime<Utc>>,
    ) -> Result<Recovery, RecoveryError> {
        Ok(match since {
            Some(since) if !self.catch_up(connection, since).await? => Recovery::Waiting,
            _ => Recovery::NotListed,
        })
    }

    /// One page; a failure that may pass is waited out, since a look that is given up begins anew.
    pub(in crate::domain) async fn list_patiently(
        &self,
        credential: &Credential,
        request: &ListRequest,
    ) -> Result<ListPage, StripeError> {
        let mut failures = 0;
        loop {
            match self.stripe().list_page(credential, request).await {
                Err(error) if error.should_retry() && failures < PATIENCE => {
                    failures += 1;
                    let pause = FIRST_PAUSE * 2_u32.pow(failures);
                    tokio::time::sleep(pause.max(error.retry_after().unwrap_or_default())).await;
                }
                answer => return answer,
            }
        }
    }

    /// Notes when the last of these events arrived, on the endpoint that it arrived at.
    pub async fn note_arrivals(
        &self,
        connection: &ConnectionRow,
        events: &[InboxEventRow],
    ) -> Result<(), StorageError> {
        let delivered = events.iter().filter(|event| event.object.is_some());
        let Some(at) = delivered.map(|event| event.received_at).max() else {
            return Ok(());
        };
        let id = ConnectionId(connection.id);
        self.store().note_event_arrived(id, at).await
    }

    async fn store_missing(
        &self,
        connection: &ConnectionRow,
        page: &ListPage,
    ) -> Result<(), StorageError> {
        let workspace = WorkspaceId(connection.workspace_id);
        let id = ConnectionId(connection.id);
        let wanted = |kind: &str| SUBSCRIBED.contains(&kind) || CONNECT_ONLY.contains(&kind);
        let events: Vec<_> = page
            .objects
            .iter()
            .filter_map(|object| object.event().ok())
            .filter(|event| wanted(&event.kind) && event.livemode == connection.livemode)
            .collect();
        let ids: Vec<_> = events
            .iter()
            .map(|event| InboxEventId::of(id, &event.id))
            .collect();
        let known = self.store().find_known_events(workspace, &ids).await?;
        let now = self.clock().now();
        let rows: Vec<_> = ids
            .iter()
            .zip(events)
            .filter(|(id, _)| !known.contains(id))
            .filter_map(|(_, event)| inbox_row(workspace, id, event, None, now))
            .collect();
        let missing = self.store().insert_events(rows).await?;
        if missing > 0 {
            tracing::info!(connection.id = %id, missing, "found events that never arrived");
            metrics::counter!("inlet_inbox_recovered_events_total").increment(missing);
            self.arrivals().notify_one();
        }
        Ok(())
    }

    /// Moves `syncedThrough` to where every event was seen, once all of them are applied.
    pub async fn advance_synced(&self, connection: &ConnectionRow) -> Result<(), StorageError> {
        let (workspace, id) = (
            WorkspaceId(connection.workspace_id),
            ConnectionId(connection.id),
        );
        let Some(through) = self.store().find_recovered_through(workspace, id).await? else {
            return Ok(());
        };
        self.store()
            .advance_synced(workspace, id, through)
            .await
            .map(drop)
    }
}
