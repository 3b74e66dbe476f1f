//! Making an endpoint in the place of another: one maker at a time, who can be followed by another after a crash.

use chrono::{DateTime, Utc};
use entity::webhook_endpoint::{Column, Entity};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::Expr,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    AuditRow, Conflict, StorageError, Store, WebhookEndpointRow, WebhookEndpointState as State,
    audit,
    webhook_endpoints::{end, live},
};
use crate::ids::{ConnectionId, WorkspaceId};

/// What became of the wish to make an endpoint.
#[derive(Clone, Debug)]
pub enum Making {
    /// It is the caller's to make.
    Fresh(WebhookEndpointRow),
    /// It is the caller's to go on with: somebody began and did not end.
    Resumed(WebhookEndpointRow),
    /// Somebody else is making it.
    Underway(WebhookEndpointRow),
}

/// An endpoint that was made.
#[derive(Clone, Debug)]
pub struct Promotion {
    /// `we_…`
    pub stripe_id: String,
    /// Its sealed secret.
    pub secret: Vec<u8>,
    /// What it sends; none for the account's own version.
    pub api_version: Option<String>,
    /// Until when what the one before it still sends is accepted.
    pub retiring_until: DateTime<Utc>,
}

impl Store {
    /// Begins to make an endpoint, or takes up what somebody began whose lease has run out.
    pub async fn begin_webhook(
        &self,
        wanted: WebhookEndpointRow,
        now: DateTime<Utc>,
    ) -> Result<Making, StorageError> {
        // The row may end between a failed insertion and the look at it, and another begin: seldom, and not for long.
        for _ in 0..3 {
            let inserted = wanted
                .clone()
                .into_active_model()
                .insert(&self.writer)
                .await;
            match inserted.map_err(StorageError::from) {
                Ok(row) => return Ok(Making::Fresh(row)),
                Err(StorageError::Conflict(Conflict::EndpointInMaking)) => {}
                Err(error) => return Err(error),
            }
            let standing = Entity::find()
                .filter(Column::WorkspaceId.eq(wanted.workspace_id))
                .filter(Column::ConnectionId.eq(wanted.connection_id))
                .filter(Column::State.eq(State::Creating))
                .one(&self.writer)
                .await?;
            let Some(standing) = standing else { continue };
            if standing.lease_until.is_some_and(|until| until > now) {
                return Ok(Making::Underway(standing));
            }
            if let Some(row) = self.take_over(&standing, &wanted, now).await? {
                return Ok(Making::Resumed(row));
            }
        }
        Err(StorageError::LeaseLost)
    }

    async fn take_over(
        &self,
        standing: &WebhookEndpointRow,
        wanted: &WebhookEndpointRow,
        now: DateTime<Utc>,
    ) -> Result<Option<WebhookEndpointRow>, StorageError> {
        let free = Condition::any()
            .add(Column::LeaseUntil.is_null())
            .add(Column::LeaseUntil.lte(now));
        let taken = Entity::update_many()
            .col_expr(Column::LeaseOwner, Expr::value(wanted.lease_owner))
            .col_expr(Column::LeaseUntil, Expr::value(wanted.lease_until))
            .col_expr(Column::RemadeAt, Expr::value(wanted.remade_at))
            .filter(Column::Id.eq(standing.id))
            .filter(Column::State.eq(State::Creating))
            .filter(free)
            .exec(&self.writer)
            .await?;
        Ok((taken.rows_affected > 0).then(|| WebhookEndpointRow {
            lease_owner: wanted.lease_owner,
            lease_until: wanted.lease_until,
            remade_at: wanted.remade_at,
            ..standing.clone()
        }))
    }

    /// Gives an endpoint in the making another key, since what the old one stands for is not wanted any more;
    /// `LeaseLost` where it is not the maker's any more.
    pub async fn rekey_webhook(
        &self,
        row: &WebhookEndpointRow,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let done = Entity::update_many()
            .col_expr(Column::IdempotencyKey, Expr::value(key))
            .col_expr(Column::Url, Expr::value(row.url.clone()))
            .col_expr(Column::CreatedAt, Expr::value(now))
            .filter(held(row))
            .exec(&self.writer)
            .await?;
        if done.rows_affected == 0 {
            return Err(StorageError::LeaseLost);
        }
        Ok(())
    }

