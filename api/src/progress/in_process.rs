use std::sync::Arc;

use async_trait::async_trait;

use super::{
    bus::{Bus, BusError},
    change::Change,
    changes::Changes,
    event::ProgressEvent,
    subscription::ProgressSubscription,
    topic::Topic,
    topics::Topics,
};
use crate::ids::{ConnectionId, PaymentId, WorkspaceId};

/// The bus within one process.
#[derive(Default)]
pub struct InProcessBus {
    topics: Arc<Topics>,
}

impl InProcessBus {
    /// A bus that nobody watches yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl Bus for InProcessBus {
    async fn publish_progress(&self, event: ProgressEvent) -> Result<(), BusError> {
        self.topics.publish(event);
        Ok(())
    }

    async fn watch_progress(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<ProgressSubscription, BusError> {
        let topic = Topic::Progress(workspace, connection);
        Ok(self.topics.watch_progress(topic))
    }

    fn tell(&self, change: Change) {
        self.topics.tell(&change);
    }

    async fn watch_connections(
        &self,
        workspace: WorkspaceId,
        only: Option<ConnectionId>,
    ) -> Result<Changes<ConnectionId>, BusError> {
        Ok(self.topics.watch_connections(workspace, only))
    }

    async fn watch_payments(
        &self,
        workspace: WorkspaceId,
        only: Option<&[ConnectionId]>,
    ) -> Result<Changes<PaymentId>, BusError> {
        Ok(self.topics.watch_payments(workspace, only))
    }
}

impl Drop for InProcessBus {
    fn drop(&mut self) {
        self.topics.close();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;
    use crate::{ids::ImportId, progress::Signal};

    const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(1));
    const CONNECTION: ConnectionId = ConnectionId(Uuid::from_u128(2));

    fn event(sequence: i64) -> ProgressEvent {
        ProgressEvent {
            workspace_id: WORKSPACE,
            connection_id: CONNECTION,
            import_id: ImportId(Uuid::from_u128(3)),
            sequence,
            payload: format!("{{\"sequence\":{sequence}}}"),
        }
    }

    fn changed(sequence: i64) -> Signal {
        Signal::Changed(Arc::new(event(sequence)))
    }

    #[tokio::test]
    async fn a_slow_reader_sees_the_latest_only() {
        let bus = InProcessBus::new();
        bus.publish_progress(event(1)).await.unwrap();
        let mut watcher = bus.watch_progress(WORKSPACE, CONNECTION).await.unwrap();

        for sequence in 2..100 {
            bus.publish_progress(event(sequence)).await.unwrap();
        }
        bus.publish_progress(event(50)).await.unwrap();

        assert_eq!(watcher.next().await, Some(changed(99)));
        assert_eq!(watcher.next().now_or_never(), None);
    }

    #[tokio::test]
    async fn a_resync_stands_for_what_came_with_it() {
        let bus = InProcessBus::new();
        let mut watcher = bus.watch_progress(WORKSPACE, CONNECTION).await.unwrap();
        bus.topics.resync();
        bus.publish_progress(event(1)).await.unwrap();

        assert_eq!(watcher.next().await, Some(Signal::Resync));
        assert_eq!(watcher.next().now_or_never(), None);

        bus.publish_progress(event(2)).await.unwrap();
        assert_eq!(watcher.next().await, Some(changed(2)));
    }

    #[tokio::test]
    async fn subscriptions_end_with_the_bus() {
        let bus = InProcessBus::new();
        let mut watcher = bus.watch_progress(WORKSPACE, CONNECTION).await.unwrap();

        drop(bus);

        assert_eq!(watcher.next().await, None);
    }
}
