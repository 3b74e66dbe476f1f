//! Which payouts' lists are to be read, and what they say.

use chrono::{DateTime, Utc};
use entity::{
    balance_transaction,
    payout_link::{ActiveModel, Column, Entity},
};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, OnConflict},
};

use super::{
    PageRows, PayoutLinkRow, StorageError, Store, TaskRow, ledger, named::named, notifications,
    tasks, upsert,
};
use crate::ids::{ConnectionId, PaymentId, WorkspaceId};

/// What becomes of a payout's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkStep {
    /// It goes on behind this entry.
    More(String),
    /// It was read, or there is none.
    Done,
    /// It begins again, at a time: where it was to go on is gone at Stripe.
    Again(DateTime<Utc>),
    /// The same page is tried again at a time.
    Later(DateTime<Utc>),
}

impl Store {
    /// A connection's payouts whose lists are due, those that wait longest first.
    pub async fn list_due_payout_links(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<PayoutLinkRow>, StorageError> {
        let query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ConnectionId.eq(connection.0))
            .filter(Column::RunAt.lte(now))
            .order_by_asc(Column::RunAt)
            .order_by_asc(Column::Id)
            .limit(limit);
        // The writer: what was read a moment ago must not be seen again.
        Ok(query.all(&self.writer).await?)
    }

    /// Writes a page of a payout's list: the entries, that they and their payments are in the payout, and where the list
    /// goes on; or nothing at all where the claim was lost. Returns the payments that changed.
    ///
    /// Also a payment or an entry that was observed later than the page gets its payout: neither says which it is in.
    pub async fn write_payout_page(
        &self,
        task: &TaskRow,
        link: &PayoutLinkRow,
        rows: PageRows,
        step: LinkStep,
    ) -> Result<Vec<PaymentId>, StorageError> {
        let entries = rows.balance_transactions.clone();
        let transaction = self.begin().await?;
        tasks::hold(&transaction, task).await?;
        upsert::page(&transaction, &self.told, rows).await?;
        if !entries.is_empty() {
            use balance_transaction::{Column, Entity};
            Entity::update_many()
                .col_expr(Column::PayoutId, Expr::value(&link.payout_id))
                .filter(named(
                    (Column::WorkspaceId, link.workspace_id),
                    (Column::Id, entries.iter().map(|entry| entry.id)),
                ))
                .exec(&transaction)
                .await?;
        }
        let linked = ledger::fill_payments(&transaction, &entries, Some(&link.payout_id)).await?;
        let owner = (link.workspace_id, link.connection_id);
        notifications::note(&transaction, &self.told, owner, &linked).await?;
        advance(&transaction, link, step).await?;
        transaction.commit().await?;
        Ok(linked)
    }
}

/// Moves a link on, unless the payout has another state by now: its list is read from the begin then.
async fn advance(
    transaction: &DatabaseTransaction,
    link: &PayoutLinkRow,
    step: LinkStep,
) -> Result<(), StorageError> {
    let none = || Expr::value(Option::<String>::None);
    let (cursor, run_at, attempts) = match step {
        LinkStep::More(cursor) => (Expr::value(cursor), link.run_at, 0),
        LinkStep::Done => (none(), None, 0),
        LinkStep::Again(at) => (none(), Some(at), link.attempts + 1),
        LinkStep::Later(at) => (Expr::col(Column::Cursor), Some(at), link.attempts + 1),
    };
    Entity::update_many()
        .col_expr(Column::Cursor, cursor)
        .col_expr(Column::RunAt, Expr::value(run_at))
        .col_expr(Column::Attempts, Expr::value(attempts))
        .filter(Column::Id.eq(link.id))
        .filter(Column::State.eq(&link.state))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Notes payouts whose lists are to be read: each state once, and a complete list never again.
pub(super) async fn want(
    transaction: &DatabaseTransaction,
    links: Vec<PayoutLinkRow>,
) -> Result<(), StorageError> {
    let links = upsert::newest_of_each(links, |link| link.id, |link| link.observed_at);
    if links.is_empty() {
        return Ok(());
    }
    let excluded = |column| Expr::col((Alias::new("excluded"), column));
    let stored = |column| Expr::col((Entity, column));
    let mut known = OnConflict::column(Column::Id);
    known
        .update_columns([
            Column::State,
            Column::Complete,
            Column::Cursor,
            Column::Attempts,
            Column::RunAt,
            Column::ObservedAt,
        ])
        .action_and_where(excluded(Column::ObservedAt).gt(stored(Column::ObservedAt)))
        .action_and_where(excluded(Column::State).ne(stored(Column::State)))
        .action_and_where(stored(Column::Complete).eq(false));
    Entity::insert_many::<ActiveModel, _>(
        links.into_iter().map(IntoActiveModel::into_active_model),
    )
    .on_conflict(known)
    .exec_without_returning(transaction)
    .await?;
    Ok(())
}
