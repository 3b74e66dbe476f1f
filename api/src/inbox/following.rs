//! Asks Stripe for what no event tells of a connection.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{
    engine::{Engine, Place},
    recovering::{LONGEST_PAUSE, failed, give_back, put_off},
};
use crate::{
    domain::{import::Resource, inbox::RecoveryError},
    storage::{ConnectionRow, ConnectionStatusReason, StorageError, TaskKind, TaskRow},
    stripe::{StripeError, StripeErrorKind},
};

#[tracing::instrument(
    name = "inbox.follow",
    skip_all,
    fields(connection.id = %place.connection.1, task.kind = ?place.kind)
)]
pub(super) async fn run(engine: Arc<Engine>, place: Place, stop: CancellationToken) {
    let done = engine
        .holding(&place, |task| async {
            let given = task.clone();
            tokio::select! {
                done = follow(&engine, &place, task) => done,
                // What was read is stored, and the rest goes on from there.
                () = stop.cancelled() => give_back(&engine, &given).await,
            }
        })
        .await;
    match done {
        Ok(()) => {}
        Err(StorageError::LeaseLost) => tracing::info!("another process asks by now"),
        Err(error) => tracing::warn!(%error, "not all was asked for; trying again soon"),
    }
}

async fn follow(engine: &Engine, place: &Place, task: TaskRow) -> Result<(), StorageError> {
    let gateway = &engine.gateway;
    let (workspace, id) = place.connection;
    let Some(connection) = gateway.store().find_connection(workspace, id).await? else {
        return Ok(());
    };
    if is_refused(&connection) {
        return put_off(engine, &task, LONGEST_PAUSE).await;
    }
    let followed = match place.kind {
        TaskKind::Payouts => gateway.link_payouts(&connection, &task).await,
        TaskKind::Fees => gateway.fetch_late_fees(&connection, &task).await,
        TaskKind::Relist => gateway.relist(&connection, &task).await,
        TaskKind::Apply | TaskKind::Recover | TaskKind::RollUp | TaskKind::Tell => return Ok(()),
    };
    match followed {
        Ok(followed) => {
            let store = gateway.store();
            store
                .finish_task(&task, followed.through, followed.next)
                .await
        }
        Err(error) => {
            let refused =
                matches!(&error, RecoveryError::Stripe(refusal) if lacks_permission(refusal));
            if refused && task.attempts == 0 {
                let now = gateway.clock().now();
                let asked = Resource::BalanceTransactions;
                gateway
                    .recheck_permissions(workspace, id, asked, now)
                    .await?;
            }
            failed(engine, &connection, &task, error).await
        }
    }
}

/// Whether Stripe is known to refuse the credentials; whoever looks for events finds out when it does not any more.
fn is_refused(connection: &ConnectionRow) -> bool {
    matches!(
        connection.status_reason,
        Some(
            ConnectionStatusReason::CredentialsInvalid
                | ConnectionStatusReason::CredentialsExpired
                | ConnectionStatusReason::AccessRevoked
        )
    )
}

/// Whether the credentials grant less than was known.
fn lacks_permission(error: &StripeError) -> bool {
    matches!(error.kind, StripeErrorKind::MissingPermission { .. })
}
