use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::{NO_CONNECTION, parts};
use crate::{
    auth::{Caller, Scope},
    domain::{Gateway, connection::RenameError},
    graphql::{
        context::ContextExt,
        error::ApiError,
        node_id,
        types::{DataConnection, DomainError, InvalidInputError, NotFoundError},
    },
    storage::ConnectionRow,
};

/// Which data connection is to be called what.
#[derive(InputObject)]
pub(super) struct RenameConnectionInput {
    /// The data connection.
    connection_id: ID,
    /// Its new name: 1 to 100 characters, unique in the workspace without regard to case.
    name: String,
}

/// What became of renaming a data connection.
#[derive(SimpleObject)]
pub(super) struct RenameConnectionPayload {
    /// The data connection under its new name; null where something stood in the way.
    connection: Option<DataConnection>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(super) struct RenameMutation;

#[Object]
impl RenameMutation {
    /// Gives a data connection another name.
    async fn rename_connection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data connection and its new name.")] input: RenameConnectionInput,
    ) -> Result<RenameConnectionPayload, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsWrite)?;
        let (connection, errors) = parts(rename(ctx.gateway()?, caller, &input).await?);
        Ok(RenameConnectionPayload { connection, errors })
    }
}

async fn rename(
    gateway: &Gateway,
    caller: &Caller,
    input: &RenameConnectionInput,
) -> Result<Result<ConnectionRow, DomainError>, ApiError> {
    let Some(key) = node_id::decode(&input.connection_id) else {
        return Ok(Err(NotFoundError::at("connectionId", NO_CONNECTION)));
    };
    let error = match gateway.rename_connection(caller, key, &input.name).await {
        Ok(row) => return Ok(Ok(row)),
        Err(error) => error,
    };
    let message = error.to_string();
    Ok(Err(match error {
        RenameError::Name(_) | RenameError::NameTaken => InvalidInputError::at("name", message),
        RenameError::NotFound => NotFoundError::at("connectionId", message),
        RenameError::Storage(cause) => return Err(cause.into()),
    }))
}
