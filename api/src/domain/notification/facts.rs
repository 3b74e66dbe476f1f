//! What is to be known of an endpoint, and what it may be.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use url::Url;

use super::message::stored_types;
use crate::{
    auth::{Caller, Scope},
    domain::Gateway,
    ids::ConnectionId,
    outbound::AddressProblem,
    storage::{EndpointFacts as StoredFacts, NotificationType, StorageError},
};

/// The longest description.
const LONGEST_DESCRIPTION: usize = 200;

/// The most connections that an endpoint may name.
const MOST_CONNECTIONS: usize = 100;

/// Why an endpoint cannot be as it is wanted.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// There is no such endpoint in the workspace.
    #[error("There is no such notification endpoint.")]
    NotFound,
    /// Nothing may be sent there.
    #[error(transparent)]
    Address(#[from] AddressProblem),
    /// The description is too long, or would break lines.
    #[error(
        "The description may have at most {LONGEST_DESCRIPTION} characters, and no control characters."
    )]
    Description,
    /// It would be told of nothing.
    #[error("Give the endpoint at least one event type.")]
    NoEventType,
    /// It would be told what its maker may not see.
    #[error("To be told of this, the token needs the scope {0} itself.")]
    ScopeNotHeld(Scope),
    /// It names a connection that is not there, or none, or too many.
    #[error(
        "Name 1 to {MOST_CONNECTIONS} data connections of this workspace, or leave them out for all."
    )]
    Connections,
    /// The workspace has too many already.
    #[error(
        "A workspace can have at most {0} notification endpoints: delete one that is not needed."
    )]
    TooMany(u64),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What an endpoint is to be.
pub(super) struct Facts {
    pub(super) url: Url,
    pub(super) description: Option<String>,
    pub(super) event_types: Vec<NotificationType>,
    pub(super) connections: Option<Vec<ConnectionId>>,
}

impl Facts {
    /// The same as it is stored, once it was found to be in order.
    pub(super) async fn check(
        self,
        gateway: &Gateway,
        caller: &Caller,
    ) -> Result<StoredFacts, EndpointError> {
        gateway.sender().policy().check(&self.url)?;
        let description = self.description.filter(|text| !text.trim().is_empty());
        if description.as_deref().is_some_and(is_unfit) {
            return Err(EndpointError::Description);
        }
        if self.event_types.is_empty() {
            return Err(EndpointError::NoEventType);
        }
        for event_type in &self.event_types {
            let scope = scope_of(*event_type);
            if !caller.scopes.contains(scope) {
                return Err(EndpointError::ScopeNotHeld(scope));
            }
        }
        let connections = match self.connections {
            Some(ids) => Some(known(gateway, caller, ids).await?),
            None => None,
        };
        Ok(StoredFacts {
            url: self.url.into(),
            description,
            event_types: stored_types(&self.event_types),
            connections,
        })
    }
}

fn is_unfit(text: &str) -> bool {
    text.chars().count() > LONGEST_DESCRIPTION || text.chars().any(char::is_control)
}

/// What whoever is told of an event could ask for.
fn scope_of(event_type: NotificationType) -> Scope {
    match event_type {
        NotificationType::PaymentsChanged => Scope::PaymentsRead,
        _ => Scope::ConnectionsRead,
    }
}

async fn known(
    gateway: &Gateway,
    caller: &Caller,
    ids: Vec<ConnectionId>,
) -> Result<Value, EndpointError> {
    let ids: BTreeSet<ConnectionId> = ids.into_iter().collect();
    if ids.is_empty() || ids.len() > MOST_CONNECTIONS {
        return Err(EndpointError::Connections);
    }
    let wanted: Vec<ConnectionId> = ids.iter().copied().collect();
    let store = gateway.store();
    let found = store.find_connections(caller.workspace, &wanted).await?;
    if found.len() == ids.len() {
        Ok(json!(ids))
    } else {
        Err(EndpointError::Connections)
    }
}
