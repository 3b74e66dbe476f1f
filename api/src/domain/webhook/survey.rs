//! What stands on a Stripe account, sorted by whose it is.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    older::OlderEndpoint,
    ours::{Addresses, Bearing},
};
use crate::{
    domain::Gateway,
    ids::{ConnectionId, WorkspaceId},
    storage::{StorageError, WebhookEndpointRow, WebhookEndpointState as State},
    stripe::{Credential, StripeError, WebhookEndpoint},
};

/// Names the connection on an endpoint.
pub(super) const CONNECTION: &str = "inlet_connection";

/// Names the generation on an endpoint, so that one whose creation was not heard of is known again.
pub(super) const GENERATION: &str = "inlet_endpoint";

/// The endpoints of an account.
#[derive(Clone, Debug, Default)]
pub(super) struct Survey {
    /// How many there are, whoever they belong to.
    pub(super) count: usize,
    /// The connection's webhook by what is stored, whatever became of it.
    pub(super) live: Option<WebhookEndpointRow>,
    /// The same at Stripe.
    pub(super) own: Option<WebhookEndpoint>,
    /// What is being made, by what is stored.
    pub(super) making: Option<WebhookEndpointRow>,
    /// The same at Stripe: nobody may have heard of its creation.
    pub(super) made: Vec<WebhookEndpoint>,
    /// What was replaced and still stands.
    pub(super) leftover: Vec<WebhookEndpoint>,
    /// What else points at this gateway, and is no other connection's.
    pub(super) older: Vec<WebhookEndpoint>,
}

/// Why nothing is known about an account's endpoints.
#[derive(Debug, thiserror::Error)]
pub(super) enum SurveyError {
    #[error(transparent)]
    Stripe(#[from] StripeError),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Survey {
    pub(super) fn older_endpoints(&self) -> Vec<OlderEndpoint> {
        self.older.iter().map(OlderEndpoint::from).collect()
    }

    /// Whether somebody is at it.
    pub(super) fn is_being_made(&self, now: DateTime<Utc>) -> bool {
        let lease = self.making.as_ref().and_then(|row| row.lease_until);
        lease.is_some_and(|until| until > now)
    }

    /// Everything at Stripe that is this connection's or nobody's, and points at this gateway.
    pub(super) fn replaceable(&self) -> impl Iterator<Item = &WebhookEndpoint> {
        let standing = self.own.iter().chain(&self.made).chain(&self.leftover);
        standing.chain(&self.older)
    }
}

/// An endpoint with what it says of itself.
struct Listed {
    endpoint: WebhookEndpoint,
    bearing: Bearing,
    /// The connection that its metadata names.
    marked: Option<Uuid>,
}

impl Listed {
    fn new(addresses: &Addresses, endpoint: WebhookEndpoint) -> Self {
        let mark = endpoint.metadata.get(CONNECTION);
        Self {
            bearing: addresses.bearing(&endpoint.url),
            marked: mark.and_then(|mark| Uuid::parse_str(mark).ok()),
            endpoint,
        }
    }

    /// The connections that it may be of.
    fn names(&self) -> impl Iterator<Item = Uuid> {
        let by_mark = self.marked.filter(|_| self.bearing.same_host);
        self.bearing.connection.into_iter().chain(by_mark)
    }

    /// A platform's endpoint hears of other accounts: the operator made it.
    fn is_ours(&self, known: &HashSet<Uuid>) -> bool {
        let marked =
            self.bearing.same_host && self.marked.is_some_and(|mark| known.contains(&mark));
        !self.endpoint.is_connect() && (self.bearing.points_here || marked)
    }

    fn is_made_by(&self, row: &WebhookEndpointRow) -> bool {
        let mark = self.endpoint.metadata.get(GENERATION);
        mark.and_then(|mark| Uuid::parse_str(mark).ok()) == Some(row.id)
    }

    /// Whether it is, or is about to become, what a generation stands for.
    fn is_of(&self, row: &WebhookEndpointRow) -> bool {
        row.stripe_id.as_deref() == Some(&self.endpoint.id)
            || (row.state == State::Creating && self.is_made_by(row))
    }
}

impl Gateway {
    /// Lists an account's endpoints, and then what is stored: what is made in between is stored by then.
    pub(super) async fn survey(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        credential: &Credential,
    ) -> Result<Survey, SurveyError> {
        let listed = self.stripe().list_webhook_endpoints(credential).await?;
        let addresses = Addresses::of(self.public_url());
        let count = listed.len();
        let listed: Vec<_> = listed
            .into_iter()
            .map(|endpoint| Listed::new(&addresses, endpoint))
            .collect();
        let named: Vec<_> = listed.iter().flat_map(Listed::names).collect();
        let known = self.store().known_connections(&named).await?;
        let known: HashSet<_> = known.into_iter().chain([connection.0]).collect();
        let others = self
            .store()
            .list_endpoints_of_others(connection, &named)
            .await?;
        let generations = self
            .store()
            .list_webhook_generations(workspace, connection)
            .await?;
        let in_state = |state| generations.iter().find(|row| row.state == state).cloned();
        let mut survey = Survey {
            count,
            live: in_state(State::Live),
            making: in_state(State::Creating),
            ..Survey::default()
        };
        for listed in listed {
            let generation = generations.iter().find(|row| listed.is_of(row));
            match generation.map(|row| row.state) {
                Some(State::Live) => survey.own = Some(listed.endpoint),
                Some(State::Creating) => survey.made.push(listed.endpoint),
                Some(State::Retiring | State::Gone) => survey.leftover.push(listed.endpoint),
                None if others.iter().any(|row| listed.is_of(row)) => {}
                None if listed.is_ours(&known) => survey.older.push(listed.endpoint),
                None => {}
            }
        }
        Ok(survey)
    }
}
