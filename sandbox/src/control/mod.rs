//! The control plane under `/_sandbox`, for the demo and other processes.

mod delivery;
mod live;
mod platforms;
mod steer;

use std::sync::Arc;

use axum::extract::{Query, State as Shared};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::lock::read;
use crate::permission::Grants;
use crate::record::Summary;
use crate::state::State;

/// The routes of the control plane.
pub(crate) fn routes(state: Arc<State>) -> Router {
    Router::new()
        .route("/accounts", get(accounts))
        .route("/ledger", get(ledger))
        .route("/keys", post(create_key))
        .route("/faults", get(steer::counts).post(steer::steer))
        .route("/requests/summary", get(summary))
        .route("/acts", post(live::play))
        .route("/traffic", post(live::traffic))
        .route("/clock", post(live::clock))
        .route("/delivery", get(delivery::standing).post(delivery::steer))
        .route("/delivery/attempts", get(delivery::attempts))
        .route("/platforms", post(platforms::add))
        .route("/platforms/answer", post(platforms::answer))
        .route("/platforms/revoke", post(platforms::revoke_access))
        .route("/oauth", get(platforms::calls))
        .route(
            "/webhook_endpoints",
            get(platforms::endpoints).post(platforms::add_webhook),
        )
        .route(
            "/webhook_endpoints/{id}/{act}",
            post(platforms::change_webhook),
        )
        .with_state(state)
}

#[derive(Deserialize)]
struct OfAccount {
    account: String,
}

#[derive(Deserialize)]
struct NewKey {
    account: String,
    grants: Grants,
}

async fn accounts(Shared(state): Shared<Arc<State>>) -> Json<Vec<String>> {
    Json(state.account_ids())
}

async fn ledger(
    Shared(state): Shared<Arc<State>>,
    Query(query): Query<OfAccount>,
) -> Result<Json<Ledger>, StatusCode> {
    let account = state.account(&query.account).ok_or(StatusCode::NOT_FOUND)?;
    let ledger = Ledger::of(&read(&account.books));
    Ok(Json(ledger))
}

async fn create_key(
    Shared(state): Shared<Arc<State>>,
    Json(wish): Json<NewKey>,
) -> Result<Json<Value>, StatusCode> {
    let account = state.account(&wish.account).ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(
        json!({"key": state.create_key(&account, Some(&wish.grants))}),
    ))
}

async fn summary(Shared(state): Shared<Arc<State>>) -> Json<Summary> {
    Json(state.requests.summary())
}
