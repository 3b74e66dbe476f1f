//! Deliveries over HTTP.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shared;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::delivery::{DeliveryAttempt, DeliveryFaults, Retries};
use crate::state::State;

/// What to change; it is applied in this order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Command {
    mode: Option<DeliveryFaults>,
    retries: Option<Retries>,
    concurrency: Option<usize>,
    paused: Option<bool>,
    /// The id of an event.
    redeliver: Option<String>,
}

/// `GET /_sandbox/delivery`: how much is under way, and what came of the rest.
pub(super) async fn standing(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    Json(summary(&state))
}

/// `GET /_sandbox/delivery/attempts`.
pub(super) async fn attempts(Shared(state): Shared<Arc<State>>) -> Json<Vec<DeliveryAttempt>> {
    Json(state.delivery.attempts())
}

/// `POST /_sandbox/delivery`.
pub(super) async fn steer(
    Shared(state): Shared<Arc<State>>,
    Json(command): Json<Command>,
) -> Json<Value> {
    let delivery = &state.delivery;
    if let Some(mode) = command.mode {
        delivery.mode(mode);
    }
    if let Some(retries) = command.retries {
        delivery.retries(retries);
    }
    if let Some(at_once) = command.concurrency {
        delivery.concurrency(at_once);
    }
    match command.paused {
        Some(true) => delivery.pause(),
        Some(false) => delivery.resume(),
        None => {}
    }
    if let Some(event) = command.redeliver {
        delivery.redeliver(&event);
    }
    Json(summary(&state))
}

fn summary(state: &State) -> Value {
    let attempts = state.delivery.attempts();
    let acknowledged = attempts.iter().filter(|it| it.succeeded()).count();
    json!({
        "outstanding": state.delivery.outstanding(),
        "attempts": attempts.len(),
        "acknowledged": acknowledged
    })
}
