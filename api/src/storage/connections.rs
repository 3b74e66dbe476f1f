//! Data connections.

use chrono::{DateTime, Utc};
use entity::connection::{Column, Entity};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, sea_query::Expr,
};
use serde_json::Value;

use super::{
    AuditRow, AuthMethod, ConnectionRow, ConnectionStatus, ImportRow, OAuthKind, PageRequest,
    Slice, StatusChange, StorageError, Store, TimePosition, WebhookEndpointRow, WindowRow, audit,
    imports, notifications,
    paging::{keyset, slice},
    standing::with_status,
    webhook_endpoints,
};
use crate::ids::{ConnectionId, WorkspaceId};

/// What Stripe tells of the account; any of it may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountFacts {
    /// `acct_…`
    pub stripe_id: Option<String>,
    /// The name in Stripe's dashboard.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// ISO 4217, lower case.
    pub currency: Option<String>,
}

/// How an account lets us in, as it is stored.
#[derive(Clone, Debug)]
pub struct StoredGrant {
    /// The way.
    pub auth_method: AuthMethod,
    /// Which OAuth it was.
    pub oauth_kind: Option<OAuthKind>,
    /// The sealed key or tokens; none for Connect, which has no secret.
    pub sealed: Option<Vec<u8>>,
    /// The last four characters of a key.
    pub hint: Option<String>,
    /// Until when an app's access token is good.
    pub access_expires_at: Option<DateTime<Utc>>,
}

/// A credential that takes another's place.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// How the account lets us in from now on.
    pub grant: StoredGrant,
    /// The permission rows found with it.
    pub permissions: Value,
    /// What it tells of the account.
    pub account: AccountFacts,
    /// The connection's name from now on, with its key.
    pub name: (String, String),
    /// How its webhook stands from now on; none to leave it as it is.
    pub webhook: Option<WebhookEndpointRow>,
}

impl Store {
    /// Stores a new connection with its first import and, where it has one of its own, its webhook: all or nothing.
    pub async fn insert_connection(
        &self,
        connection: ConnectionRow,
        webhook: Option<WebhookEndpointRow>,
        import: (ImportRow, Vec<WindowRow>),
        entry: AuditRow,
    ) -> Result<ConnectionRow, StorageError> {
        let transaction = self.begin().await?;
        let row = connection.into_active_model().insert(&transaction).await?;
        if let Some(webhook) = webhook {
            webhook_endpoints::save_live(&transaction, webhook).await?;
        }
        imports::insert(&transaction, import).await?;
        let news = notifications::of_standing(None, &row, entry.at);
        notifications::tell(&transaction, news).await?;
        audit::append(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(row)
    }

    /// Gives a connection another credential and the status; starts the import unless one is under way. None where the
    /// connection does not exist.
    pub async fn replace_credential(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        credential: NewCredential,
        change: StatusChange,
        import: (ImportRow, Vec<WindowRow>),
        entry: AuditRow,
    ) -> Result<Option<ConnectionRow>, StorageError> {
        let at = entry.at;
        let transaction = self.begin().await?;
        let before = find(workspace, id)
            .lock_exclusive()
            .one(&transaction)
            .await?;
        let is_oauth = credential.grant.auth_method == AuthMethod::OAuth;
        let update = with_grant(Entity::update_many(), credential.grant, at)
            .col_expr(Column::Permissions, Expr::value(credential.permissions))
            .col_expr(Column::Name, Expr::value(credential.name.0))
            .col_expr(Column::NameKey, Expr::value(credential.name.1));
        let update = with_account(update, credential.account);
        let update = with_status(update, change, at);
        let changed = only(update, workspace, id)
            .exec(&transaction)
            .await?
            .rows_affected;
        if changed == 0 {
            return Ok(None);
        }
        match credential.webhook {
            Some(webhook) => webhook_endpoints::save_live(&transaction, webhook).await?,
            // Its events come through the platform's webhook from now on.
            None if is_oauth => {
                webhook_endpoints::end_all(&transaction, id, at).await?;
            }
            None => {}
        }
        if !imports::is_active(&transaction, id).await? {
            imports::insert(&transaction, import).await?;
        }
        audit::append(&transaction, entry).await?;
        let row = find(workspace, id).one(&transaction).await?;
        tell_of(&transaction, before.as_ref(), row.as_ref(), at).await?;
        transaction.commit().await?;
        Ok(row)
    }

    /// The connection of this id.
    pub async fn find_connection(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
    ) -> Result<Option<ConnectionRow>, StorageError> {
        Ok(find(workspace, id).one(&self.reader).await?)
    }

    /// The connections of these ids, in no order.
    pub async fn find_connections(
        &self,
        workspace: WorkspaceId,
        ids: &[ConnectionId],
    ) -> Result<Vec<ConnectionRow>, StorageError> {
        let query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
        Ok(query.all(&self.reader).await?)
    }

    /// The ids of the workspace's connections.
    pub async fn list_connection_ids(
        &self,
        workspace: WorkspaceId,
    ) -> Result<Vec<ConnectionId>, StorageError> {
        let query = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::WorkspaceId.eq(workspace.0));
        let ids: Vec<uuid::Uuid> = query.into_tuple().all(&self.reader).await?;
        Ok(ids.into_iter().map(ConnectionId).collect())
    }

