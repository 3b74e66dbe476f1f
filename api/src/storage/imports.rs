//! Imports: the log of all runs, and the state of the one under way.

use chrono::{DateTime, Utc};
use entity::{
    import::{Column, Entity},
    import_window,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Alias, Expr, ExprTrait, Query},
};

use super::{
    AuditRow, ImportRow, ImportStatus, PageRequest, Slice, StorageError, Store, TimePosition,
    WindowRow, WindowState, audit,
    division::OpenWindow,
    notifications,
    paging::{keyset, slice},
};
use crate::ids::{ConnectionId, ImportId, WorkspaceId};

/// Why an import was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFailure {
    /// Stable, upper case.
    pub code: String,
    /// For a person.
    pub message: String,
    /// Whether starting it again may help.
    pub retryable: bool,
}

/// An import with all its windows, read at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportWithWindows {
    /// The import.
    pub import: ImportRow,
    /// Its windows, in no order.
    pub windows: Vec<WindowRow>,
}

impl Store {
    /// Stores an import with its windows; `Conflict::ActiveImport` while another one is under way.
    pub async fn insert_import(
        &self,
        import: ImportRow,
        windows: Vec<WindowRow>,
    ) -> Result<(), StorageError> {
        let transaction = self.begin().await?;
        insert(&transaction, (import, windows)).await?;
        Ok(transaction.commit().await?)
    }

    /// The same on somebody's word.
    pub async fn insert_requested_import(
        &self,
        import: ImportRow,
        windows: Vec<WindowRow>,
        entry: AuditRow,
    ) -> Result<(), StorageError> {
        let transaction = self.begin().await?;
        insert(&transaction, (import, windows)).await?;
        audit::append(&transaction, entry).await?;
        Ok(transaction.commit().await?)
    }

    /// The import of this id.
    pub async fn find_import(
        &self,
        workspace: WorkspaceId,
        id: ImportId,
    ) -> Result<Option<ImportRow>, StorageError> {
        Ok(find(workspace, id).one(&self.reader).await?)
    }

    /// The import that runs now, or else the last one.
    pub async fn find_latest_import(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Option<ImportRow>, StorageError> {
        Ok(self
            .find_latest_imports(workspace, &[connection])
            .await?
            .pop())
    }

    /// The latest import of each of these connections.
    pub async fn find_latest_imports(
        &self,
        workspace: WorkspaceId,
        connections: &[ConnectionId],
    ) -> Result<Vec<ImportRow>, StorageError> {
        let newer = Alias::new("newer");
        let position = |table: Alias| {
            Expr::tuple([
                Expr::col((table.clone(), Column::QueuedAt)),
                Expr::col((table, Column::Id)),
            ])
        };
        let later = Query::select()
            .expr(Expr::val(1))
            .from_as(Entity, newer.clone())
            .and_where(
                Expr::col((newer.clone(), Column::ConnectionId))
                    .equals((Entity, Column::ConnectionId)),
            )
            .and_where(position(newer).gt(position(Alias::new("imports"))))
            .to_owned();
        let query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ConnectionId.is_in(connections.iter().map(|id| id.0)))
            .filter(Expr::exists(later).not());
        Ok(query.all(&self.reader).await?)
    }

