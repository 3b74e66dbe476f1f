//! Grants of connections: renewed, ended.

use chrono::{DateTime, Utc};
use entity::connection::{Column, Entity};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{
    AuditRow, ConnectionRow, ConnectionStatus, ImportFailure, OAuthKind, StatusChange,
    StorageError, Store, audit,
    connections::{Update, no_time, only, without_credentials},
    imports, notifications,
    standing::with_status,
    webhook_endpoints,
};
use crate::ids::{ConnectionId, WorkspaceId};

/// More are not renewed in one pass.
const BATCH: u64 = 200;

impl Store {
    /// Ends the access to an account: the credentials go, the import under way fails. False where the connection is
    /// disconnected already, or was granted anew since it was read; then nothing is written.
    pub async fn revoke_access(
        &self,
        connection: &ConnectionRow,
        change: StatusChange,
        failure: ImportFailure,
        entry: AuditRow,
    ) -> Result<bool, StorageError> {
        let at = entry.at;
        let workspace = WorkspaceId(connection.workspace_id);
        let id = ConnectionId(connection.id);
        let same_grant = match connection.granted_at {
            Some(granted_at) => Column::GrantedAt.eq(granted_at),
            None => Column::GrantedAt.is_null(),
        };
        let transaction = self.begin().await?;
        // Windows and imports before the connection: the order in which a page locks them too.
        imports::fail_active(&transaction, workspace, id, failure, at).await?;
        let news = notifications::of_change(connection, &change, at);
        let update = without_credentials(with_status(Entity::update_many(), change, at));
        let ended = only(update, workspace, id)
            .filter(Column::Status.ne(ConnectionStatus::Disconnected))
            .filter(same_grant)
            .exec(&transaction)
            .await?;
        if ended.rows_affected == 0 {
            return Ok(false);
        }
        webhook_endpoints::end_all(&transaction, id, at).await?;
        notifications::tell(&transaction, news).await?;
        audit::append(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Whether a connection of any workspace acts on an account by OAuth: they share what the merchant granted, so
    /// it is not given back while one is left.
    pub async fn is_granted_elsewhere(
        &self,
        stripe_account: &str,
        livemode: bool,
        except: Option<ConnectionId>,
    ) -> Result<bool, StorageError> {
        let mut query = Entity::find()
            .filter(Column::StripeAccountId.eq(stripe_account))
            .filter(Column::Livemode.eq(livemode))
            .filter(Column::OauthKind.is_not_null())
            .filter(Column::Status.ne(ConnectionStatus::Disconnected));
        if let Some(except) = except {
            query = query.filter(Column::Id.ne(except.0));
        }
        Ok(query.count(&self.reader).await? > 0)
    }

    /// The app connections of these modes, of all workspaces, whose access ends soon and that nobody renews.
    pub async fn list_refreshes_due(
        &self,
        modes: &[bool],
        before: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<ConnectionRow>, StorageError> {
        if modes.is_empty() {
            return Ok(Vec::new());
        }
        let query = Entity::find()
            .filter(Column::OauthKind.eq(OAuthKind::App))
            .filter(Column::Livemode.is_in(modes.iter().copied()))
            .filter(Column::CredentialSealed.is_not_null())
            .filter(Column::AccessExpiresAt.lt(before))
            .filter(unleased(now))
            .order_by_asc(Column::AccessExpiresAt)
            .limit(BATCH);
        Ok(query.all(&self.reader).await?)
    }

    /// The right to renew an app's access, until a moment that names the lease; false where somebody else has it, or
    /// the tokens changed meanwhile.
    pub async fn claim_refresh(
        &self,
        connection: &ConnectionRow,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let update = Entity::update_many().col_expr(Column::RefreshLeaseUntil, Expr::value(until));
        let claimed = of_row(update, connection)
            .filter(Column::CredentialSealed.eq(connection.credential_sealed.clone()))
            .filter(unleased(now))
            .exec(&self.writer)
            .await?;
        Ok(claimed.rows_affected > 0)
    }

    /// Stores renewed tokens and ends the lease; false where the lease was lost. Tokens that were sealed anew
    /// meanwhile, by another master key, are replaced all the same: they are spent.
    pub async fn store_refreshed(
        &self,
        connection: &ConnectionRow,
        lease: DateTime<Utc>,
        sealed: Vec<u8>,
        access_expires_at: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let update = Entity::update_many()
            .col_expr(Column::CredentialSealed, Expr::value(sealed))
            .col_expr(Column::AccessExpiresAt, Expr::value(access_expires_at))
            .col_expr(Column::RefreshLeaseUntil, no_time());
        let stored = of_row(update, connection)
            .filter(Column::RefreshLeaseUntil.eq(lease))
            .exec(&self.writer)
            .await?;
        Ok(stored.rows_affected > 0)
    }

    /// Puts off the next attempt to renew until a moment, where the lease is still held.
    pub async fn put_off_refresh(
        &self,
        connection: &ConnectionRow,
        lease: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let update = Entity::update_many().col_expr(Column::RefreshLeaseUntil, Expr::value(until));
        of_row(update, connection)
            .filter(Column::RefreshLeaseUntil.eq(lease))
            .exec(&self.writer)
            .await?;
        Ok(())
    }

    /// Notes that an app's access cannot be renewed any more; false where the lease was lost.
    pub async fn end_refreshes(
        &self,
        connection: &ConnectionRow,
        lease: DateTime<Utc>,
        change: StatusChange,
        entry: AuditRow,
    ) -> Result<bool, StorageError> {
        let transaction = self.begin().await?;
        let news = notifications::of_change(connection, &change, entry.at);
        let update = with_status(Entity::update_many(), change, entry.at)
            .col_expr(Column::AccessExpiresAt, no_time())
            .col_expr(Column::RefreshLeaseUntil, no_time());
        let ended = of_row(update, connection)
            .filter(Column::RefreshLeaseUntil.eq(lease))
            .exec(&transaction)
            .await?;
        if ended.rows_affected == 0 {
            return Ok(false);
        }
        notifications::tell(&transaction, news).await?;
        audit::append(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Appends an entry about something that changed no row.
    pub async fn append_audit(&self, entry: AuditRow) -> Result<(), StorageError> {
        audit::append(&self.writer, entry).await
    }
}

fn of_row(update: Update, row: &ConnectionRow) -> Update {
    only(update, WorkspaceId(row.workspace_id), ConnectionId(row.id))
}

fn unleased(now: DateTime<Utc>) -> Expr {
    Column::RefreshLeaseUntil
        .is_null()
        .or(Column::RefreshLeaseUntil.lte(now))
}
