//! Messages on their way: claimed by lease, settled under its fence, and forgotten after a while.

use chrono::{DateTime, Utc};
use entity::{
    notification_delivery::{Column, Entity, State},
    notification_endpoint,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType},
};
use serde_json::Value;
use uuid::Uuid;

use super::endpoints::{self, EndpointChange};
use crate::{
    ids::{NotificationDeliveryId, NotificationEndpointId, WorkspaceId},
    storage::{
        AuditRow, Claim, DisabledReason, NotificationDeliveryRow, NotificationDeliveryState,
        PageRequest, Slice, StorageError, Store, TimePosition, audit,
        connections::no_time,
        paging::{keyset, slice},
    },
};

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryOutcome {
    /// Where the delivery stands now.
    pub state: NotificationDeliveryState,
    /// When it is to be sent next, where it is.
    pub run_at: DateTime<Utc>,
    /// Its attempts, with this one.
    pub attempts: Value,
    /// What the attempt tells of the endpoint.
    pub endpoint: EndpointNews,
}

/// What an attempt tells of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointNews {
    /// It works.
    Works,
    /// It does not, and asked to be left alone until a time, if it did.
    Fails(Option<DateTime<Utc>>),
    /// Nothing is to be sent there any more.
    Ends(DisabledReason),
}

impl Store {
    /// Stores a message that somebody asked for.
    pub async fn insert_delivery(
        &self,
        row: NotificationDeliveryRow,
        entry: AuditRow,
    ) -> Result<NotificationDeliveryRow, StorageError> {
        let transaction = self.begin().await?;
        let row = row.into_active_model().insert(&transaction).await?;
        audit::append(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(row)
    }

    /// The delivery of this id.
    pub async fn find_delivery(
        &self,
        workspace: WorkspaceId,
        id: NotificationDeliveryId,
    ) -> Result<Option<NotificationDeliveryRow>, StorageError> {
        Ok(find(workspace, id).one(&self.reader).await?)
    }

    /// An endpoint's deliveries, or those in one state, newest first.
    pub async fn list_deliveries(
        &self,
        workspace: WorkspaceId,
        endpoint: NotificationEndpointId,
        state: Option<NotificationDeliveryState>,
        page: &PageRequest<TimePosition>,
    ) -> Result<Slice<NotificationDeliveryRow>, StorageError> {
        let mut query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::EndpointId.eq(endpoint.0))
            .apply_if(state, |query, state| query.filter(Column::State.eq(state)));
        keyset(
            QueryTrait::query(&mut query),
            (Column::CreatedAt, Column::Id),
            true,
            &page.values(),
        );
        Ok(slice(query.all(&self.reader).await?, page))
    }