    /// A connection's imports, newest first.
    pub async fn list_imports(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        page: &PageRequest<TimePosition>,
    ) -> Result<Slice<ImportRow>, StorageError> {
        let mut query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ConnectionId.eq(connection.0));
        keyset(
            QueryTrait::query(&mut query),
            (Column::QueuedAt, Column::Id),
            true,
            &page.values(),
        );
        Ok(slice(query.all(&self.reader).await?, page))
    }

    /// An import with its windows: one statement, so that both are of the same moment.
    pub async fn find_import_with_windows(
        &self,
        workspace: WorkspaceId,
        id: ImportId,
    ) -> Result<Option<ImportWithWindows>, StorageError> {
        let query = find(workspace, id).find_with_related(import_window::Entity);
        let found = query.all(&self.reader).await?.pop();
        Ok(found.map(|(import, windows)| ImportWithWindows { import, windows }))
    }

    /// Gives an import up on a user's word; one that has ended stays as it is.
    pub async fn cancel_import(
        &self,
        workspace: WorkspaceId,
        id: ImportId,
        at: DateTime<Utc>,
    ) -> Result<Option<ImportRow>, StorageError> {
        let transaction = self.begin().await?;
        end(
            &transaction,
            workspace,
            Column::Id.eq(id.0),
            Ending::Canceled,
            at,
        )
        .await?;
        let row = find(workspace, id).one(&transaction).await?;
        transaction.commit().await?;
        Ok(row)
    }

    /// Ends an import with a failure; one that has ended stays as it is.
    pub async fn fail_import(
        &self,
        workspace: WorkspaceId,
        id: ImportId,
        failure: ImportFailure,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let transaction = self.begin().await?;
        end(
            &transaction,
            workspace,
            Column::Id.eq(id.0),
            Ending::Failed(failure),
            at,
        )
        .await?;
        Ok(transaction.commit().await?)
    }

    /// Keeps what was shown of an import's progress, if it still is what it was before; false where it is not.
    pub async fn set_import_shown(
        &self,
        workspace: WorkspaceId,
        id: ImportId,
        before: Option<&str>,
        shown: &str,
    ) -> Result<bool, StorageError> {
        let unchanged =
            before.map_or_else(|| Column::Shown.is_null(), |text| Column::Shown.eq(text));
        let kept = Entity::update_many()
            .col_expr(Column::Shown, Expr::value(shown))
            .filter(Column::Id.eq(id.0))
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(unchanged)
            .exec(&self.writer)
            .await?;
        Ok(kept.rows_affected == 1)
    }

    /// Says what an import is struggling with.
    pub async fn set_import_trouble(
        &self,
        workspace: WorkspaceId,
        id: ImportId,
        trouble: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        Entity::update_many()
            .col_expr(Column::Trouble, Expr::value(trouble))
            .col_expr(Column::Sequence, Expr::col(Column::Sequence).add(1))
            .col_expr(Column::UpdatedAt, Expr::value(at))
            .filter(Column::Id.eq(id.0))
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::Status.is_in(ACTIVE))
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}

/// The statuses of an import that has not ended.
pub(super) const ACTIVE: [ImportStatus; 2] = [ImportStatus::Queued, ImportStatus::Running];

pub(super) fn find(workspace: WorkspaceId, id: ImportId) -> Select<Entity> {
    Entity::find_by_id(id.0).filter(Column::WorkspaceId.eq(workspace.0))
}

pub(super) async fn insert(
    transaction: &DatabaseTransaction,
    (import, windows): (ImportRow, Vec<WindowRow>),
) -> Result<(), StorageError> {
    import.into_active_model().insert(transaction).await?;
    super::windows::insert(transaction, windows).await
}

pub(super) async fn is_active(
    transaction: &DatabaseTransaction,
    connection: ConnectionId,
) -> Result<bool, StorageError> {
    let active = Entity::find()
        .filter(Column::ConnectionId.eq(connection.0))
        .filter(Column::Status.is_in(ACTIVE));
    Ok(active.count(transaction).await? > 0)
}

pub(super) async fn cancel_active(
    transaction: &DatabaseTransaction,
    workspace: WorkspaceId,
    connection: ConnectionId,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let of_connection = Column::ConnectionId.eq(connection.0);
    end(transaction, workspace, of_connection, Ending::Canceled, at).await
}

pub(super) async fn fail_active(
    transaction: &DatabaseTransaction,
    workspace: WorkspaceId,
    connection: ConnectionId,
    failure: ImportFailure,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let of_connection = Column::ConnectionId.eq(connection.0);
    let ending = Ending::Failed(failure);
    end(transaction, workspace, of_connection, ending, at).await
}

/// How an import ends before its work is done.
enum Ending {
    Canceled,
    Failed(ImportFailure),
}

