//! The periodic look at webhooks: whose turn it is, and what was found.

use chrono::{DateTime, Utc};
use entity::webhook_endpoint::{Column, Entity};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use super::{
    StorageError, Store, WebhookEndpointRow, WebhookEndpointState as State,
    webhook_endpoints::{end, findings},
};

impl Store {
    /// Webhooks of all workspaces that are to be looked at, the longest due first: the steward serves them all.
    pub async fn list_due_webhooks(
        &self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<WebhookEndpointRow>, StorageError> {
        let query = Entity::find()
            .filter(Column::State.eq(State::Live))
            .filter(Column::CheckAt.lte(now))
            .order_by_asc(Column::CheckAt)
            .order_by_asc(Column::Id)
            .limit(limit);
        Ok(query.all(&self.reader).await?)
    }

    /// Takes a due look for oneself by putting the next one off; false where somebody else took it.
    pub async fn claim_webhook_check(
        &self,
        row: &WebhookEndpointRow,
        next: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let done = Entity::update_many()
            .col_expr(Column::CheckAt, Expr::value(next))
            .filter(Column::Id.eq(row.id))
            .filter(Column::State.eq(State::Live))
            .filter(Column::CheckAt.eq(row.check_at))
            .exec(&self.writer)
            .await?;
        Ok(done.rows_affected > 0)
    }

    /// Puts the next look at a webhook at another time.
    pub async fn set_webhook_check(
        &self,
        row: &WebhookEndpointRow,
        next: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        Entity::update_many()
            .col_expr(Column::CheckAt, Expr::value(next))
            .filter(Column::Id.eq(row.id))
            .filter(Column::WorkspaceId.eq(row.workspace_id))
            .exec(&self.writer)
            .await?;
        Ok(())
    }

    /// Writes what was found out about a webhook that was read as of `seen`; false where it has changed since.
    pub async fn save_webhook_findings(
        &self,
        row: &WebhookEndpointRow,
        seen: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let done = findings(Entity::update_many(), row)
            .filter(Column::Id.eq(row.id))
            .filter(Column::WorkspaceId.eq(row.workspace_id))
            .filter(Column::State.eq(State::Live))
            .filter(Column::UpdatedAt.eq(seen))
            .exec(&self.writer)
            .await?;
        Ok(done.rows_affected > 0)
    }

    /// Ends the generations whose time of grace is over, of all workspaces.
    pub async fn end_retired_webhooks(&self, now: DateTime<Utc>) -> Result<(), StorageError> {
        let over = Condition::all()
            .add(Column::State.eq(State::Retiring))
            .add(Column::RetiringUntil.lte(now));
        end(&self.writer, over, now).await?;
        Ok(())
    }
}
