//! Following payments: those that are imported or change and that a search finds, in batches.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream, stream::BoxStream};

use super::{PaymentSearch, SearchError};
use crate::{
    domain::Gateway,
    ids::{PaymentId, WorkspaceId},
    progress::{BusError, Changes, News},
    storage::{PaymentColumns, PaymentFilter, ReadPayment, StorageError},
};

/// Why payments cannot be watched, or not any longer.
#[derive(Debug, thiserror::Error)]
pub enum PaymentWatchError {
    /// The search makes no sense.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// More changed than was kept, or something may have been missed: what is known has to be read again.
    #[error(
        "Too many payments changed while you were not reading, or the connection to them was lost: ask `payments` \
         again, then subscribe anew."
    )]
    ResyncRequired,
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The most payments of a batch, and of one statement.
pub const MOST_IN_BATCH: usize = 100;

/// How long changes are gathered into a batch.
const GATHER: Duration = Duration::from_millis(100);

/// A follower of a workspace's payments.
struct Watch {
    gateway: Gateway,
    workspace: WorkspaceId,
    filter: PaymentFilter,
    columns: PaymentColumns,
    bus: Changes<PaymentId>,
    changed: Vec<PaymentId>,
}

impl Gateway {
    /// Follows the payments that a search finds from now on: new and changed ones, as they stand when they are told,
    /// with these columns and the id, in batches that are never empty. Nothing is missed in silence: the stream ends with an
    /// error instead.
    pub async fn watch_payments(
        &self,
        workspace: WorkspaceId,
        search: &PaymentSearch,
        columns: PaymentColumns,
    ) -> Result<
        BoxStream<'static, Result<Vec<Arc<ReadPayment>>, PaymentWatchError>>,
        PaymentWatchError,
    > {
        let filter = search.watched()?;
        let only = filter.connections.as_deref();
        let bus = self.bus().watch_payments(workspace, only).await?;
        let watch = Watch {
            gateway: self.clone(),
            workspace,
            filter,
            columns,
            bus,
            changed: Vec::new(),
        };
        let stream = stream::try_unfold(watch, |mut watch| async move {
            Ok(watch.next().await?.map(|batch| (batch, watch)))
        });
        Ok(stream.boxed())
    }
}

impl Watch {
    async fn next(&mut self) -> Result<Option<Vec<Arc<ReadPayment>>>, PaymentWatchError> {
        loop {
            if self.changed.is_empty() {
                self.changed = match self.bus.next(GATHER).await {
                    Some(News::Changed(ids)) => ids,
                    Some(News::Resync) => return Err(PaymentWatchError::ResyncRequired),
                    None => return Ok(None),
                };
            }
            let rest = self.changed.len().saturating_sub(MOST_IN_BATCH);
            self.filter.ids = Some(self.changed.split_off(rest));
            let store = self.gateway.store();
            let batch = store
                .find_payments_that(self.workspace, &self.filter, self.columns)
                .await?;
            if !batch.is_empty() {
                return Ok(Some(batch));
            }
        }
    }
}
