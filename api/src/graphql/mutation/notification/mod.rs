//! Endpoints that partners are told at.

mod create;
mod delete;
mod rotate;
mod send;
mod update;

use async_graphql::{ID, MergedObject};

use crate::{
    domain::notification::EndpointError,
    graphql::{
        error::ApiError,
        node_id,
        types::{DomainError, InvalidInputError, NotFoundError},
    },
    ids::ConnectionId,
};

/// What can be changed about notifications.
#[derive(Default, MergedObject)]
pub(in crate::graphql) struct NotificationMutation(
    create::CreateEndpointMutation,
    update::UpdateEndpointMutation,
    delete::DeleteEndpointMutation,
    rotate::RotateSecretMutation,
    send::SendMutation,
);

const NO_ENDPOINT: &str = "There is no such notification endpoint.";

/// The connections that ids stand for; one that is no id is that of no connection.
fn connections(ids: &[ID]) -> Result<Vec<ConnectionId>, EndpointError> {
    let keys = ids.iter().map(|id| node_id::decode(id));
    keys.collect::<Option<_>>()
        .ok_or(EndpointError::Connections)
}

/// What to tell the caller about an endpoint that cannot be as it is wanted.
fn refusal(error: EndpointError) -> Result<DomainError, ApiError> {
    let message = error.to_string();
    Ok(match error {
        EndpointError::NotFound => NotFoundError::at("endpointId", message),
        EndpointError::Connections => NotFoundError::at("connectionIds", message),
        EndpointError::Address(_) => InvalidInputError::at("url", message),
        EndpointError::Description => InvalidInputError::at("description", message),
        EndpointError::NoEventType | EndpointError::ScopeNotHeld(_) => {
            InvalidInputError::at("eventTypes", message)
        }
        EndpointError::TooMany(_) => InvalidInputError::at(None, message),
        EndpointError::Storage(cause) => return Err(cause.into()),
    })
}
