//! An event arrives: its signature is checked, it is stored, and acknowledged. Nothing else happens meanwhile.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::time::timeout;

use super::intake::IntakeError;
use crate::{
    domain::{Gateway, webhook::EndpointSecrets},
    ids::{ConnectionId, InboxEventId, WorkspaceId},
    storage::{ConnectionRow, InboxEventRow, InboxEventState, StorageError},
    stripe::{Event, RawObject, Signature, SignatureError},
};

/// Where an event was sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The endpoint of one connection, in the merchant's own account.
    Connection(ConnectionId),
    /// The platform's endpoint, for all that was authorized.
    Platform,
}

/// An event that was taken, and needs not be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is stored.
    Stored,
    /// It is of an account or a mode that nobody here is connected to: nothing was written.
    NotOurs,
    /// It is about something that has no id, of which nothing is kept: nothing was written.
    NotKept,
}

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// It is not signed by Stripe for this endpoint.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Nothing is connected under this address.
    #[error("There is no such webhook.")]
    UnknownEndpoint,
    /// It is signed, but not an event.
    #[error("The body is not an event.")]
    NotAnEvent,
    /// The database cannot store it now: Stripe is to send it again.
    #[error("The event cannot be stored at the moment.")]
    Unavailable,
}

impl From<StorageError> for ReceiveError {
    fn from(error: StorageError) -> Self {
        tracing::warn!(%error, "an event cannot be taken");
        Self::Unavailable
    }
}

/// The answer is due before this: Stripe waits, and its connections are few.
const PATIENCE: Duration = Duration::from_millis(1_500);

impl Gateway {
    /// Takes an event. Durable when this returns.
    pub async fn receive_event(
        &self,
        destination: Destination,
        signature: Option<&[u8]>,
        body: &[u8],
    ) -> Result<Received, ReceiveError> {
        // What costs nothing comes first: garbage is refused without a look at the database.
        let signature = Signature::read(signature, self.clock().now())?;
        let taking = async {
            match destination {
                Destination::Connection(id) => self.receive_of(id, &signature, body).await,
                Destination::Platform => self.receive_of_platform(&signature, body).await,
            }
        };
        timeout(PATIENCE, taking)
            .await
            .unwrap_or(Err(ReceiveError::Unavailable))
    }

    async fn receive_of(
        &self,
        id: ConnectionId,
        signature: &Signature,
        body: &[u8],
    ) -> Result<Received, ReceiveError> {
        let endpoint = self.signed_endpoint(id, signature, body).await?;
        let event = read(body)?;
        let known = endpoint.stripe_account_id.as_deref();
        let of_other = event
            .account
            .as_deref()
            .is_some_and(|account| known.is_some_and(|known| known != account));
        if event.livemode != endpoint.livemode || of_other {
            return Ok(not_ours(&event));
        }
        let to = (endpoint.workspace, endpoint.connection);
        self.store_event(to, event).await
    }

    /// The endpoint, if one of its secrets signed the body.
    async fn signed_endpoint(
        &self,
        id: ConnectionId,
        signature: &Signature,
        body: &[u8],
    ) -> Result<Arc<EndpointSecrets>, ReceiveError> {
        let known = self.known_endpoints();
        if let Some(endpoint) = known.fresh(id) {
            match signature.check(body, &endpoint.secrets) {
                Ok(_) => return Ok(endpoint),
                Err(wrong) if known.was_just_read(id) => return Err(wrong.into()),
                // Another process may have made a new secret.
                Err(_) => {}
            }
        }
        let endpoint = self.webhook_secrets(id).await?;
        let endpoint = Arc::new(endpoint.ok_or(ReceiveError::UnknownEndpoint)?);
        known.remember(&endpoint);
        signature.check(body, &endpoint.secrets)?;
        Ok(endpoint)
    }

    /// An event of the platform's endpoint goes to every connection that was let in to its account.
    async fn receive_of_platform(
        &self,
        signature: &Signature,
        body: &[u8],
    ) -> Result<Received, ReceiveError> {
        let secrets = self.platform_secrets();
        let signed = signature.check(body, secrets.iter().map(|(_, secret)| secret))?;
        let livemode = secrets.get(signed).is_some_and(|(livemode, _)| *livemode);
        let event = read(body)?;
        // A live endpoint may get test events too (Stripe contract section 4.6).
        let Some(account) = event.account.clone().filter(|_| event.livemode == livemode) else {
            return Ok(not_ours(&event));
        };
        let connections = self.authorized_connections(&account, livemode).await?;
        let mut received = Received::NotOurs;
        for connection in &connections {
            let to = (
                WorkspaceId(connection.workspace_id),
                ConnectionId(connection.id),
            );
            received = self.store_event(to, event.clone()).await?;
        }
        if connections.is_empty() {
            return Ok(not_ours(&event));
        }
        Ok(received)
    }

    async fn authorized_connections(
        &self,
        account: &str,
        livemode: bool,
    ) -> Result<Vec<ConnectionRow>, StorageError> {
        self.store()
            .list_authorized_connections(account, livemode)
            .await
    }

    async fn store_event(
        &self,
        (workspace, connection): (WorkspaceId, ConnectionId),
        event: Event,
    ) -> Result<Received, ReceiveError> {
        let now = self.clock().now();
        let object = Some(event.object.json().to_owned());
        let Some(row) = inbox_row(workspace, connection, event, object, now) else {
            return Ok(Received::NotKept);
        };
        match self.intake().store(self.store(), row).await {
            Ok(()) => {
                self.arrivals().notify_one();
                Ok(Received::Stored)
            }
            Err(IntakeError::Full | IntakeError::Failed) => Err(ReceiveError::Unavailable),
        }
    }
}

/// The row of an event that is to be applied; none where it is about something without an id.
pub(super) fn inbox_row(
    workspace: WorkspaceId,
    connection: ConnectionId,
    event: Event,
    object: Option<String>,
    now: DateTime<Utc>,
) -> Option<InboxEventRow> {
    let object_id = event.object_id?;
    Some(InboxEventRow {
        id: InboxEventId::of(connection, &event.id).0,
        workspace_id: workspace.0,
        connection_id: connection.0,
        stripe_id: event.id,
        event_type: event.kind,
        object_kind: event.object_kind,
        object_id,
        object,
        api_version: event.api_version,
        state: InboxEventState::Pending,
        attempts: 0,
        reason: None,
        created_at: event.created_at,
        received_at: now,
        run_at: now,
        settled_at: None,
    })
}

fn read(body: &[u8]) -> Result<Event, ReceiveError> {
    RawObject::read(body.to_vec())
        .and_then(|raw| raw.event())
        .map_err(|_| ReceiveError::NotAnEvent)
}

fn not_ours(event: &Event) -> Received {
    metrics::counter!("inlet_webhook_foreign_events_total").increment(1);
    tracing::info!(
        event.id = event.id,
        event.kind = event.kind,
        event.livemode = event.livemode,
        "event {} is of an account or a mode that nobody here is connected to",
        event.id
    );
    Received::NotOurs
}