    /// When each of the workspace's connections, or one of them, was changed last.
    pub async fn list_connection_changes(
        &self,
        workspace: WorkspaceId,
        only: Option<ConnectionId>,
    ) -> Result<Vec<(ConnectionId, DateTime<Utc>)>, StorageError> {
        let query = Entity::find()
            .select_only()
            .column(Column::Id)
            .column(Column::UpdatedAt)
            .filter(Column::WorkspaceId.eq(workspace.0))
            .apply_if(only, |query, only| query.filter(Column::Id.eq(only.0)));
        let found: Vec<(uuid::Uuid, DateTime<Utc>)> = query.into_tuple().all(&self.reader).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, at)| (ConnectionId(id), at)).collect())
    }

    /// The connection of a Stripe account in a mode.
    pub async fn find_connection_by_account(
        &self,
        workspace: WorkspaceId,
        stripe_account: &str,
        livemode: bool,
    ) -> Result<Option<ConnectionRow>, StorageError> {
        let query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::StripeAccountId.eq(stripe_account))
            .filter(Column::Livemode.eq(livemode));
        Ok(query.one(&self.reader).await?)
    }

    /// The connections of any workspace that a Stripe account let in by OAuth: for the platform's webhook, which serves
    /// them all.
    pub async fn list_authorized_connections(
        &self,
        stripe_account: &str,
        livemode: bool,
    ) -> Result<Vec<ConnectionRow>, StorageError> {
        let query = Entity::find()
            .filter(Column::StripeAccountId.eq(stripe_account))
            .filter(Column::Livemode.eq(livemode))
            .filter(Column::AuthMethod.eq(AuthMethod::OAuth))
            .filter(Column::Status.ne(ConnectionStatus::Disconnected));
        Ok(query.all(&self.reader).await?)
    }

    /// The connection of this name key.
    pub async fn find_connection_by_name(
        &self,
        workspace: WorkspaceId,
        name_key: &str,
    ) -> Result<Option<ConnectionRow>, StorageError> {
        let query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::NameKey.eq(name_key));
        Ok(query.one(&self.reader).await?)
    }

    /// The workspace's connections, newest first.
    pub async fn list_connections(
        &self,
        workspace: WorkspaceId,
        status: Option<ConnectionStatus>,
        page: &PageRequest<TimePosition>,
    ) -> Result<Slice<ConnectionRow>, StorageError> {
        let mut query = of_status(workspace, status);
        keyset(
            QueryTrait::query(&mut query),
            (Column::CreatedAt, Column::Id),
            true,
            &page.values(),
        );
        Ok(slice(query.all(&self.reader).await?, page))
    }

    /// How many connections the workspace has.
    pub async fn count_connections(
        &self,
        workspace: WorkspaceId,
        status: Option<ConnectionStatus>,
    ) -> Result<u64, StorageError> {
        Ok(of_status(workspace, status).count(&self.reader).await?)
    }

    /// Renames a connection; `Conflict::ConnectionName` where the name is taken.
    pub async fn rename_connection(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        name: (String, String),
        entry: AuditRow,
    ) -> Result<Option<ConnectionRow>, StorageError> {
        let transaction = self.begin().await?;
        let update = Entity::update_many()
            .col_expr(Column::Name, Expr::value(name.0))
            .col_expr(Column::NameKey, Expr::value(name.1))
            .col_expr(Column::UpdatedAt, Expr::value(entry.at));
        if only(update, workspace, id)
            .exec(&transaction)
            .await?
            .rows_affected
            == 0
        {
            return Ok(None);
        }
        audit::append(&transaction, entry).await?;
        let row = find(workspace, id).one(&transaction).await?;
        transaction.commit().await?;
        Ok(row)
    }

    /// Forgets the credentials, gives up the import under way and, where asked, marks the data for deletion.
    pub async fn disconnect(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        change: StatusChange,
        delete_data: bool,
        entry: AuditRow,
    ) -> Result<Option<ConnectionRow>, StorageError> {
        let at = entry.at;
        let transaction = self.begin().await?;
        // Windows and imports before the connection: the order in which a page locks them too.
        imports::cancel_active(&transaction, workspace, id, at).await?;
        let before = find(workspace, id)
            .lock_exclusive()
            .one(&transaction)
            .await?;
        let mut update = without_credentials(with_status(Entity::update_many(), change, at));
        if delete_data {
            update = update
                .col_expr(Column::PurgeRequestedAt, Expr::value(at))
                .col_expr(
                    Column::SyncedThrough,
                    Expr::value(Option::<DateTime<Utc>>::None),
                );
        }
        if only(update, workspace, id)
            .exec(&transaction)
            .await?
            .rows_affected
            == 0
        {
            return Ok(None);
        }
        webhook_endpoints::end_all(&transaction, id, at).await?;
        audit::append(&transaction, entry).await?;
        let row = find(workspace, id).one(&transaction).await?;
        tell_of(&transaction, before.as_ref(), row.as_ref(), at).await?;
        transaction.commit().await?;
        Ok(row)
    }

    /// Which of these connections exist, of all workspaces: an endpoint at Stripe may name any of them.
    pub async fn known_connections(
        &self,
        ids: &[uuid::Uuid],
    ) -> Result<Vec<uuid::Uuid>, StorageError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let query = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Id.is_in(ids.iter().copied()));
        Ok(query.into_tuple().all(&self.reader).await?)
    }

    /// Every connection that has credentials, of all workspaces, oldest first: for the operator's look at them.
    pub async fn list_connected(&self) -> Result<Vec<ConnectionRow>, StorageError> {
        let query = Entity::find()
            .filter(Column::Status.ne(ConnectionStatus::Disconnected))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id);
        Ok(query.all(&self.reader).await?)
    }

    /// Every sealed credential with its place: for the operator's start-up check and key rotation.
    pub async fn sealed_credentials(&self) -> Result<Vec<ConnectionRow>, StorageError> {
        let query = Entity::find().filter(Column::CredentialSealed.is_not_null());
        Ok(query.all(&self.reader).await?)
    }

    /// Puts a credential sealed anew in the place of what it was sealed from; false where that changed meanwhile.
    pub async fn reseal_credential(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        from: Vec<u8>,
        to: Vec<u8>,
    ) -> Result<bool, StorageError> {
        let update = Entity::update_many().col_expr(Column::CredentialSealed, Expr::value(to));
        let done = only(update, workspace, id)
            .filter(Column::CredentialSealed.eq(from))
            .exec(&self.writer)
            .await?;
        Ok(done.rows_affected > 0)
    }
}

