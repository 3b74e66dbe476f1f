//! How connections stand.

use chrono::{DateTime, Utc};
use entity::connection::{Column, Entity};
use sea_orm::{EntityTrait, QuerySelect, sea_query::Expr};
use serde_json::Value;

use super::{
    ConnectionRow, ConnectionStatus, ConnectionStatusReason, StorageError, Store,
    WebhookEndpointRow,
    connections::{Update, find, only},
    notifications, webhook_endpoints,
};
use crate::ids::{ConnectionId, WorkspaceId};

/// What became of a connection, for people to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChange {
    /// Whether it works.
    pub status: ConnectionStatus,
    /// What is wrong.
    pub reason: Option<ConnectionStatusReason>,
    /// The same in plain words, with what to do.
    pub message: Option<String>,
}

impl Store {
    /// Decides anew how a connection stands, from all that is stored of it, so that what is found out about its
    /// credentials and about its webhook at the same time does not overwrite each other. Notes its permissions where
    /// they were found anew. A disconnected one stays as it is; false where nothing changed.
    pub async fn settle(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        permissions: Option<Value>,
        at: DateTime<Utc>,
        decide: impl FnOnce(&ConnectionRow, Option<&WebhookEndpointRow>) -> Option<StatusChange> + Send,
    ) -> Result<bool, StorageError> {
        let transaction = self.begin().await?;
        let Some(row) = find(workspace, id)
            .lock_exclusive()
            .one(&transaction)
            .await?
            .filter(|row| row.status != ConnectionStatus::Disconnected)
        else {
            return Ok(false);
        };
        let webhook = webhook_endpoints::live(workspace, &[id])
            .one(&transaction)
            .await?;
        let change = decide(&row, webhook.as_ref()).filter(|change| *change != standing_of(&row));
        if change.is_none() && permissions.is_none() {
            return Ok(false);
        }
        let news = change
            .as_ref()
            .and_then(|change| notifications::of_change(&row, change, at));
        let mut update = Entity::update_many();
        if let Some(permissions) = permissions {
            update = update.col_expr(Column::Permissions, Expr::value(permissions));
        }
        let update = with_status(update, change.unwrap_or_else(|| standing_of(&row)), at);
        only(update, workspace, id).exec(&transaction).await?;
        notifications::tell(&transaction, news).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

fn standing_of(row: &ConnectionRow) -> StatusChange {
    StatusChange {
        status: row.status,
        reason: row.status_reason,
        message: row.status_message.clone(),
    }
}

pub(super) fn with_status(update: Update, change: StatusChange, at: DateTime<Utc>) -> Update {
    update
        .col_expr(Column::Status, Expr::value(change.status))
        .col_expr(Column::StatusReason, Expr::value(change.reason))
        .col_expr(Column::StatusMessage, Expr::value(change.message))
        .col_expr(Column::UpdatedAt, Expr::value(at))
}
