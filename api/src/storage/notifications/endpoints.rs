//! Notification endpoints. One that was deleted is found nowhere, and goes when its deliveries have gone.

use chrono::{DateTime, Utc};
use entity::{
    notification_delivery,
    notification_endpoint::{Column, DisabledReason, Entity, State},
};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, Select, UpdateMany, sea_query::Expr,
};
use serde_json::Value;
use uuid::Uuid;

use super::deliveries;
use crate::{
    ids::{NotificationEndpointId, WorkspaceId},
    storage::{
        AuditRow, NotificationEndpointRow, NotificationType, StorageError, Store, audit,
        connections::no_time,
    },
};

/// What an endpoint is.
#[derive(Clone, Debug)]
pub struct EndpointFacts {
    /// Where messages go.
    pub url: String,
    /// What people call it.
    pub description: Option<String>,
    /// A list of event types.
    pub event_types: Value,
    /// A list of connections' ids; none for all.
    pub connections: Option<Value>,
}

/// What is changed about an endpoint.
#[derive(Clone, Debug)]
pub enum EndpointChange {
    /// Where it is, and what it is told of; whether it is enabled stays.
    Facts(EndpointFacts),
    /// It is enabled, and its past is forgotten.
    Enabled,
    /// It is disabled, and what it was to be sent is given up.
    Disabled(DisabledReason),
    /// Another secret signs; the one before signs beside it for a while.
    Secret {
        /// What signs from now on.
        sealed: Vec<u8>,
        /// What signed until now.
        old_sealed: Vec<u8>,
        /// How long it still does.
        old_until: DateTime<Utc>,
    },
    /// It is gone for its users.
    Deleted,
}

impl Store {
    /// Stores a new endpoint with its audit entry; false where the workspace has `most` already.
    pub async fn insert_notification_endpoint(
        &self,
        row: NotificationEndpointRow,
        most: u64,
        entry: AuditRow,
    ) -> Result<bool, StorageError> {
        let transaction = self.begin().await?;
        let there = of_workspace(WorkspaceId(row.workspace_id));
        if there.count(&transaction).await? >= most {
            return Ok(false);
        }
        row.into_active_model().insert(&transaction).await?;
        audit::append(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The endpoint of this id.
    pub async fn find_notification_endpoint(
        &self,
        workspace: WorkspaceId,
        id: NotificationEndpointId,
    ) -> Result<Option<NotificationEndpointRow>, StorageError> {
        let query = of_workspace(workspace).filter(Column::Id.eq(id.0));
        Ok(query.one(&self.reader).await?)
    }

    /// The workspace's endpoints, oldest first.
    pub async fn list_notification_endpoints(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Vec<NotificationEndpointRow>, StorageError> {
        let query = of_workspace(workspace)
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id);
        Ok(query.all(&self.reader).await?)
    }

    /// Changes an endpoint; none where it does not exist. One that is changed to be deleted is returned a last time.
    pub async fn change_notification_endpoint(
        &self,
        workspace: WorkspaceId,
        id: NotificationEndpointId,
        changes: Vec<EndpointChange>,
        entry: AuditRow,
    ) -> Result<Option<NotificationEndpointRow>, StorageError> {
        let at = entry.at;
        let transaction = self.begin().await?;
        for change in changes {
            if !apply(&transaction, workspace, id, change, at).await? {
                return Ok(None);
            }
        }
        audit::append(&transaction, entry).await?;
        let query = Entity::find_by_id(id.0).filter(Column::WorkspaceId.eq(workspace.0));
        let row = query.one(&transaction).await?;
        transaction.commit().await?;
        Ok(row)
    }

    /// Every sealed secret of every workspace with its place: for the operator's start-up check and key rotation.
    pub async fn sealed_notification_secrets(
        &self,
    ) -> Result<Vec<NotificationEndpointRow>, StorageError> {
        let query = Entity::find().filter(Column::SecretSealed.is_not_null());
        Ok(query.all(&self.reader).await?)
    }

    /// Puts secrets sealed anew in the place of what they were sealed from; false where that changed meanwhile.
    pub async fn reseal_notification_secrets(
        &self,
        row: &NotificationEndpointRow,
        sealed: Vec<u8>,
        old_sealed: Option<Vec<u8>>,
    ) -> Result<bool, StorageError> {
        let same_old = match &row.old_secret_sealed {
            Some(old) => Column::OldSecretSealed.eq(old.clone()),
            None => Column::OldSecretSealed.is_null(),
        };
        let done = Entity::update_many()
            .col_expr(Column::SecretSealed, Expr::value(sealed))
            .col_expr(Column::OldSecretSealed, Expr::value(old_sealed))
            .filter(Column::Id.eq(row.id))
            .filter(Column::WorkspaceId.eq(row.workspace_id))
            .filter(Column::SecretSealed.eq(row.secret_sealed.clone()))
            .filter(same_old)
            .exec(&self.writer)
            .await?;
        Ok(done.rows_affected > 0)
    }
}

/// Whether a stored list of event types has one.
pub(super) fn lists(types: &Value, wanted: NotificationType) -> bool {
    let wanted = wanted.to_value();
    let types = types.as_array();
    types.is_some_and(|types| types.iter().any(|one| one.as_str() == Some(&wanted)))
}

/// Whether an endpoint is told of a connection.
pub(super) fn hears_of(row: &NotificationEndpointRow, connection: Uuid) -> bool {
    let Some(connections) = &row.connections else {
        return true;
    };
    let wanted = connection.to_string();
    let connections = connections.as_array();
    connections.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(&wanted)))
}

