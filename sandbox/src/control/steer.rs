//! Faults over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State as Shared;
use http::StatusCode;
use serde::Deserialize;

use crate::faults::{Latency, RateLimit, Rule};
use crate::state::State;

/// What to change; it is applied in this order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Command {
    #[serde(default)]
    clear: bool,
    down: Option<bool>,
    latency: Option<LatencyOn>,
    limit: Option<RateLimit>,
    #[serde(default)]
    inject: Vec<Rule>,
}

#[derive(Deserialize)]
struct LatencyOn {
    #[serde(default)]
    path: String,
    #[serde(flatten)]
    latency: Latency,
}

/// `GET /_sandbox/faults`: how often each kind struck.
pub(super) async fn counts(Shared(state): Shared<Arc<State>>) -> Json<BTreeMap<String, u64>> {
    Json(state.faults.counts())
}

/// `POST /_sandbox/faults`.
pub(super) async fn steer(
    Shared(state): Shared<Arc<State>>,
    Json(command): Json<Command>,
) -> StatusCode {
    let faults = &state.faults;
    if command.clear {
        faults.clear();
    }
    if let Some(down) = command.down {
        faults.down(down);
    }
    if let Some(LatencyOn { path, latency }) = command.latency {
        faults.latency_on(&path, latency);
    }
    if let Some(limit) = command.limit {
        faults.limit(limit);
    }
    for rule in command.inject {
        faults.inject(rule);
    }
    StatusCode::NO_CONTENT
}
