//! When what is stored of Stripe's objects was true at Stripe: what the version rule goes by.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{balance_transaction, dispute, payment, refund, stripe_object};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{StorageError, Store, StripeObjectRow, named::named};
use crate::ids::{StripeObjectId, WorkspaceId};

/// Reads id and time of the rows of one table.
macro_rules! observed {
    ($store:expr, $entity:ident, $workspace:expr, $ids:expr) => {{
        use $entity::{Column, Entity};
        let query = Entity::find()
            .select_only()
            .column(Column::Id)
            .column(Column::ObservedAt)
            .filter(named(
                (Column::WorkspaceId, $workspace.0),
                (Column::Id, $ids.iter().copied()),
            ));
        let found: Vec<(Uuid, DateTime<Utc>)> = query.into_tuple().all(&$store.writer).await?;
        found
    }};
}

/// Row ids, by table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedIds {
    /// Of payments.
    pub payments: Vec<Uuid>,
    /// Of refunds.
    pub refunds: Vec<Uuid>,
    /// Of disputes.
    pub disputes: Vec<Uuid>,
    /// Of balance transactions.
    pub balance_transactions: Vec<Uuid>,
    /// Of everything else.
    pub stripe_objects: Vec<Uuid>,
}

impl Store {
    /// When what is stored of these objects was true at Stripe. Ids do not collide between tables: each follows from
    /// an id at Stripe.
    pub async fn find_observed(
        &self,
        workspace: WorkspaceId,
        ids: &ObservedIds,
    ) -> Result<HashMap<Uuid, DateTime<Utc>>, StorageError> {
        let mut at = HashMap::new();
        if !ids.payments.is_empty() {
            at.extend(observed!(self, payment, workspace, ids.payments));
        }
        if !ids.refunds.is_empty() {
            at.extend(observed!(self, refund, workspace, ids.refunds));
        }
        if !ids.disputes.is_empty() {
            at.extend(observed!(self, dispute, workspace, ids.disputes));
        }
        if !ids.balance_transactions.is_empty() {
            at.extend(observed!(
                self,
                balance_transaction,
                workspace,
                ids.balance_transactions
            ));
        }
        if !ids.stripe_objects.is_empty() {
            at.extend(observed!(
                self,
                stripe_object,
                workspace,
                ids.stripe_objects
            ));
        }
        Ok(at)
    }

    /// What is kept of an object that has no table of its own.
    pub async fn find_stripe_object(
        &self,
        workspace: WorkspaceId,
        id: StripeObjectId,
    ) -> Result<Option<StripeObjectRow>, StorageError> {
        use stripe_object::{Column, Entity};
        let query = Entity::find_by_id(id.0).filter(Column::WorkspaceId.eq(workspace.0));
        Ok(query.one(&self.writer).await?)
    }
}