/// The workspace's endpoints that are enabled.
pub(super) fn enabled(workspace: Uuid) -> Select<Entity> {
    Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::State.eq(State::Enabled))
}

fn of_workspace(workspace: WorkspaceId) -> Select<Entity> {
    Entity::find()
        .filter(Column::WorkspaceId.eq(workspace.0))
        .filter(Column::State.ne(State::Deleted))
}

/// Makes one change; false where there is no such endpoint.
pub(super) async fn apply(
    transaction: &DatabaseTransaction,
    workspace: WorkspaceId,
    id: NotificationEndpointId,
    change: EndpointChange,
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let ends = matches!(
        change,
        EndpointChange::Disabled(_) | EndpointChange::Deleted
    );
    let update = Entity::update_many().col_expr(Column::UpdatedAt, Expr::value(at));
    let done = changed(update, change, at)
        .filter(Column::Id.eq(id.0))
        .filter(Column::WorkspaceId.eq(workspace.0))
        .filter(Column::State.ne(State::Deleted))
        .exec(transaction)
        .await?;
    if ends && done.rows_affected > 0 {
        use notification_delivery::Column;
        let of_endpoint = Condition::all()
            .add(Column::WorkspaceId.eq(workspace.0))
            .add(Column::EndpointId.eq(id.0));
        deliveries::give_up(transaction, of_endpoint, at).await?;
    }
    Ok(done.rows_affected > 0)
}

fn changed(
    update: UpdateMany<Entity>,
    change: EndpointChange,
    at: DateTime<Utc>,
) -> UpdateMany<Entity> {
    let no_bytes = || Expr::value(Option::<Vec<u8>>::None);
    match change {
        EndpointChange::Facts(facts) => update
            .col_expr(Column::Url, Expr::value(facts.url))
            .col_expr(Column::Description, Expr::value(facts.description))
            .col_expr(Column::EventTypes, Expr::value(facts.event_types))
            .col_expr(Column::Connections, Expr::value(facts.connections)),
        EndpointChange::Enabled => update
            .col_expr(Column::State, Expr::value(State::Enabled))
            .col_expr(
                Column::DisabledReason,
                Expr::value(Option::<DisabledReason>::None),
            )
            .col_expr(Column::DisabledAt, no_time())
            .col_expr(Column::FailingSince, no_time())
            .col_expr(Column::PausedUntil, no_time()),
        EndpointChange::Disabled(reason) => update
            .col_expr(Column::State, Expr::value(State::Disabled))
            .col_expr(Column::DisabledReason, Expr::value(reason))
            .col_expr(Column::DisabledAt, Expr::value(at)),
        EndpointChange::Secret {
            sealed,
            old_sealed,
            old_until,
        } => update
            .col_expr(Column::SecretSealed, Expr::value(sealed))
            .col_expr(Column::OldSecretSealed, Expr::value(old_sealed))
            .col_expr(Column::OldSecretUntil, Expr::value(old_until)),
        EndpointChange::Deleted => update
            .col_expr(Column::State, Expr::value(State::Deleted))
            .col_expr(Column::SecretSealed, no_bytes())
            .col_expr(Column::OldSecretSealed, no_bytes()),
    }
}
