//! Following the connections of a workspace: each change, as it stands when it is told.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream, stream::BoxStream};

use crate::{
    domain::{Gateway, WatchError},
    ids::{ConnectionId, WorkspaceId},
    progress::{Changes, News},
    storage::ConnectionRow,
};

/// At most so many connections are read in one statement, and kept for a slow reader.
const AT_ONCE: usize = 100;

/// A follower of a workspace's connections, or of one.
struct Watch {
    gateway: Gateway,
    workspace: WorkspaceId,
    only: Option<ConnectionId>,
    bus: Changes<ConnectionId>,
    /// When each was changed last, as far as was told; to find what was missed.
    told: HashMap<ConnectionId, DateTime<Utc>>,
    changed: Vec<ConnectionId>,
    read: VecDeque<ConnectionRow>,
}

impl Gateway {
    /// Follows the workspace's connections from now on, or one of them; none where there is no such connection.
    /// Changes that follow each other closely are told as one.
    pub async fn watch_connections(
        &self,
        workspace: WorkspaceId,
        only: Option<ConnectionId>,
    ) -> Result<Option<BoxStream<'static, Result<ConnectionRow, WatchError>>>, WatchError> {
        // Listening comes before looking: a change in between is heard.
        let bus = self.bus().watch_connections(workspace, only).await?;
        let mut watch = Watch {
            gateway: self.clone(),
            workspace,
            only,
            bus,
            told: HashMap::new(),
            changed: Vec::new(),
            read: VecDeque::new(),
        };
        watch.told = watch.stored().await?.into_iter().collect();
        if only.is_some() && watch.told.is_empty() {
            return Ok(None);
        }
        let stream = stream::try_unfold(watch, |mut watch| async move {
            Ok(watch.next().await?.map(|connection| (connection, watch)))
        });
        Ok(Some(stream.boxed()))
    }
}

impl Watch {
    async fn next(&mut self) -> Result<Option<ConnectionRow>, WatchError> {
        loop {
            if let Some(row) = self.read.pop_front() {
                self.told.insert(ConnectionId(row.id), row.updated_at);
                return Ok(Some(row));
            }
            if self.changed.is_empty() {
                self.changed = match self.bus.next(Duration::ZERO).await {
                    Some(News::Changed(ids)) => ids,
                    Some(News::Resync) => self.missed().await?,
                    None => return Ok(None),
                };
            }
            let rest = self.changed.len().saturating_sub(AT_ONCE);
            let some = self.changed.split_off(rest);
            self.read(&some).await?;
        }
    }

    /// Reads the state of these, to be told in the order in which they changed.
    async fn read(&mut self, ids: &[ConnectionId]) -> Result<(), WatchError> {
        let store = self.gateway.store();
        let mut rows = store.find_connections(self.workspace, ids).await?;
        rows.sort_unstable_by_key(|row| (row.updated_at, row.id));
        self.read = rows.into();
        Ok(())
    }

    /// The connections that are not as they were told last.
    async fn missed(&self) -> Result<Vec<ConnectionId>, WatchError> {
        let stored = self.stored().await?.into_iter();
        let missed = stored.filter(|(id, changed_at)| self.told.get(id) != Some(changed_at));
        Ok(missed.map(|(id, _)| id).collect())
    }

    async fn stored(&self) -> Result<Vec<(ConnectionId, DateTime<Utc>)>, WatchError> {
        let store = self.gateway.store();
        Ok(store
            .list_connection_changes(self.workspace, self.only)
            .await?)
    }
}
