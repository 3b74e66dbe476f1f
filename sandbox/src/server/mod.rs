//! The HTTP side: Stripe's API under `/v1` and `/v2`, the control plane under `/_sandbox`.

mod caller;
mod collection;
mod error;
mod events;
mod expand;
mod gate;
mod list;
mod oauth;
mod parameters;
mod profile;
mod render;
mod report;
mod retrieve;
mod seal;
mod socket;
mod spoil;
mod v2;
mod webhook;
mod webhook_form;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use http::{Method, Uri};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::control;
use crate::state::State;
use error::StripeError;
use socket::{CutSwitch, Cuttable};

/// Serves until told to stop.
pub(crate) async fn serve(listener: TcpListener, state: Arc<State>, stop: CancellationToken) {
    let app = Router::new()
        .nest("/_sandbox", control::routes(Arc::clone(&state)))
        .fallback_service(api(Arc::clone(&state)).merge(oauth::routes(&state)))
        .into_make_service_with_connect_info::<CutSwitch>();
    let served =
        axum::serve(Cuttable(listener), app).with_graceful_shutdown(stop.cancelled_owned());
    // The listener never fails for good, so there is nothing to report.
    let _ = served.await;
}

fn api(state: Arc<State>) -> Router {
    Router::new()
        .route("/v1/account", get(profile::account))
        .route("/v1/balance", get(profile::balance))
        .route("/v1/charges/{id}/refunds", get(list::refunds_of_charge))
        .route(
            "/v1/webhook_endpoints",
            get(webhook::list).post(webhook::create),
        )
        .route(
            "/v1/webhook_endpoints/{id}",
            get(webhook::retrieve)
                .post(webhook::update)
                .delete(webhook::delete),
        )
        .route("/v1/events", get(events::list))
        .route("/v1/events/{id}", get(events::retrieve))
        .route("/v1/reporting/report_types", get(report::list_types))
        .route(
            "/v1/reporting/report_types/{id}",
            get(report::retrieve_type),
        )
        .route(
            "/v1/reporting/report_runs",
            get(report::list_runs).post(report::create_run),
        )
        .route("/v1/reporting/report_runs/{id}", get(report::retrieve_run))
        .route("/v1/files/{id}/contents", get(report::contents))
        .route("/v1/{collection}", get(list::list))
        .route("/v1/{collection}/{id}", get(retrieve::retrieve))
        .route("/v2/core/event_destinations", get(v2::list))
        .route(
            "/v2/core/event_destinations/{id}",
            post(v2::update).get(v2::retrieve),
        )
        .fallback(unknown_url)
        .method_not_allowed_fallback(unknown_url)
        .layer(from_fn_with_state(Arc::clone(&state), gate::gate))
        .with_state(state)
}

async fn unknown_url(method: Method, uri: Uri) -> StripeError {
    StripeError::unknown_url(&method, uri.path())
}
