use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::{NO_CONNECTION, parts};
use crate::{
    auth::{Caller, Scope},
    domain::{Gateway, connection::DisconnectError},
    graphql::{
        context::ContextExt,
        error::ApiError,
        node_id,
        types::{DataConnection, DomainError, NotFoundError},
    },
    storage::ConnectionRow,
};

/// Which data connection to end, and what to keep.
#[derive(InputObject)]
pub(super) struct DisconnectInput {
    /// The data connection.
    connection_id: ID,
    /// Delete what was imported, too.
    #[graphql(default)]
    delete_data: bool,
}

/// What became of ending a data connection.
#[derive(SimpleObject)]
pub(super) struct DisconnectPayload {
    /// The data connection, now disconnected; null where something stood in the way.
    connection: Option<DataConnection>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(super) struct DisconnectMutation;

#[Object]
impl DisconnectMutation {
    /// Removes the webhook at Stripe, gives back the OAuth access, forgets the credentials; deletes the imported data where asked.
    async fn disconnect(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data connection.")] input: DisconnectInput,
    ) -> Result<DisconnectPayload, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsWrite)?;
        let (connection, errors) = parts(end(ctx.gateway()?, caller, &input).await?);
        Ok(DisconnectPayload { connection, errors })
    }
}

async fn end(
    gateway: &Gateway,
    caller: &Caller,
    input: &DisconnectInput,
) -> Result<Result<ConnectionRow, DomainError>, ApiError> {
    let unknown = || Ok(Err(NotFoundError::at("connectionId", NO_CONNECTION)));
    let Some(key) = node_id::decode(&input.connection_id) else {
        return unknown();
    };
    match gateway.disconnect(caller, key, input.delete_data).await {
        Ok(row) => Ok(Ok(row)),
        Err(DisconnectError::NotFound) => unknown(),
        Err(DisconnectError::Storage(cause)) => Err(cause.into()),
    }
}
