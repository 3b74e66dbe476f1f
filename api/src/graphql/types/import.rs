use std::sync::Arc;

use async_graphql::{Context, Description, Enum, ID, Object, SimpleObject};

use super::{
    data_connection::DataConnection,
    import_progress::{ImportProgress, ImportStatus},
};
use crate::{
    domain::import::asked_end,
    graphql::{
        context::ContextExt, cost::cost, error::ApiError, loader::ProgressOf, node_id,
        scalar::DateTime,
    },
    ids::{ConnectionId, ImportId},
    storage::{self, ImportRow},
};

/// What started an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "storage::ImportTrigger")]
pub(in crate::graphql) enum ImportTrigger {
    /// The account was connected, or connected again.
    Connected,
    /// Somebody asked for it with startImport.
    Requested,
    /// The gateway caught up with what it had missed.
    CatchUp,
}

/// Why an import was given up.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct ImportFailure {
    /// Stable, upper case, for programs.
    code: String,
    /// For a person: what happened and what to do.
    message: String,
    /// Whether starting it again may help.
    retryable: bool,
}

/// One run that imports the history of a data connection.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct Import(Arc<ImportRow>);

impl From<Arc<ImportRow>> for Import {
    fn from(row: Arc<ImportRow>) -> Self {
        Self(row)
    }
}

impl From<ImportRow> for Import {
    fn from(row: ImportRow) -> Self {
        Self(Arc::new(row))
    }
}

#[Object(use_type_description)]
impl Import {
    /// The import's id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        node_id::encode(ImportId(self.0.id))
    }

    /// The data connection that is imported.
    async fn connection(&self, ctx: &Context<'_>) -> Result<DataConnection, ApiError> {
        let row = ctx
            .loaders()?
            .load(ConnectionId(self.0.connection_id))
            .await?;
        Ok(DataConnection::from(row))
    }

    /// What started it.
    async fn trigger(&self) -> ImportTrigger {
        self.0.trigger.into()
    }

    /// Where it stands.
    async fn status(&self) -> ImportStatus {
        self.0.status.into()
    }

    /// The start of the span of creation times that this import covers; an open end is null.
    async fn from(&self) -> Option<DateTime> {
        self.0.from_at.map(DateTime)
    }

    /// The end of the span of creation times that this import covers; an open end is null.
    async fn to(&self) -> Option<DateTime> {
        asked_end(&self.0).map(Into::into)
    }

    /// How far it is.
    #[graphql(directive = cost::apply(5))]
    async fn progress(&self, ctx: &Context<'_>) -> Result<ImportProgress, ApiError> {
        Ok(ctx
            .loaders()?
            .load(ProgressOf(ImportId(self.0.id)))
            .await?
            .into())
    }

    /// Why it was given up; null unless it was.
    async fn failure(&self) -> Option<ImportFailure> {
        let row = &self.0;
        Some(ImportFailure {
            code: row.failure_code.clone()?,
            message: row.failure_message.clone().unwrap_or_default(),
            retryable: row.failure_retryable.unwrap_or_default(),
        })
    }

    /// When it was asked for.
    async fn queued_at(&self) -> DateTime {
        self.0.queued_at.into()
    }

    /// When it began.
    async fn started_at(&self) -> Option<DateTime> {
        self.0.started_at.map(DateTime)
    }

    /// When it ended.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }
}
