//! What hangs on payments: refunds and disputes.

use entity::{dispute, refund};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{DisputeRow, RefundRow, StorageError, Store};
use crate::ids::{DisputeId, PaymentId, RefundId, WorkspaceId};

impl Store {
    /// The refund of this id.
    pub async fn find_refund(
        &self,
        workspace: WorkspaceId,
        id: RefundId,
    ) -> Result<Option<RefundRow>, StorageError> {
        let query =
            refund::Entity::find_by_id(id.0).filter(refund::Column::WorkspaceId.eq(workspace.0));
        Ok(query.one(&self.reader).await?)
    }

    /// The dispute of this id.
    pub async fn find_dispute(
        &self,
        workspace: WorkspaceId,
        id: DisputeId,
    ) -> Result<Option<DisputeRow>, StorageError> {
        let query =
            dispute::Entity::find_by_id(id.0).filter(dispute::Column::WorkspaceId.eq(workspace.0));
        Ok(query.one(&self.reader).await?)
    }

    /// All refunds of these payments, newest first.
    pub async fn list_refunds_of(
        &self,
        workspace: WorkspaceId,
        payments: &[PaymentId],
    ) -> Result<Vec<RefundRow>, StorageError> {
        use refund::Column;
        let query = refund::Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::PaymentId.is_in(payments.iter().map(|id| id.0)))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id);
        Ok(query.all(&self.reader).await?)
    }

    /// All disputes of these payments, newest first.
    pub async fn list_disputes_of(
        &self,
        workspace: WorkspaceId,
        payments: &[PaymentId],
    ) -> Result<Vec<DisputeRow>, StorageError> {
        use dispute::Column;
        let query = dispute::Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::PaymentId.is_in(payments.iter().map(|id| id.0)))
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id);
        Ok(query.all(&self.reader).await?)
    }
}
