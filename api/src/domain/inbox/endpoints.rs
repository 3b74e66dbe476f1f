//! The endpoints that events arrive at, remembered for a moment.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{domain::webhook::EndpointSecrets, ids::ConnectionId};

/// How long an endpoint's secrets are good without another look.
const FRESH: Duration = Duration::from_secs(5);

/// How soon after a look a signature that fits no secret leads to another: a secret may just have been made.
const AGAIN: Duration = Duration::from_millis(500);

/// More than this is not remembered.
const MOST: usize = 10_000;

/// What the receiver knows of endpoints.
#[derive(Default)]
pub(in crate::domain) struct KnownEndpoints(Mutex<HashMap<ConnectionId, Known>>);

#[derive(Clone)]
struct Known {
    secrets: Arc<EndpointSecrets>,
    read_at: Instant,
}

impl KnownEndpoints {
    /// The endpoint's secrets, if they were read a moment ago.
    pub(super) fn fresh(&self, connection: ConnectionId) -> Option<Arc<EndpointSecrets>> {
        self.younger(connection, FRESH)
    }

    /// Whether the endpoint was looked at so lately that another look brings nothing.
    pub(super) fn was_just_read(&self, connection: ConnectionId) -> bool {
        self.younger(connection, AGAIN).is_some()
    }

    pub(super) fn remember(&self, secrets: &Arc<EndpointSecrets>) {
        let mut known = self.lock();
        if known.len() >= MOST {
            known.clear();
        }
        let read = Known {
            secrets: Arc::clone(secrets),
            read_at: Instant::now(),
        };
        known.insert(secrets.connection, read);
    }

    /// Forgets an endpoint: its secrets have changed.
    pub(in crate::domain) fn forget(&self, connection: ConnectionId) {
        self.lock().remove(&connection);
    }

    fn younger(&self, connection: ConnectionId, age: Duration) -> Option<Arc<EndpointSecrets>> {
        let known = self.lock().get(&connection).cloned()?;
        (known.read_at.elapsed() < age).then_some(known.secrets)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
