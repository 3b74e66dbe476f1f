use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::{NO_CONNECTION, parts};
use crate::{
    auth::{Caller, Scope},
    domain::{
        Gateway,
        import::{CancelImportError, StartImport, StartImportError},
    },
    graphql::{
        context::ContextExt,
        error::ApiError,
        node_id,
        types::{
            DateTimeRange, DomainError, Import, ImportInProgressError, InvalidInputError,
            MissingPermissionsError, NotFoundError, StripePermission, StripeResource,
        },
    },
    storage::ImportRow,
};

/// What to import again.
#[derive(InputObject)]
pub(super) struct StartImportInput {
    /// The data connection.
    connection_id: ID,
    /// Only what was created at Stripe in this span of time.
    created_at: Option<DateTimeRange>,
    /// Only these resources.
    resources: Option<Vec<StripeResource>>,
}

/// What became of starting an import.
#[derive(SimpleObject)]
pub(super) struct StartImportPayload {
    /// The import that was started; null where something stood in the way.
    import: Option<Import>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

/// Which import to call off.
#[derive(InputObject)]
pub(super) struct CancelImportInput {
    /// The import.
    import_id: ID,
}

/// What became of calling an import off.
#[derive(SimpleObject)]
pub(super) struct CancelImportPayload {
    /// The import as it is now; one that had ended stays as it was.
    import: Option<Import>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(super) struct ImportMutation;

#[Object]
impl ImportMutation {
    /// Imports again: everything, or a span of time, or some resources.
    async fn start_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to import.")] input: StartImportInput,
    ) -> Result<StartImportPayload, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsWrite)?;
        let (import, errors) = parts(start(ctx.gateway()?, caller, input).await?);
        Ok(StartImportPayload { import, errors })
    }

    /// Calls an import off; what was imported stays.
    async fn cancel_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The import.")] input: CancelImportInput,
    ) -> Result<CancelImportPayload, ApiError> {
        let caller = ctx.caller_with(Scope::ConnectionsWrite)?;
        let (import, errors) = parts(cancel(ctx.gateway()?, caller, &input).await?);
        Ok(CancelImportPayload { import, errors })
    }
}

async fn start(
    gateway: &Gateway,
    caller: &Caller,
    input: StartImportInput,
) -> Result<Result<ImportRow, DomainError>, ApiError> {
    let Some(connection) = node_id::decode(&input.connection_id) else {
        return Ok(Err(NotFoundError::at("connectionId", NO_CONNECTION)));
    };
    let span = input.created_at.unwrap_or_default();
    let resources = input
        .resources
        .map(|some| some.into_iter().map(Into::into).collect());
    let (from, to) = (span.gte.map(|at| at.0), span.lt.map(|at| at.0));
    let wanted = StartImport {
        connection,
        from,
        to,
        resources,
    };
    match gateway.start_import(caller, wanted).await {
        Ok(row) => Ok(Ok(row)),
        Err(error) => refusal(error).map(Err),
    }
}

fn refusal(error: StartImportError) -> Result<DomainError, ApiError> {
    let message = error.to_string();
    Ok(match error {
        StartImportError::NotFound => NotFoundError::at("connectionId", message),
        StartImportError::Disconnected => InvalidInputError::at("connectionId", message),
        StartImportError::InProgress(import) => {
            ImportInProgressError::at("connectionId", message, (*import).into())
        }
        StartImportError::MissingPermissions(missing) => {
            let missing = missing.into_iter().map(StripePermission).collect();
            MissingPermissionsError::at("connectionId", message, missing)
        }
        StartImportError::Span => InvalidInputError::at("createdAt", message),
        StartImportError::NoResource | StartImportError::NotGranted(_) => {
            InvalidInputError::at("resources", message)
        }
        StartImportError::Storage(cause) => return Err(cause.into()),
    })
}

async fn cancel(
    gateway: &Gateway,
    caller: &Caller,
    input: &CancelImportInput,
) -> Result<Result<ImportRow, DomainError>, ApiError> {
    let unknown = || {
        Ok(Err(NotFoundError::at(
            "importId",
            "There is no such import.",
        )))
    };
    let Some(key) = node_id::decode(&input.import_id) else {
        return unknown();
    };
    match gateway.cancel_import(caller, key).await {
        Ok(row) => Ok(Ok(row)),
        Err(CancelImportError::NotFound) => unknown(),
        Err(CancelImportError::Storage(cause)) => Err(cause.into()),
    }
}