    /// Leaves an endpoint in the making to whoever comes next.
    pub async fn release_webhook(&self, row: &WebhookEndpointRow) -> Result<(), StorageError> {
        Entity::update_many()
            .col_expr(
                Column::LeaseUntil,
                Expr::value(Option::<DateTime<Utc>>::None),
            )
            .filter(held(row))
            .exec(&self.writer)
            .await?;
        Ok(())
    }

    /// Gives an endpoint in the making up; false where it is not the maker's any more.
    pub async fn give_up_webhook(
        &self,
        row: &WebhookEndpointRow,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        Ok(end(&self.writer, held(row), now).await? > 0)
    }

    /// Lets an endpoint that was made be the connection's webhook, and retires the one before; none where it is not the
    /// maker's any more.
    pub async fn promote_webhook(
        &self,
        row: &WebhookEndpointRow,
        made: Promotion,
        conflicting: Value,
        entry: AuditRow,
    ) -> Result<Option<WebhookEndpointRow>, StorageError> {
        let at = entry.at;
        let transaction = self.begin().await?;
        Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Retiring))
            .col_expr(Column::RetiringUntil, Expr::value(made.retiring_until))
            .col_expr(Column::UpdatedAt, Expr::value(at))
            .filter(Column::ConnectionId.eq(row.connection_id))
            .filter(Column::State.eq(State::Live))
            .exec(&transaction)
            .await?;
        let done = Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Live))
            .col_expr(Column::StripeId, Expr::value(made.stripe_id))
            .col_expr(Column::SecretSealed, Expr::value(made.secret))
            .col_expr(Column::ApiVersion, Expr::value(made.api_version))
            .col_expr(Column::Conflicting, Expr::value(conflicting))
            .col_expr(Column::CheckedAt, Expr::value(at))
            .col_expr(Column::UpdatedAt, Expr::value(at))
            .filter(held(row))
            .exec(&transaction)
            .await?;
        if done.rows_affected == 0 {
            return Ok(None);
        }
        audit::append(&transaction, entry).await?;
        let workspace = WorkspaceId(row.workspace_id);
        let now_live = live(workspace, &[ConnectionId(row.connection_id)])
            .one(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(now_live)
    }

    /// Notes which older endpoints went when a webhook took their place, and which did not: with that its making ends.
    pub async fn finish_webhook(
        &self,
        row: &WebhookEndpointRow,
        removed: Value,
        conflicting: Value,
        check_at: DateTime<Utc>,
        entry: AuditRow,
    ) -> Result<Option<WebhookEndpointRow>, StorageError> {
        let transaction = self.begin().await?;
        Entity::update_many()
            .col_expr(Column::Removed, Expr::value(removed))
            .col_expr(Column::Conflicting, Expr::value(conflicting))
            .col_expr(Column::CheckAt, Expr::value(check_at))
            .col_expr(
                Column::LeaseUntil,
                Expr::value(Option::<DateTime<Utc>>::None),
            )
            .col_expr(Column::UpdatedAt, Expr::value(entry.at))
            .filter(Column::Id.eq(row.id))
            .filter(Column::State.eq(State::Live))
            .exec(&transaction)
            .await?;
        audit::append(&transaction, entry).await?;
        let found = Entity::find_by_id(row.id).one(&transaction).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// A generation by its id, whatever became of it.
    pub async fn find_webhook_generation(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
    ) -> Result<Option<WebhookEndpointRow>, StorageError> {
        let query = Entity::find_by_id(id).filter(Column::WorkspaceId.eq(workspace.0));
        Ok(query.one(&self.reader).await?)
    }
}

/// An endpoint in the making, as long as it is the maker's.
fn held(row: &WebhookEndpointRow) -> Condition {
    Condition::all()
        .add(Column::Id.eq(row.id))
        .add(Column::State.eq(State::Creating))
        .add(Column::LeaseOwner.eq(row.lease_owner))
}
