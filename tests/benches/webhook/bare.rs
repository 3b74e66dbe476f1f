//! What the receiver is measured against: a handler that stores each event by a statement of its own, and no more.

use api::storage::{InboxEventRow, InboxEventState, Store};
use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use chrono::DateTime;
use tests::ids;
use tokio::net::TcpListener;

use crate::events::Shop;

/// Where it listens.
pub(crate) const PATH: &str = "/bare";

/// Serves it until the process ends; its address.
pub(crate) async fn serve(store: Store, shop: &Shop) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let blank = blank(shop);
    let router = Router::new()
        .route(PATH, post(store_one))
        .with_state((store, blank));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn store_one(
    State((store, blank)): State<(Store, InboxEventRow)>,
    body: Bytes,
) -> StatusCode {
    let row = InboxEventRow {
        id: ids().next(),
        object: Some(String::from_utf8_lossy(&body).into_owned()),
        ..blank
    };
    match store.insert_events(vec![row]).await {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// A row that the inbox leaves alone.
fn blank(shop: &Shop) -> InboxEventRow {
    InboxEventRow {
        id: shop.connection.0,
        workspace_id: shop.workspace.0,
        connection_id: shop.connection.0,
        stripe_id: "evt_bare".to_owned(),
        event_type: "charge.succeeded".to_owned(),
        object_kind: "charge".to_owned(),
        object_id: "ch_bare".to_owned(),
        object: None,
        api_version: Some(api::stripe::API_VERSION.to_owned()),
        state: InboxEventState::Ignored,
        attempts: 0,
        reason: None,
        created_at: DateTime::UNIX_EPOCH,
        received_at: DateTime::UNIX_EPOCH,
        run_at: DateTime::UNIX_EPOCH,
        settled_at: None,
    }
}
