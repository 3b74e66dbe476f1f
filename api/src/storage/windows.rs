//! The work list of imports: windows are claimed by lease, and every claim has a higher fence than the one before,
//! so that whoever lost a lease cannot write any more.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{
    import,
    import_window::{Column, Entity},
};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType},
};
use uuid::Uuid;

use super::{
    Division, ImportRow, ImportStatus, StorageError, Store, WindowRow, WindowState,
    division::OpenWindow, imports,
};
use crate::ids::{ConnectionId, ImportId, WindowId, WorkspaceId};

/// Who claims, and until when.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The claiming process.
    pub owner: Uuid,
    /// Now.
    pub now: DateTime<Utc>,
    /// When the lease ends unless it is renewed.
    pub until: DateTime<Utc>,
}

impl Store {
    /// Connections of any workspace with windows to claim: the worker serves them all.
    pub async fn list_connections_with_work(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>, StorageError> {
        let query = Entity::find()
            .select_only()
            .column(Column::WorkspaceId)
            .column(Column::ConnectionId)
            .distinct()
            .filter(claimable(now));
        self.list_owners(query).await
    }

    /// Claims at most `limit` windows of a connection, the newest of the first resource first.
    pub async fn claim_windows(
        &self,
        connection: ConnectionId,
        claim: Claim,
        limit: u64,
    ) -> Result<Vec<WindowRow>, StorageError> {
        let mut free = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::ConnectionId.eq(connection.0))
            .filter(claimable(claim.now))
            .order_by_asc(Column::Rank)
            .order_by_desc(Column::ToAt)
            .limit(limit)
            .into_query();
        free.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let transaction = self.begin().await?;
        let windows = Entity::update_many()
            .col_expr(Column::State, Expr::value(WindowState::Running))
            .col_expr(Column::LeaseOwner, Expr::value(claim.owner))
            .col_expr(Column::LeaseUntil, Expr::value(claim.until))
            .col_expr(Column::Fence, Expr::col(Column::Fence).add(1))
            .filter(Column::Id.in_subquery(free))
            .exec_with_returning(&transaction)
            .await?;
        start_imports(&transaction, &windows, claim.now).await?;
        transaction.commit().await?;
        Ok(windows)
    }

    /// Renews the leases of these windows, as far as the process still holds them.
    pub async fn renew_leases(&self, claim: Claim, held: &[WindowId]) -> Result<(), StorageError> {
        if held.is_empty() {
            return Ok(());
        }
        let ours = Condition::all()
            .add(Column::Id.is_in(held.iter().map(|id| id.0)))
            .add(Column::State.eq(WindowState::Running))
            .add(Column::LeaseOwner.eq(claim.owner));
        let transaction = self.begin().await?;
        lock(&transaction, ours.clone()).await?;
        Entity::update_many()
            .col_expr(Column::LeaseUntil, Expr::value(claim.until))
            .filter(ours)
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Gives a claimed window back, to be claimed again at `run_at`.
    pub async fn release_window(
        &self,
        window: &WindowRow,
        run_at: DateTime<Utc>,
        attempts: i32,
    ) -> Result<(), StorageError> {
        let transaction = self.begin().await?;
        let freed = Entity::update_many()
            .col_expr(Column::State, Expr::value(WindowState::Pending))
            .col_expr(Column::RunAt, Expr::value(run_at))
            .col_expr(Column::Attempts, Expr::value(attempts));
        hold(&transaction, window, freed).await?;
        Ok(transaction.commit().await?)
    }

    /// Starts a window's list again behind what is covered, at `run_at`: its cursor is gone at Stripe.
    pub async fn rewind_window(
        &self,
        window: &WindowRow,
        run_at: DateTime<Utc>,
        attempts: i32,
    ) -> Result<(), StorageError> {
        let transaction = self.begin().await?;
        let rewound = Entity::update_many()
            .col_expr(Column::State, Expr::value(WindowState::Pending))
            .col_expr(Column::Cursor, Expr::value(Option::<String>::None))
            .col_expr(Column::RunAt, Expr::value(run_at))
            .col_expr(Column::Attempts, Expr::value(attempts));
        hold(&transaction, window, rewound).await?;
        Ok(transaction.commit().await?)
    }

    /// Which of these windows the process does not hold any more: they were taken over, or given up with their
    /// import.
    pub async fn lost_windows(
        &self,
        owner: Uuid,
        held: &[WindowId],
    ) -> Result<Vec<WindowId>, StorageError> {
        if held.is_empty() {
            return Ok(Vec::new());
        }
        let query = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Id.is_in(held.iter().map(|id| id.0)))
            .filter(Column::State.eq(WindowState::Running))
            .filter(Column::LeaseOwner.eq(owner));
        let ours: HashSet<Uuid> = query
            .into_tuple()
            .all(&self.reader)
            .await?
            .into_iter()
            .collect();
        let lost = held.iter().filter(|id| !ours.contains(&id.0));
        Ok(lost.copied().collect())
    }

