use std::{fmt, sync::Arc};

use async_trait::async_trait;

use super::{lane::Lane, reads::ReadCounts};
use crate::{
    ids::{ConnectionId, WorkspaceId},
    stripe::{Endpoint, Pace, Turn, Urgency},
};

/// The pace of one connection, with the count of what it reads.
pub(in crate::domain) struct ConnectionPace {
    pub(in crate::domain) workspace: WorkspaceId,
    pub(in crate::domain) connection: ConnectionId,
    pub(in crate::domain) lane: Arc<Lane>,
    pub(in crate::domain) reads: Arc<ReadCounts>,
}

#[async_trait]
impl Pace for ConnectionPace {
    async fn turn(&self, endpoint: Endpoint, urgency: Urgency) -> Box<dyn Turn> {
        let is_read = endpoint.is_allocated_read();
        let turn = self.lane.turn(endpoint, urgency).await;
        if is_read {
            self.reads.count(self.workspace, self.connection);
        }
        Box::new(turn)
    }
}

impl fmt::Debug for ConnectionPace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionPace")
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}
