//! Counts that tell whether what a connection imports is complete.

use entity::{
    payment::{Column, Entity},
    quarantined_object,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::{CaseStatement, Expr, Func},
};

use super::{PaymentStatus, StorageError, Store, joined::Joined};
use crate::ids::{ConnectionId, WorkspaceId};

/// Counts over a connection's payments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct PaymentCounts {
    /// Payments by card, in person or not.
    pub card_payments: i64,
    /// Those with a BIN.
    pub with_bin: i64,
    /// Those with the name of the issuing bank.
    pub with_issuer: i64,
    /// Captured payments without a balance transaction.
    pub awaiting_fees: i64,
}

/// Counts that many ask for at the same moment.
pub(super) type JoinedHealth = Joined<(WorkspaceId, ConnectionId), (), PaymentCounts>;

impl Store {
    /// Counts a connection's payments by what is known of them.
    pub async fn count_data_health(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<PaymentCounts, StorageError> {
        let card = || {
            Condition::all().add(Column::MethodType.is_in([
                "card",
                "card_present",
                "interac_present",
            ]))
        };
        let awaiting = Condition::all()
            .add(Column::Status.eq(PaymentStatus::Succeeded))
            .add(Column::FeeMinor.is_null());
        let query = Entity::find()
            .select_only()
            .column_as(count_where(card()), "card_payments")
            .column_as(
                count_where(card().add(Column::CardBin.is_not_null())),
                "with_bin",
            )
            .column_as(
                count_where(card().add(Column::CardIssuer.is_not_null())),
                "with_issuer",
            )
            .column_as(count_where(awaiting), "awaiting_fees")
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ConnectionId.eq(connection.0));
        let query = query.into_model::<PaymentCounts>();
        let reader = self.reader.clone();
        let read = move |_, _| async move { Ok(query.one(&reader).await?.unwrap_or_default()) };
        self.health.read((workspace, connection), (), read).await
    }

    /// How many objects of a connection were set aside.
    pub async fn count_quarantined(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<u64, StorageError> {
        use quarantined_object::Column;
        let query = quarantined_object::Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ConnectionId.eq(connection.0));
        Ok(query.count(&self.reader).await?)
    }
}

/// Counts the rows for which a condition holds: `CASE` without `ELSE` is null, which `COUNT` leaves out.
fn count_where(condition: Condition) -> Expr {
    Func::count(CaseStatement::new().case(condition, Expr::val(1))).into()
}
