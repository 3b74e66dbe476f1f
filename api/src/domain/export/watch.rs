//! Following an export: where it stands at once, then each change, to its end.

use std::time::Duration;

use futures_util::{StreamExt, stream, stream::BoxStream};

use super::state_of;
use crate::{
    domain::{Gateway, WatchError},
    ids::{ConnectionId, ExportId, ImportId, WorkspaceId},
    progress::{ProgressEvent, ProgressSubscription},
    storage::{ExportRow, ExportState},
};

/// A follower of one export.
struct Watch {
    gateway: Gateway,
    workspace: WorkspaceId,
    id: ExportId,
    bus: ProgressSubscription,
    /// The latest change told.
    told: Option<i64>,
    ended: bool,
}

/// An export that is written changes many times in this time: after it whoever was to tell may have died.
const SILENCE: Duration = Duration::from_secs(5);

impl Gateway {
    /// Follows an export until it has ended; none where there is no such export. A slow reader is told the latest.
    pub async fn watch_export(
        &self,
        workspace: WorkspaceId,
        id: ExportId,
    ) -> Result<Option<BoxStream<'static, Result<ExportRow, WatchError>>>, WatchError> {
        // Listening comes before looking: a change in between is heard.
        let bus = self.bus().watch_progress(workspace, topic(id)).await?;
        if self.store().find_export(workspace, id).await?.is_none() {
            return Ok(None);
        }
        let watch = Watch {
            gateway: self.clone(),
            workspace,
            id,
            bus,
            told: None,
            ended: false,
        };
        let stream = stream::try_unfold(watch, |mut watch| async move {
            Ok(watch.next().await?.map(|export| (export, watch)))
        });
        Ok(Some(stream.boxed()))
    }

    /// Tells those who watch an export that it changed; called once the change is stored. They look again by themselves
    /// where this fails.
    pub async fn publish_export(&self, export: &ExportRow) {
        let event = ProgressEvent {
            workspace_id: WorkspaceId(export.workspace_id),
            connection_id: topic(ExportId(export.id)),
            import_id: ImportId(export.id),
            sequence: export.sequence,
            // Whoever is told reads the state of then.
            payload: String::new(),
        };
        if let Err(error) = self.bus().publish_progress(event).await {
            tracing::warn!(export.id = %export.id, %error, "the progress of export {} was not published", export.id);
        }
    }
}

/// What an export's progress is told under: its own id, which no connection has.
fn topic(id: ExportId) -> ConnectionId {
    ConnectionId(id.0)
}

impl Watch {
    async fn next(&mut self) -> Result<Option<ExportRow>, WatchError> {
        while !self.ended {
            if self.told.is_some()
                && let Ok(None) = tokio::time::timeout(SILENCE, self.bus.next()).await
            {
                return Ok(None);
            }
            let store = self.gateway.store();
            let Some(export) = store.find_export(self.workspace, self.id).await? else {
                return Ok(None);
            };
            let state = state_of(&export, self.gateway.clock().now());
            self.ended = !matches!(state, ExportState::Queued | ExportState::Running);
            if self.told.is_none_or(|told| export.sequence > told) {
                self.told = Some(export.sequence);
                return Ok(Some(export));
            }
        }
        Ok(None)
    }
}