    /// Notes where the history begins that a claimed window reaches back to, and divides it as far as that is of use:
    /// whether it was.
    pub async fn bound_window(
        &self,
        window: &WindowRow,
        from: DateTime<Utc>,
        division: Option<Division>,
        at: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let transaction = self.begin().await?;
        let bounded = Entity::update_many().col_expr(Column::FromAt, Expr::value(from));
        hold(&transaction, window, bounded).await?;
        let open = imports::open_windows(&transaction, ImportId(window.import_id)).await?;
        let was_divided = divide(&transaction, window, division, &open, at).await?;
        transaction.commit().await?;
        Ok(was_divided)
    }

    /// Leaves a whole resource out of an import: the credentials do not grant it, or for another reason in words.
    pub async fn skip_resource(
        &self,
        window: &WindowRow,
        why: Option<String>,
        at: DateTime<Utc>,
    ) -> Result<ImportRow, StorageError> {
        let transaction = self.begin().await?;
        let open = Condition::all()
            .add(Column::ImportId.eq(window.import_id))
            .add(Column::Resource.eq(&window.resource))
            .add(Column::State.is_in([WindowState::Pending, WindowState::Running]));
        lock(&transaction, open.clone()).await?;
        let skipped = Entity::update_many()
            .col_expr(Column::State, Expr::value(WindowState::Skipped))
            .col_expr(Column::Note, Expr::value(why));
        hold(&transaction, window, skipped.clone()).await?;
        skipped.filter(open).exec(&transaction).await?;
        let (import, _) =
            imports::advance(&transaction, ImportId(window.import_id), (0, 0), at).await?;
        transaction.commit().await?;
        Ok(import)
    }
}

/// Locks windows in the order of their ids, so that of two writers of several windows one waits for the other.
/// SQLite has one writer at a time anyway.
pub(super) async fn lock(
    transaction: &DatabaseTransaction,
    which: Condition,
) -> Result<(), StorageError> {
    let ids = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(which);
    let locked = ids.order_by_asc(Column::Id).lock_exclusive();
    let _: Vec<Uuid> = locked.into_tuple().all(transaction).await?;
    Ok(())
}

/// Updates a window as long as the caller's claim on it stands.
pub(super) async fn hold(
    transaction: &DatabaseTransaction,
    window: &WindowRow,
    update: sea_orm::UpdateMany<Entity>,
) -> Result<(), StorageError> {
    let held = update
        .filter(Column::Id.eq(window.id))
        .filter(Column::Fence.eq(window.fence))
        .filter(Column::State.eq(WindowState::Running))
        .exec(transaction)
        .await?;
    if held.rows_affected == 1 {
        Ok(())
    } else {
        Err(StorageError::LeaseLost)
    }
}

/// Puts the older part of a window into windows of their own, as far as that is of use beside the unfinished ones;
/// the claim on the window was checked before.
pub(super) async fn divide(
    transaction: &DatabaseTransaction,
    window: &WindowRow,
    division: Option<Division>,
    open: &[OpenWindow],
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let older = division.map_or_else(Vec::new, |division| division.of_use(open, at));
    let Some(newest) = older.first() else {
        return Ok(false);
    };
    Entity::update_many()
        .col_expr(Column::FromAt, Expr::value(newest.to_at))
        .filter(Column::Id.eq(window.id))
        .exec(transaction)
        .await?;
    insert(transaction, older).await?;
    Ok(true)
}

pub(super) async fn insert(
    transaction: &DatabaseTransaction,
    windows: Vec<WindowRow>,
) -> Result<(), StorageError> {
    if !windows.is_empty() {
        Entity::insert_many(windows.into_iter().map(IntoActiveModel::into_active_model))
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

fn claimable(now: DateTime<Utc>) -> Condition {
    let due = Column::State
        .eq(WindowState::Pending)
        .and(Column::RunAt.lte(now));
    let lost = Column::State
        .eq(WindowState::Running)
        .and(Column::LeaseUntil.lt(now));
    Condition::any().add(due).add(lost)
}

async fn start_imports(
    transaction: &DatabaseTransaction,
    windows: &[WindowRow],
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let first = windows
        .iter()
        .filter(|window| window.fence == 1)
        .map(|window| window.import_id);
    import::Entity::update_many()
        .col_expr(import::Column::Status, Expr::value(ImportStatus::Running))
        .col_expr(import::Column::StartedAt, Expr::value(now))
        .col_expr(import::Column::UpdatedAt, Expr::value(now))
        .col_expr(
            import::Column::Sequence,
            Expr::col(import::Column::Sequence).add(1),
        )
        .filter(import::Column::Id.is_in(first))
        .filter(import::Column::Status.eq(ImportStatus::Queued))
        .exec(transaction)
        .await?;
    Ok(())
}
