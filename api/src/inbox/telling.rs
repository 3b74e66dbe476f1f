//! Makes messages of a connection's changed payments, for partners that want to be told.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{
    engine::{Engine, Place},
    recovering::give_back,
};
use crate::storage::StorageError;

#[tracing::instrument(
    name = "inbox.tell",
    skip_all,
    fields(connection.id = %place.connection.1)
)]
pub(super) async fn run(engine: Arc<Engine>, place: Place, stop: CancellationToken) {
    let (engine, gateway) = (&*engine, &engine.gateway);
    let done = engine
        .holding(&place, |task| async move {
            tokio::select! {
                done = gateway.tell_changes(&task) => {
                    gateway.store().finish_task(&task, None, done?).await
                }
                // The marks are still there: it is begun again.
                () = stop.cancelled() => give_back(engine, &task).await,
            }
        })
        .await;
    match done {
        Ok(()) => {}
        Err(StorageError::LeaseLost) => tracing::info!("another process tells by now"),
        Err(error) => {
            tracing::warn!(%error, "partners were not told of payments; trying again soon");
        }
    }
}
