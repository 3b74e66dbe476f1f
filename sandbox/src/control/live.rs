//! Acts, traffic and the clock over HTTP.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shared;
use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::live::{Act, Acted, Traffic, TrafficReport, TrafficSpec, act};
use crate::state::State;

#[derive(Deserialize)]
pub(super) struct Wish {
    account: String,
    act: Act,
}

#[derive(Deserialize)]
pub(super) struct Much {
    account: String,
    #[serde(flatten)]
    spec: TrafficSpec,
}

/// What to do with the clock, in this order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Time {
    /// Go with the wall clock again.
    #[serde(default)]
    run: bool,
    /// Stop at this moment.
    stop_at: Option<DateTime<Utc>>,
    #[serde(default)]
    advance_ms: i64,
}

/// `POST /_sandbox/acts`.
pub(super) async fn play(
    Shared(state): Shared<Arc<State>>,
    Json(wish): Json<Wish>,
) -> Result<Json<Acted>, (StatusCode, String)> {
    let unknown = || (StatusCode::NOT_FOUND, "no such account".to_owned());
    let account = state.account(&wish.account).ok_or_else(unknown)?;
    act(&state, &account, wish.act)
        .map(Json)
        .map_err(|reason| (StatusCode::CONFLICT, reason.to_string()))
}

/// `POST /_sandbox/traffic`.
pub(super) async fn traffic(
    Shared(state): Shared<Arc<State>>,
    Json(much): Json<Much>,
) -> Result<Json<TrafficReport>, StatusCode> {
    let account = state.account(&much.account).ok_or(StatusCode::NOT_FOUND)?;
    let mut traffic = Traffic::new(&much.spec);
    Ok(Json(traffic.run(&state, &account, much.spec.events)))
}

/// `POST /_sandbox/clock`.
pub(super) async fn clock(
    Shared(state): Shared<Arc<State>>,
    Json(time): Json<Time>,
) -> Json<Value> {
    if time.run {
        state.clock.set(None);
    }
    if time.stop_at.is_some() {
        state.clock.set(time.stop_at);
    }
    state
        .clock
        .advance(TimeDelta::milliseconds(time.advance_ms));
    Json(json!({ "now": state.clock.now() }))
}
