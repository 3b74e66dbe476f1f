//! Webhook endpoints: which a connection has, and which secrets are accepted.

use chrono::{DateTime, TimeDelta, Utc};
use entity::webhook_endpoint::{Column, Entity};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, Select, sea_query::Expr,
};
use uuid::Uuid;

use super::{StorageError, Store, WebhookEndpointRow, WebhookEndpointState as State};
use crate::ids::{ConnectionId, WorkspaceId};

/// An arrival is noted at most so often, so that a burst of events is not a burst of writes.
const ARRIVALS_EVERY: TimeDelta = TimeDelta::seconds(5);

impl Store {
    /// The webhook of a connection as it is now.
    pub async fn find_webhook(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Option<WebhookEndpointRow>, StorageError> {
        Ok(live(workspace, &[connection]).one(&self.reader).await?)
    }

    /// The webhooks of these connections as they are now, in no order.
    pub async fn find_webhooks(
        &self,
        workspace: WorkspaceId,
        connections: &[ConnectionId],
    ) -> Result<Vec<WebhookEndpointRow>, StorageError> {
        Ok(live(workspace, connections).all(&self.reader).await?)
    }

    /// Every generation of a connection's endpoint that is not gone, newest first.
    pub async fn list_webhook_generations(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Vec<WebhookEndpointRow>, StorageError> {
        let query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ConnectionId.eq(connection.0))
            .filter(Column::State.ne(State::Gone))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id);
        Ok(query.all(&self.reader).await?)
    }

    /// What other connections have at Stripe, of all workspaces: two of them may have connected one account.
    pub async fn list_endpoints_of_others(
        &self,
        connection: ConnectionId,
        others: &[Uuid],
    ) -> Result<Vec<WebhookEndpointRow>, StorageError> {
        if others.is_empty() {
            return Ok(Vec::new());
        }
        let query = Entity::find()
            .filter(Column::ConnectionId.is_in(others.iter().copied()))
            .filter(Column::ConnectionId.ne(connection.0))
            .filter(Column::State.ne(State::Gone));
        Ok(query.all(&self.reader).await?)
    }

    /// The generations whose events are accepted now, newest first. Whoever sends an event says only the connection;
    /// what is found here tells the workspace.
    pub async fn list_webhook_secrets(
        &self,
        connection: ConnectionId,
        now: DateTime<Utc>,
    ) -> Result<Vec<WebhookEndpointRow>, StorageError> {
        let accepted = Condition::any().add(Column::State.eq(State::Live)).add(
            Condition::all()
                .add(Column::State.eq(State::Retiring))
                .add(Column::RetiringUntil.gt(now)),
        );
        let query = Entity::find()
            .filter(Column::ConnectionId.eq(connection.0))
            .filter(accepted)
            .filter(Column::SecretSealed.is_not_null())
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id);
        Ok(query.all(&self.reader).await?)
    }

    /// Notes that an event arrived for a connection whose secrets were found.
    pub async fn note_event_arrived(
        &self,
        connection: ConnectionId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let stale = Condition::any()
            .add(Column::LastEventAt.is_null())
            .add(Column::LastEventAt.lt(at - ARRIVALS_EVERY));
        Entity::update_many()
            .col_expr(Column::LastEventAt, Expr::value(at))
            .filter(Column::ConnectionId.eq(connection.0))
            .filter(Column::State.eq(State::Live))
            .filter(stale)
            .exec(&self.writer)
            .await?;
        Ok(())
    }

    /// Every sealed secret with its place: for the operator's start-up check and key rotation.
    pub async fn sealed_webhook_secrets(&self) -> Result<Vec<WebhookEndpointRow>, StorageError> {
        let query = Entity::find().filter(Column::SecretSealed.is_not_null());
        Ok(query.all(&self.reader).await?)
    }

    /// Puts a secret sealed anew in the place of what it was sealed from; false where that changed meanwhile.
    pub async fn reseal_webhook_secret(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        from: Vec<u8>,
        to: Vec<u8>,
    ) -> Result<bool, StorageError> {
        let done = Entity::update_many()
            .col_expr(Column::SecretSealed, Expr::value(to))
            .filter(Column::Id.eq(id))
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::SecretSealed.eq(from))
            .exec(&self.writer)
            .await?;
        Ok(done.rows_affected > 0)
    }
}

pub(super) fn live(workspace: WorkspaceId, connections: &[ConnectionId]) -> Select<Entity> {
    Entity::find()
        .filter(Column::WorkspaceId.eq(workspace.0))
        .filter(Column::ConnectionId.is_in(connections.iter().map(|id| id.0)))
        .filter(Column::State.eq(State::Live))
}

/// Makes a row the connection's webhook; what it had otherwise is gone. A row that is there already keeps what
/// belongs to its endpoint.
pub(super) async fn save_live(
    transaction: &DatabaseTransaction,
    row: WebhookEndpointRow,
) -> Result<(), StorageError> {
    let others = Condition::all()
        .add(Column::ConnectionId.eq(row.connection_id))
        .add(Column::State.is_in([State::Live, State::Creating]))
        .add(Column::Id.ne(row.id));
    end(transaction, others, row.updated_at).await?;
    let kept = findings(Entity::update_many(), &row)
        .filter(Column::Id.eq(row.id))
        .filter(Column::WorkspaceId.eq(row.workspace_id))
        .exec(transaction)
        .await?;
    if kept.rows_affected == 0 {
        row.into_active_model().insert(transaction).await?;
    }
    Ok(())
}

/// The end of every generation of a connection, with their secrets.
pub(super) async fn end_all(
    transaction: &DatabaseTransaction,
    connection: ConnectionId,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let all = Condition::all()
        .add(Column::ConnectionId.eq(connection.0))
        .add(Column::State.ne(State::Gone));
    end(transaction, all, at).await?;
    Ok(())
}

pub(super) async fn end(
    connection: &impl sea_orm::ConnectionTrait,
    which: Condition,
    at: DateTime<Utc>,
) -> Result<u64, StorageError> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Gone))
        .col_expr(Column::SecretSealed, Expr::value(Option::<Vec<u8>>::None))
        .col_expr(
            Column::RetiringUntil,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .col_expr(Column::UpdatedAt, Expr::value(at))
        .filter(which)
        .exec(connection)
        .await?;
    Ok(done.rows_affected)
}

/// What a look at Stripe changes about a row.
pub(super) fn findings(
    update: sea_orm::UpdateMany<Entity>,
    row: &WebhookEndpointRow,
) -> sea_orm::UpdateMany<Entity> {
    update
        .col_expr(Column::Url, Expr::value(row.url.clone()))
        .col_expr(Column::StripeId, Expr::value(row.stripe_id.clone()))
        .col_expr(Column::Problem, Expr::value(row.problem))
        .col_expr(Column::Disabled, Expr::value(row.disabled))
        .col_expr(
            Column::MissingEvents,
            Expr::value(row.missing_events.clone()),
        )
        .col_expr(Column::Conflicting, Expr::value(row.conflicting.clone()))
        .col_expr(Column::ReenabledAt, Expr::value(row.reenabled_at))
        .col_expr(Column::CheckedAt, Expr::value(row.checked_at))
        .col_expr(Column::CheckAt, Expr::value(row.check_at))
        .col_expr(Column::UpdatedAt, Expr::value(row.updated_at))
}
