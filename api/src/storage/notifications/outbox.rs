//! What partners are told: written in the transaction of what happened, so that no end of a process loses it.

use chrono::{DateTime, Utc};
use entity::notification_delivery::{Column, Entity, State};
use sea_orm::{
    ActiveEnum, DatabaseTransaction, EntityTrait, IntoActiveModel, sea_query::OnConflict,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::endpoints::{enabled, hears_of, lists};
use crate::{
    ids::{ConnectionId, ImportId, node_id},
    storage::{
        ConnectionRow, ConnectionStatus, ImportRow, ImportStatus, NotificationDeliveryRow,
        NotificationEndpointRow, NotificationType, StatusChange, StorageError,
    },
};

/// Something that happened to a connection.
#[derive(Clone, Debug)]
pub(in crate::storage) struct Happening {
    pub(super) workspace: Uuid,
    pub(super) connection: Uuid,
    pub(super) event_type: NotificationType,
    /// What tells it from everything else of its kind that happens to the connection.
    pub(super) name: String,
    pub(super) data: Value,
    pub(super) at: DateTime<Utc>,
}

/// The end of an import; none while it goes on.
pub(in crate::storage) fn of_import(row: &ImportRow, at: DateTime<Utc>) -> Option<Happening> {
    let event_type = match row.status {
        ImportStatus::Succeeded => NotificationType::ImportCompleted,
        ImportStatus::Failed => NotificationType::ImportFailed,
        ImportStatus::Canceled => NotificationType::ImportCanceled,
        ImportStatus::Queued | ImportStatus::Running => return None,
    };
    Some(Happening {
        workspace: row.workspace_id,
        connection: row.connection_id,
        event_type,
        name: row.id.to_string(),
        data: json!({
            "connectionId": node_id(ConnectionId(row.connection_id)),
            "importId": node_id(ImportId(row.id)),
            "status": shown(&row.status),
            "failureCode": row.failure_code,
        }),
        at,
    })
}

/// How a connection stands from now on, where that is news to somebody who depends on it.
pub(in crate::storage) fn of_standing(
    before: Option<&ConnectionRow>,
    after: &ConnectionRow,
    at: DateTime<Utc>,
) -> Option<Happening> {
    let was = before.map(|row| row.status);
    let reason_was = before.and_then(|row| row.status_reason);
    let event_type = match after.status {
        ConnectionStatus::Disconnected if was != Some(after.status) => {
            NotificationType::ConnectionDisconnected
        }
        ConnectionStatus::ActionRequired
            if was != Some(after.status) || reason_was != after.status_reason =>
        {
            NotificationType::ConnectionActionRequired
        }
        ConnectionStatus::Active if was.is_some_and(|was| was != after.status) => {
            NotificationType::ConnectionRecovered
        }
        _ => return None,
    };
    Some(Happening {
        workspace: after.workspace_id,
        connection: after.id,
        event_type,
        name: at.timestamp_micros().to_string(),
        data: json!({
            "connectionId": node_id(ConnectionId(after.id)),
            "status": shown(&after.status),
            "reason": after.status_reason.as_ref().map(shown),
        }),
        at,
    })
}

/// The same happening after a change that is about to be written.
pub(in crate::storage) fn of_change(
    before: &ConnectionRow,
    change: &StatusChange,
    at: DateTime<Utc>,
) -> Option<Happening> {
    let after = ConnectionRow {
        status: change.status,
        status_reason: change.reason,
        ..before.clone()
    };
    of_standing(Some(before), &after, at)
}

/// As the API writes the value.
fn shown<E: ActiveEnum<Value = String>>(value: &E) -> String {
    value.to_value().to_uppercase()
}

/// Writes a message to each endpoint that wants to be told.
pub(in crate::storage) async fn tell(
    transaction: &DatabaseTransaction,
    happening: Option<Happening>,
) -> Result<(), StorageError> {
    let Some(happening) = happening else {
        return Ok(());
    };
    let endpoints = enabled(happening.workspace).all(transaction).await?;
    let messages: Vec<_> = endpoints
        .iter()
        .filter(|endpoint| lists(&endpoint.event_types, happening.event_type))
        .filter(|endpoint| hears_of(endpoint, happening.connection))
        .map(|endpoint| message(endpoint, &happening).into_active_model())
        .collect();
    if !messages.is_empty() {
        Entity::insert_many(messages)
            .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

/// The id follows from what happened, so that nothing is told twice.
fn message(endpoint: &NotificationEndpointRow, happening: &Happening) -> NotificationDeliveryRow {
    let kind = happening.event_type.to_value();
    let name = format!("{kind} {} {}", happening.connection, happening.name);
    NotificationDeliveryRow {
        id: Uuid::new_v5(&endpoint.id, name.as_bytes()),
        workspace_id: endpoint.workspace_id,
        endpoint_id: endpoint.id,
        connection_id: Some(happening.connection),
        event_type: happening.event_type,
        data: happening.data.clone(),
        state: State::Pending,
        tries: 0,
        attempts: json!([]),
        run_at: happening.at,
        lease_owner: None,
        lease_until: None,
        fence: 0,
        created_at: happening.at,
        settled_at: None,
    }
}
