use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use uuid::Uuid;

use super::Reader;
use crate::{
    graphql::error::ApiError,
    ids::PaymentId,
    storage::{DisputeRow, PaymentColumns, ReadPayment, RefundRow},
};

/// All refunds of a payment, newest first; nothing where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::graphql) struct RefundsOf(pub(in crate::graphql) PaymentId);

/// All disputes of a payment, newest first; nothing where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::graphql) struct DisputesOf(pub(in crate::graphql) PaymentId);

/// A payment, with the columns that are needed of it.
type Needed = (PaymentId, PaymentColumns);

impl Loader<Needed> for Reader {
    type Value = Arc<ReadPayment>;
    type Error = ApiError;

    async fn load(&self, keys: &[Needed]) -> Result<HashMap<Needed, Self::Value>, ApiError> {
        let ids: Vec<_> = keys.iter().map(|(id, _)| *id).collect();
        let columns = keys.iter().map(|(_, columns)| *columns);
        let columns = columns.fold(PaymentColumns::default(), PaymentColumns::and);
        let rows = self
            .store()
            .find_payments(self.workspace, &ids, columns)
            .await?;
        let rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        let found = |key: &Needed| Some((*key, Arc::clone(rows.get(&key.0.0)?)));
        Ok(keys.iter().filter_map(found).collect())
    }
}

impl Loader<RefundsOf> for Reader {
    type Value = Vec<Arc<RefundRow>>;
    type Error = ApiError;

    async fn load(&self, keys: &[RefundsOf]) -> Result<HashMap<RefundsOf, Self::Value>, ApiError> {
        let payments: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .store()
            .list_refunds_of(self.workspace, &payments)
            .await?;
        Ok(grouped(
            rows,
            |row| row.payment_id,
            |payment| RefundsOf(PaymentId(payment)),
        ))
    }
}

impl Loader<DisputesOf> for Reader {
    type Value = Vec<Arc<DisputeRow>>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[DisputesOf],
    ) -> Result<HashMap<DisputesOf, Self::Value>, ApiError> {
        let payments: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .store()
            .list_disputes_of(self.workspace, &payments)
            .await?;
        Ok(grouped(
            rows,
            |row| row.payment_id,
            |payment| DisputesOf(PaymentId(payment)),
        ))
    }
}

/// Rows under their payments, in the order in which they came.
fn grouped<K: Eq + std::hash::Hash, R>(
    rows: Vec<R>,
    payment: impl Fn(&R) -> Option<Uuid>,
    key: impl Fn(Uuid) -> K,
) -> HashMap<K, Vec<Arc<R>>> {
    let mut groups: HashMap<K, Vec<Arc<R>>> = HashMap::new();
    for row in rows {
        if let Some(payment) = payment(&row) {
            groups.entry(key(payment)).or_default().push(Arc::new(row));
        }
    }
    groups
}
