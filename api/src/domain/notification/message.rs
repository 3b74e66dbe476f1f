//! What messages look like, and what is stored of them and of endpoints.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    ids::ConnectionId,
    storage::{NotificationDeliveryRow, NotificationEndpointRow, NotificationType},
};

/// The version of the messages' form. Members may be added to it at any time.
const VERSION: u8 = 1;

/// More attempts of a delivery are not kept.
const KEPT_ATTEMPTS: usize = 30;

/// An attempt to deliver a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// HTTP's status code, where there was an answer.
    pub status: Option<u16>,
    /// What went wrong, in a sentence.
    pub error: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    version: u8,
    #[serde(rename = "type")]
    event_type: String,
    timestamp: String,
    data: &'a Value,
}

/// The body of a message: the same for each attempt.
pub(super) fn body(row: &NotificationDeliveryRow) -> String {
    let body = Body {
        version: VERSION,
        event_type: row.event_type.name(),
        timestamp: row.created_at.to_rfc3339_opts(SecondsFormat::Millis, true),
        data: &row.data,
    };
    json!(body).to_string()
}

/// The attempts that are kept of a delivery, the oldest first.
#[must_use]
pub fn attempts_of(row: &NotificationDeliveryRow) -> Vec<Attempt> {
    Vec::deserialize(&row.attempts).unwrap_or_default()
}

/// The same with another one, as they are stored.
pub(super) fn with_attempt(row: &NotificationDeliveryRow, attempt: Attempt) -> Value {
    let mut attempts = attempts_of(row);
    attempts.push(attempt);
    let surplus = attempts.len().saturating_sub(KEPT_ATTEMPTS);
    json!(attempts[surplus..])
}

/// What an endpoint is told of; what this version does not know is left out.
#[must_use]
pub fn event_types_of(row: &NotificationEndpointRow) -> Vec<NotificationType> {
    let names = Vec::<String>::deserialize(&row.event_types).unwrap_or_default();
    NotificationType::all()
        .filter(|known| names.contains(&known.name()))
        .collect()
}

/// Event types as they are stored, each once.
pub(super) fn stored_types(types: &[NotificationType]) -> Value {
    let known = NotificationType::all().filter(|known| types.contains(known));
    json!(known.map(NotificationType::name).collect::<Vec<_>>())
}

/// The connections that an endpoint is told of; none for all.
#[must_use]
pub fn connections_of(row: &NotificationEndpointRow) -> Option<Vec<ConnectionId>> {
    let ids = Vec::<Uuid>::deserialize(row.connections.as_ref()?);
    Some(
        ids.unwrap_or_default()
            .into_iter()
            .map(ConnectionId)
            .collect(),
    )
}
