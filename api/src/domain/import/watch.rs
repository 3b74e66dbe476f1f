//! Following an import: where it stands at once, then each change.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream, stream::BoxStream};

use super::ImportProgress;
use crate::{
    domain::{Gateway, WatchError},
    ids::{ConnectionId, ImportId, WorkspaceId},
    progress::{ProgressSubscription, Signal},
};

/// A follower of one connection's imports.
struct Watch {
    gateway: Gateway,
    workspace: WorkspaceId,
    connection: ConnectionId,
    bus: ProgressSubscription,
    /// The latest progress told.
    told: Option<(ImportId, i64)>,
    started: bool,
    /// Whether the import told of is at its end.
    ended: bool,
}

/// What a follower hears.
enum Heard {
    Signal(Signal),
    Silence,
    End,
}

/// A running import changes many times in this time.
const SILENCE: Duration = Duration::from_secs(15);

impl Gateway {
    /// Follows the newest import of a connection, and those that come after it; none where there is no such
    /// connection. Nothing is missed and nothing is told twice; a slow reader is told the latest.
    pub async fn watch_progress(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Option<BoxStream<'static, Result<Arc<ImportProgress>, WatchError>>>, WatchError>
    {
        // Listening comes before looking: a change in between is heard.
        let bus = self.bus().watch_progress(workspace, connection).await?;
        if self
            .store()
            .find_connection(workspace, connection)
            .await?
            .is_none()
        {
            return Ok(None);
        }
        let gateway = self.clone();
        let watch = Watch {
            gateway,
            workspace,
            connection,
            bus,
            told: None,
            started: false,
            ended: false,
        };
        let stream = stream::try_unfold(watch, |mut watch| async move {
            Ok(watch.next().await?.map(|progress| (progress, watch)))
        });
        Ok(Some(stream.boxed()))
    }
}

impl Watch {
    /// What is told next. Reading is rare and by far the largest: a watcher that waits is not to keep room for it.
    async fn next(&mut self) -> Result<Option<Arc<ImportProgress>>, WatchError> {
        loop {
            let progress = if self.started {
                match self.hear().await {
                    Heard::Signal(Signal::Changed(event)) => {
                        match self.gateway.read_events().read(&event) {
                            Some(progress) => Some(progress),
                            None => Box::pin(self.read()).await?,
                        }
                    }
                    Heard::Signal(Signal::Resync) | Heard::Silence => Box::pin(self.read()).await?,
                    Heard::End => return Ok(None),
                }
            } else {
                self.started = true;
                Box::pin(self.read()).await?
            };
            if let Some(progress) = progress.filter(|progress| self.is_news(progress)) {
                self.told = Some((progress.import_id, progress.sequence));
                self.ended = progress.has_ended();
                return Ok(Some(progress));
            }
        }
    }

    /// The bus's next signal, or that an import that runs has been silent for too long: whoever was to tell may have
    /// died after the last change was stored.
    async fn hear(&mut self) -> Heard {
        let signal = if self.ended {
            self.bus.next().await
        } else {
            match tokio::time::timeout(SILENCE, self.bus.next()).await {
                Ok(signal) => signal,
                Err(_) => return Heard::Silence,
            }
        };
        signal.map_or(Heard::End, Heard::Signal)
    }

    /// Ids rise with time, so a later import has the greater one.
    fn is_news(&self, progress: &ImportProgress) -> bool {
        self.told
            .is_none_or(|told| (progress.import_id, progress.sequence) > told)
    }

    /// Reads where the newest import stands.
    async fn read(&self) -> Result<Option<Arc<ImportProgress>>, WatchError> {
        let store = self.gateway.store();
        let Some(latest) = store
            .find_latest_import(self.workspace, self.connection)
            .await?
        else {
            return Ok(None);
        };
        let progress = self
            .gateway
            .import_progress(self.workspace, ImportId(latest.id))
            .await?;
        Ok(progress.map(Arc::new))
    }
}
