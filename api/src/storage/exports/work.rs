//! The work: an export is claimed by lease, and every claim has a higher fence than the one before, so that whoever
//! lost it cannot write any more.

use chrono::{DateTime, Utc};
use entity::{
    payment_export::{Column, Entity, State},
    payment_export_chunk as chunk,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, UpdateMany,
    sea_query::{Expr, ExprTrait, Func, LockBehavior, LockType},
};

use super::UNFINISHED;
use crate::storage::{Claim, ExportRow, StorageError, Store, TimePosition};

/// The next part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportPart {
    /// Compressed.
    pub content: Vec<u8>,
    /// Payments in it.
    pub rows: i64,
    /// Bytes that it stands for.
    pub bytes: i64,
    /// CRC-32 of the file to the end of the part.
    pub checksum: u32,
    /// The last payment in it; none where there is none.
    pub position: Option<TimePosition>,
}

impl Store {
    /// Claims the export of any workspace that has waited longest: the worker serves them all.
    pub async fn claim_export(&self, claim: Claim) -> Result<Option<ExportRow>, StorageError> {
        let free = Column::LeaseUntil
            .is_null()
            .or(Column::LeaseUntil.lt(claim.now));
        let mut next = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::State.is_in(UNFINISHED))
            .filter(Column::RunAt.lte(claim.now))
            .filter(free)
            .order_by_asc(Column::RunAt)
            .order_by_asc(Column::Id)
            .limit(1)
            .into_query();
        next.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let claimed = changed()
            .col_expr(Column::State, Expr::value(State::Running))
            .col_expr(
                Column::StartedAt,
                Func::coalesce([Expr::col(Column::StartedAt), Expr::value(claim.now)]).into(),
            )
            .col_expr(Column::LeaseUntil, Expr::value(claim.until))
            .col_expr(Column::Fence, Expr::col(Column::Fence).add(1))
            .filter(Column::Id.in_subquery(next))
            .exec_with_returning(&self.writer)
            .await?;
        Ok(claimed.into_iter().next())
    }

    /// Makes a claim last longer; `LeaseLost` where it does not stand any more.
    pub async fn renew_export(
        &self,
        export: &ExportRow,
        until: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let renewed = Entity::update_many().col_expr(Column::LeaseUntil, Expr::value(until));
        held(&self.writer, export, renewed).await.map(drop)
    }

    /// Gives a claimed export back, to be gone on with at `run_at`.
    pub async fn release_export(
        &self,
        export: &ExportRow,
        run_at: DateTime<Utc>,
        attempts: i32,
    ) -> Result<(), StorageError> {
        let released = Entity::update_many()
            .col_expr(Column::RunAt, Expr::value(run_at))
            .col_expr(Column::Attempts, Expr::value(attempts))
            .col_expr(Column::LeaseUntil, no_time());
        held(&self.writer, export, released).await.map(drop)
    }

    /// Notes how many payments the file will have.
    pub async fn expect_export(
        &self,
        export: &ExportRow,
        rows: i64,
    ) -> Result<ExportRow, StorageError> {
        let expected = changed().col_expr(Column::ExpectedRows, Expr::value(rows));
        held(&self.writer, export, expected).await
    }

    /// Appends a part to the file, or nothing at all where the claim was lost. With the last one the file is whole, and
    /// kept until then.
    pub async fn append_export(
        &self,
        export: &ExportRow,
        part: ExportPart,
        at: DateTime<Utc>,
        kept_until: Option<DateTime<Utc>>,
    ) -> Result<ExportRow, StorageError> {
        let stored = i64::try_from(part.content.len()).unwrap_or(i64::MAX);
        let plus = |column, more: i64| Expr::col(column).add(more);
        let mut written = changed()
            .col_expr(Column::WrittenRows, plus(Column::WrittenRows, part.rows))
            .col_expr(Column::WrittenBytes, plus(Column::WrittenBytes, part.bytes))
            .col_expr(Column::StoredBytes, plus(Column::StoredBytes, stored))
            .col_expr(Column::Chunks, plus(Column::Chunks, 1))
            .col_expr(Column::Checksum, Expr::value(i64::from(part.checksum)))
            .col_expr(Column::Attempts, Expr::value(0));
        if let Some(position) = part.position {
            written = written
                .col_expr(Column::PositionAt, Expr::value(position.at))
                .col_expr(Column::PositionId, Expr::value(position.id));
        }
        if let Some(until) = kept_until {
            written =
                ended(written, State::Ready, at).col_expr(Column::ExpiresAt, Expr::value(until));
        }
        let transaction = self.begin().await?;
        let now = held(&transaction, export, written).await?;
        let chunk = chunk::Model {
            export_id: export.id,
            number: export.chunks,
            workspace_id: export.workspace_id,
            content: part.content,
        };
        chunk.into_active_model().insert(&transaction).await?;
        transaction.commit().await?;
        Ok(now)
    }

    /// Gives an export up, for a reason in plain words.
    pub async fn fail_export(
        &self,
        export: &ExportRow,
        why: &str,
        at: DateTime<Utc>,
    ) -> Result<ExportRow, StorageError> {
        let failed =
            ended(changed(), State::Failed, at).col_expr(Column::Failure, Expr::value(why));
        held(&self.writer, export, failed).await
    }
}

/// A change that those who watch are told.
pub(super) fn changed() -> UpdateMany<Entity> {
    Entity::update_many().col_expr(Column::Sequence, Expr::col(Column::Sequence).add(1))
}

/// The end of an export, in this state.
pub(super) fn ended(
    update: UpdateMany<Entity>,
    state: State,
    at: DateTime<Utc>,
) -> UpdateMany<Entity> {
    update
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::FinishedAt, Expr::value(at))
        .col_expr(Column::LeaseUntil, no_time())
}

fn no_time() -> Expr {
    Expr::value(Option::<DateTime<Utc>>::None)
}

async fn held(
    connection: &impl ConnectionTrait,
    export: &ExportRow,
    update: UpdateMany<Entity>,
) -> Result<ExportRow, StorageError> {
    let ours = Condition::all()
        .add(Column::Id.eq(export.id))
        .add(Column::WorkspaceId.eq(export.workspace_id))
        .add(Column::State.eq(State::Running))
        .add(Column::Fence.eq(export.fence))
        .add(Column::LeaseUntil.is_not_null());
    let rows = update.filter(ours).exec_with_returning(connection).await?;
    rows.into_iter().next().ok_or(StorageError::LeaseLost)
}
