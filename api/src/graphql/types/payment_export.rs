use std::sync::Arc;

use async_graphql::{Context, Description, Enum, ID, Object};

use crate::{
    domain::export::state_of,
    graphql::{
        context::ContextExt,
        error::ApiError,
        node_id,
        scalar::{BigInt, DateTime, Url},
    },
    ids::ExportId,
    storage::{self, ExportRow},
};

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "storage::ExportFormat")]
pub(in crate::graphql) enum ExportFormat {
    /// A JSON object a line, with the fields of `Payment` by their names.
    Jsonl,
    /// Comma-separated values after RFC 4180, with the names of the columns in the first line: paths to the fields of `Payment`, e.g. `method.card.brand`.
    Csv,
}

/// Where an export stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "storage::ExportState")]
pub(in crate::graphql) enum ExportStatus {
    /// It waits to be written.
    Queued,
    /// It is written.
    Running,
    /// Its file can be downloaded.
    Ready,
    /// It was given up; `failure` says why.
    Failed,
    /// It was called off with `cancelExport`, or payments in it were deleted.
    Canceled,
    /// Its file is not kept any longer.
    Expired,
}

/// Payments as a file: asked for with `exportPayments`, written meanwhile, and kept for a day or so.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct PaymentExport(Arc<ExportRow>);

impl From<Arc<ExportRow>> for PaymentExport {
    fn from(row: Arc<ExportRow>) -> Self {
        Self(row)
    }
}

impl From<ExportRow> for PaymentExport {
    fn from(row: ExportRow) -> Self {
        Self(Arc::new(row))
    }
}

#[Object(use_type_description)]
impl PaymentExport {
    /// The export's id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        node_id::encode(ExportId(self.0.id))
    }

    /// How it is written.
    async fn format(&self) -> ExportFormat {
        self.0.format.into()
    }

    /// Where it stands.
    #[expect(clippy::unused_async, reason = "resolvers are asynchronous")]
    async fn status(&self, ctx: &Context<'_>) -> Result<ExportStatus, ApiError> {
        let now = ctx.gateway()?.clock().now();
        Ok(state_of(&self.0, now).into())
    }

    /// How many payments are written.
    async fn rows(&self) -> BigInt {
        BigInt(self.0.written_rows)
    }

    /// How many payments the filter found when it began; null before that, and where counting took too long.
    async fn expected_rows(&self) -> Option<BigInt> {
        self.0.expected_rows.map(BigInt)
    }

    /// How long the file is so far, in bytes.
    async fn bytes(&self) -> BigInt {
        BigInt(self.0.written_bytes)
    }

    /// Where to download the file, with GET and without a token: whoever has this has the file. It is good for some minutes and made anew each time that it is asked for; null unless the export is ready.
    #[expect(clippy::unused_async, reason = "resolvers are asynchronous")]
    async fn download_url(&self, ctx: &Context<'_>) -> Result<Option<Url>, ApiError> {
        Ok(ctx.gateway()?.export_url(&self.0).map(Url::from))
    }

    /// Why it was given up, for a person; null unless it was.
    async fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When its writing began.
    async fn started_at(&self) -> Option<DateTime> {
        self.0.started_at.map(DateTime)
    }

    /// When it was ready, given up or called off.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }

    /// Until when its file is kept; null before it is ready.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }
}
