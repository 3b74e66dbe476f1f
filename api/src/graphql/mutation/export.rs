use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::parts;
use crate::{
    auth::{Caller, Scope},
    domain::{
        Gateway,
        export::{CancelExportError, ExportPaymentsError, NewExport},
        payment::SearchError,
    },
    graphql::{
        context::ContextExt,
        cost::cost,
        error::ApiError,
        node_id,
        types::{
            DomainError, ExportFormat, InvalidInputError, LimitReachedError, NotFoundError,
            PaymentExport, PaymentFilter,
        },
    },
    storage::ExportRow,
};

/// What to export.
#[derive(InputObject)]
pub(super) struct ExportPaymentsInput {
    /// Which payments; all where it is left out.
    filter: Option<PaymentFilter>,
    /// How the file is written.
    format: ExportFormat,
}

/// What became of asking for an export.
#[derive(SimpleObject)]
pub(super) struct ExportPaymentsPayload {
    /// The export, which waits to be written; null where something stood in the way.
    export: Option<PaymentExport>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

/// Which export to call off.
#[derive(InputObject)]
pub(super) struct CancelExportInput {
    /// The export.
    export_id: ID,
}

/// What became of calling an export off.
#[derive(SimpleObject)]
pub(super) struct CancelExportPayload {
    /// The export as it is now; one that had failed or expired stays as it was.
    export: Option<PaymentExport>,
    /// What stood in the way.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(super) struct ExportMutation;

#[Object]
impl ExportMutation {
    /// Writes the payments that a filter finds into a file, newest first: follow it with `exportUpdated`, then take it from `downloadUrl`. Every payment that is there now and that the filter finds is in it once, as it is when it is written. Needs the scope `PAYMENTS_READ`.
    #[graphql(directive = cost::apply(500))]
    async fn export_payments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to export.")] input: ExportPaymentsInput,
    ) -> Result<ExportPaymentsPayload, ApiError> {
        let caller = ctx.caller_with(Scope::PaymentsRead)?;
        let (export, errors) = parts(order(ctx.gateway()?, caller, input).await?);
        Ok(ExportPaymentsPayload { export, errors })
    }

    /// Calls an export off; one that is ready loses its file. Needs the scope `PAYMENTS_READ`.
    async fn cancel_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The export.")] input: CancelExportInput,
    ) -> Result<CancelExportPayload, ApiError> {
        let caller = ctx.caller_with(Scope::PaymentsRead)?;
        let (export, errors) = parts(cancel(ctx.gateway()?, caller, &input).await?);
        Ok(CancelExportPayload { export, errors })
    }
}

async fn order(
    gateway: &Gateway,
    caller: &Caller,
    input: ExportPaymentsInput,
) -> Result<Result<ExportRow, DomainError>, ApiError> {
    let new = NewExport {
        search: input.filter.unwrap_or_default().into_search(None),
        format: input.format.into(),
    };
    match gateway.export_payments(caller, new).await {
        Ok(row) => Ok(Ok(row)),
        Err(error) => refusal(error).map(Err),
    }
}

fn refusal(error: ExportPaymentsError) -> Result<DomainError, ApiError> {
    let message = error.to_string();
    let limited = |limit| {
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        Ok(LimitReachedError::at(None, &message, limit))
    };
    match error {
        ExportPaymentsError::Search(SearchError::Invalid { .. }) => {
            Ok(InvalidInputError::at("filter", message))
        }
        ExportPaymentsError::TooManyUnfinished(limit) | ExportPaymentsError::TooManyKept(limit) => {
            limited(limit)
        }
        ExportPaymentsError::Search(SearchError::Storage(cause))
        | ExportPaymentsError::Storage(cause) => Err(cause.into()),
        ExportPaymentsError::Encoding(cause) => Err(ApiError::internal(&cause)),
    }
}

async fn cancel(
    gateway: &Gateway,
    caller: &Caller,
    input: &CancelExportInput,
) -> Result<Result<ExportRow, DomainError>, ApiError> {
    let unknown = |why: CancelExportError| Ok(Err(NotFoundError::at("exportId", why)));
    let Some(key) = node_id::decode(&input.export_id) else {
        return unknown(CancelExportError::NotFound);
    };
    match gateway.cancel_export(caller, key).await {
        Ok(row) => Ok(Ok(row)),
        Err(CancelExportError::Storage(cause)) => Err(cause.into()),
        Err(why) => unknown(why),
    }
}