/// Ends the active imports that match, windows first: a page locks them in this order too.
async fn end(
    transaction: &DatabaseTransaction,
    workspace: WorkspaceId,
    which: Expr,
    ending: Ending,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let ended = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::WorkspaceId.eq(workspace.0))
        .filter(Column::Status.is_in(ACTIVE))
        .filter(which.clone());
    let open = Condition::all()
        .add(import_window::Column::ImportId.in_subquery(ended.into_query()))
        .add(import_window::Column::State.is_in([WindowState::Pending, WindowState::Running]));
    super::windows::lock(transaction, open.clone()).await?;
    import_window::Entity::update_many()
        .col_expr(
            import_window::Column::State,
            Expr::value(WindowState::Abandoned),
        )
        .filter(open)
        .exec(transaction)
        .await?;
    let ended = Entity::update_many()
        .col_expr(Column::Sequence, Expr::col(Column::Sequence).add(1))
        .col_expr(Column::Trouble, Expr::value(Option::<String>::None))
        .col_expr(Column::FinishedAt, Expr::value(at))
        .col_expr(Column::UpdatedAt, Expr::value(at))
        .filter(Column::WorkspaceId.eq(workspace.0))
        .filter(Column::Status.is_in(ACTIVE))
        .filter(which);
    let ended = match ending {
        Ending::Canceled => ended.col_expr(Column::Status, Expr::value(ImportStatus::Canceled)),
        Ending::Failed(failure) => ended
            .col_expr(Column::Status, Expr::value(ImportStatus::Failed))
            .col_expr(Column::FailureCode, Expr::value(failure.code))
            .col_expr(Column::FailureMessage, Expr::value(failure.message))
            .col_expr(Column::FailureRetryable, Expr::value(failure.retryable)),
    };
    for import in ended.exec_with_returning(transaction).await? {
        notifications::tell(transaction, notifications::of_import(&import, at)).await?;
    }
    Ok(())
}

/// Notes a change of an import and ends it when none of its windows is left; returns it as it is now, and how many
/// of its windows wait to be claimed.
///
/// The update locks the import's row first, so of two windows that end at the same time the second one sees the
/// first.
pub(super) async fn advance(
    transaction: &DatabaseTransaction,
    id: ImportId,
    (payments, objects): (i64, i64),
    at: DateTime<Utc>,
) -> Result<(ImportRow, Vec<OpenWindow>), StorageError> {
    Entity::update_many()
        .col_expr(
            Column::ImportedPayments,
            Expr::col(Column::ImportedPayments).add(payments),
        )
        .col_expr(
            Column::ImportedObjects,
            Expr::col(Column::ImportedObjects).add(objects),
        )
        .col_expr(Column::Sequence, Expr::col(Column::Sequence).add(1))
        .col_expr(Column::Trouble, Expr::value(Option::<String>::None))
        .col_expr(Column::UpdatedAt, Expr::value(at))
        .filter(Column::Id.eq(id.0))
        .exec(transaction)
        .await?;
    let open = open_windows(transaction, id).await?;
    if open.is_empty() {
        succeed(transaction, id, at).await?;
    }
    let row = Entity::find_by_id(id.0).one(transaction).await?;
    Ok((row.ok_or(StorageError::LeaseLost)?, open))
}

/// The windows that wait or are claimed.
pub(super) async fn open_windows(
    transaction: &DatabaseTransaction,
    id: ImportId,
) -> Result<Vec<OpenWindow>, StorageError> {
    use import_window::{Column, Entity};
    let query = Entity::find()
        .select_only()
        .columns([Column::Resource, Column::State, Column::RunAt])
        .filter(Column::ImportId.eq(id.0))
        .filter(Column::State.is_in([WindowState::Pending, WindowState::Running]));
    Ok(query.into_model().all(transaction).await?)
}

async fn succeed(
    transaction: &DatabaseTransaction,
    id: ImportId,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let ended = Entity::update_many()
        .col_expr(Column::Status, Expr::value(ImportStatus::Succeeded))
        .col_expr(Column::FinishedAt, Expr::value(at))
        .filter(Column::Id.eq(id.0))
        .filter(Column::Status.is_in(ACTIVE))
        .exec_with_returning(transaction)
        .await?;
    for import in ended {
        if import.every_resource && import.from_at.is_none() {
            mark_synced(transaction, &import).await?;
        }
        notifications::tell(transaction, notifications::of_import(&import, at)).await?;
    }
    Ok(())
}

async fn mark_synced(
    transaction: &impl ConnectionTrait,
    import: &ImportRow,
) -> Result<(), StorageError> {
    use entity::connection::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::SyncedThrough, Expr::value(import.to_at))
        .filter(Column::Id.eq(import.connection_id))
        .filter(
            Column::SyncedThrough
                .is_null()
                .or(Column::SyncedThrough.lt(import.to_at)),
        )
        .exec(transaction)
        .await?;
    Ok(())
}