pub(super) type Update = sea_orm::UpdateMany<Entity>;

/// Tells partners where a connection stands otherwise than before.
pub(super) async fn tell_of(
    transaction: &DatabaseTransaction,
    before: Option<&ConnectionRow>,
    after: Option<&ConnectionRow>,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let news = after.and_then(|after| notifications::of_standing(before, after, at));
    notifications::tell(transaction, news).await
}

pub(super) fn find(workspace: WorkspaceId, id: ConnectionId) -> Select<Entity> {
    Entity::find_by_id(id.0).filter(Column::WorkspaceId.eq(workspace.0))
}

fn of_status(workspace: WorkspaceId, status: Option<ConnectionStatus>) -> Select<Entity> {
    let query = Entity::find().filter(Column::WorkspaceId.eq(workspace.0));
    match status {
        Some(status) => query.filter(Column::Status.eq(status)),
        None => query,
    }
}

pub(super) fn only(update: Update, workspace: WorkspaceId, id: ConnectionId) -> Update {
    update
        .filter(Column::Id.eq(id.0))
        .filter(Column::WorkspaceId.eq(workspace.0))
}

fn with_grant(update: Update, grant: StoredGrant, at: DateTime<Utc>) -> Update {
    update
        .col_expr(Column::AuthMethod, Expr::value(grant.auth_method))
        .col_expr(Column::OauthKind, Expr::value(grant.oauth_kind))
        .col_expr(Column::CredentialSealed, Expr::value(grant.sealed))
        .col_expr(Column::ApiKeyHint, Expr::value(grant.hint))
        .col_expr(
            Column::AccessExpiresAt,
            Expr::value(grant.access_expires_at),
        )
        .col_expr(Column::RefreshLeaseUntil, no_time())
        .col_expr(Column::GrantedAt, Expr::value(at))
}

/// What is left where access has ended.
pub(super) fn without_credentials(update: Update) -> Update {
    update
        .col_expr(
            Column::CredentialSealed,
            Expr::value(Option::<Vec<u8>>::None),
        )
        .col_expr(Column::AccessExpiresAt, no_time())
        .col_expr(Column::RefreshLeaseUntil, no_time())
}

pub(super) fn no_time() -> Expr {
    Expr::value(Option::<DateTime<Utc>>::None)
}

/// What is known stays known where a key may not read it.
fn with_account(update: Update, account: AccountFacts) -> Update {
    let facts = [
        (Column::StripeAccountId, account.stripe_id),
        (Column::AccountName, account.name),
        (Column::AccountCountry, account.country),
        (Column::AccountCurrency, account.currency),
    ];
    facts
        .into_iter()
        .filter(|(_, fact)| fact.is_some())
        .fold(update, |update, (column, fact)| {
            update.col_expr(column, Expr::value(fact))
        })
}