    /// Makes a delivery be sent again, now and with the whole schedule; none where it does not exist. One that waits
    /// is only sent sooner.
    pub async fn redeliver(
        &self,
        workspace: WorkspaceId,
        id: NotificationDeliveryId,
        entry: AuditRow,
    ) -> Result<Option<NotificationDeliveryRow>, StorageError> {
        let at = entry.at;
        let transaction = self.begin().await?;
        let again = Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Pending))
            .col_expr(Column::Tries, Expr::value(0))
            .col_expr(Column::RunAt, Expr::value(at))
            .col_expr(Column::SettledAt, no_time())
            .filter(Column::Id.eq(id.0))
            .filter(Column::WorkspaceId.eq(workspace.0))
            .exec(&transaction)
            .await?;
        if again.rows_affected == 0 {
            return Ok(None);
        }
        audit::append(&transaction, entry).await?;
        let row = find(workspace, id).one(&transaction).await?;
        transaction.commit().await?;
        Ok(row)
    }

    /// Enabled endpoints of any workspace with messages to be sent now: the worker serves them all.
    pub async fn list_endpoints_due(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<NotificationEndpointId>, StorageError> {
        use notification_endpoint::Column as Of;
        let open = notification_endpoint::Entity::find()
            .select_only()
            .column(Of::Id)
            .filter(Of::State.eq(notification_endpoint::State::Enabled))
            .filter(Of::PausedUntil.is_null().or(Of::PausedUntil.lte(now)));
        let query = Entity::find()
            .select_only()
            .column(Column::EndpointId)
            .distinct()
            .filter(claimable(now))
            .filter(Column::EndpointId.in_subquery(open.into_query()));
        let found: Vec<Uuid> = query.into_tuple().all(&self.reader).await?;
        Ok(found.into_iter().map(NotificationEndpointId).collect())
    }

    /// Claims at most `limit` messages to an endpoint, those that wait longest first.
    pub async fn claim_deliveries(
        &self,
        endpoint: NotificationEndpointId,
        claim: Claim,
        limit: u64,
    ) -> Result<Vec<NotificationDeliveryRow>, StorageError> {
        let mut free = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::EndpointId.eq(endpoint.0))
            .filter(claimable(claim.now))
            .order_by_asc(Column::RunAt)
            .order_by_asc(Column::Id)
            .limit(limit)
            .into_query();
        free.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let transaction = self.begin().await?;
        let claimed = Entity::update_many()
            .col_expr(Column::LeaseOwner, Expr::value(claim.owner))
            .col_expr(Column::LeaseUntil, Expr::value(claim.until))
            .col_expr(Column::Fence, Expr::col(Column::Fence).add(1))
            .filter(Column::Id.in_subquery(free))
            .exec_with_returning(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(claimed)
    }

    /// Writes down what an attempt came to, and what it tells of the endpoint; `LeaseLost` where somebody else has the
    /// message by now.
    pub async fn settle_delivery(
        &self,
        row: &NotificationDeliveryRow,
        outcome: DeliveryOutcome,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let settled_at = (outcome.state != State::Pending).then_some(at);
        let transaction = self.begin().await?;
        let settled = Entity::update_many()
            .col_expr(Column::State, Expr::value(outcome.state))
            .col_expr(Column::Tries, Expr::col(Column::Tries).add(1))
            .col_expr(Column::Attempts, Expr::value(outcome.attempts))
            .col_expr(Column::RunAt, Expr::value(outcome.run_at))
            .col_expr(Column::SettledAt, Expr::value(settled_at))
            .col_expr(Column::LeaseUntil, no_time())
            .filter(Column::Id.eq(row.id))
            .filter(Column::WorkspaceId.eq(row.workspace_id))
            .filter(Column::Fence.eq(row.fence))
            .filter(Column::LeaseUntil.is_not_null())
            .exec(&transaction)
            .await?;
        if settled.rows_affected == 0 {
            return Err(StorageError::LeaseLost);
        }
        note_endpoint(&transaction, row, outcome.endpoint, at).await?;
        Ok(transaction.commit().await?)
    }

    /// Deletes at most `limit` deliveries, of any workspace, that are older than a time or whose endpoint was deleted, and
    /// endpoints of which nothing is left; returns how many deliveries went.
    pub async fn prune_deliveries(
        &self,
        before: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StorageError> {
        use notification_endpoint::{Column as Of, Entity as Endpoints};
        let ended = Endpoints::find()
            .select_only()
            .column(Of::Id)
            .filter(Of::State.eq(notification_endpoint::State::Deleted));
        let ended: Vec<Uuid> = ended.into_tuple().all(&self.reader).await?;
        let mut gone = self
            .delete_some(Column::CreatedAt.lt(before), limit)
            .await?;
        for endpoint in ended {
            let of_endpoint = Column::EndpointId.eq(endpoint);
            let some = self.delete_some(of_endpoint.clone(), limit).await?;
            gone += some;
            if some == 0
                && Entity::find()
                    .filter(of_endpoint)
                    .count(&self.writer)
                    .await?
                    == 0
            {
                Endpoints::delete_by_id(endpoint).exec(&self.writer).await?;
            }
        }
        Ok(gone)
    }

    async fn delete_some(&self, which: Expr, limit: u64) -> Result<u64, StorageError> {
        let some = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(which)
            .limit(limit)
            .into_query();
        let done = Entity::delete_many()
            .filter(Column::Id.in_subquery(some))
            .exec(&self.writer)
            .await?;
        Ok(done.rows_affected)
    }
}

/// Gives up what waits to be sent.
pub(super) async fn give_up(
    transaction: &impl ConnectionTrait,
    which: Condition,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Failed))
        .col_expr(Column::SettledAt, Expr::value(at))
        .col_expr(Column::LeaseUntil, no_time())
        .filter(which)
        .filter(Column::State.eq(State::Pending))
        .exec(transaction)
        .await?;
    Ok(())
}

async fn note_endpoint(
    transaction: &DatabaseTransaction,
    row: &NotificationDeliveryRow,
    news: EndpointNews,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    use notification_endpoint::{Column, Entity};
    let own = Condition::all()
        .add(Column::Id.eq(row.endpoint_id))
        .add(Column::WorkspaceId.eq(row.workspace_id));
    // An endpoint's row is written only where that says something new: its messages would wait for each other.
    let update = match news {
        EndpointNews::Works => Entity::update_many()
            .col_expr(Column::FailingSince, no_time())
            .filter(Column::FailingSince.is_not_null()),
        EndpointNews::Fails(None) => Entity::update_many()
            .col_expr(Column::FailingSince, Expr::value(at))
            .filter(Column::FailingSince.is_null()),
        EndpointNews::Fails(Some(until)) => Entity::update_many()
            .col_expr(Column::PausedUntil, Expr::value(until))
            .col_expr(
                Column::FailingSince,
                Expr::case(Column::FailingSince.is_null(), Expr::value(at))
                    .finally(Expr::col(Column::FailingSince))
                    .into(),
            ),
        EndpointNews::Ends(reason) => {
            let (workspace, id) = (WorkspaceId(row.workspace_id), row.endpoint_id.into());
            let change = EndpointChange::Disabled(reason);
            endpoints::apply(transaction, workspace, id, change, at).await?;
            return Ok(());
        }
    };
    update.filter(own).exec(transaction).await?;
    Ok(())
}

fn find(workspace: WorkspaceId, id: NotificationDeliveryId) -> Select<Entity> {
    Entity::find_by_id(id.0).filter(Column::WorkspaceId.eq(workspace.0))
}

fn claimable(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(Column::State.eq(State::Pending))
        .add(Column::RunAt.lte(now))
        .add(Column::LeaseUntil.is_null().or(Column::LeaseUntil.lt(now)))
}
