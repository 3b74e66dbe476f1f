//! Operations over WebSocket, in the protocol graphql-transport-ws
//! (github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).

mod close;
mod message;
mod session;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State, WebSocketUpgrade},
    http::{
        HeaderMap, StatusCode,
        header::{SEC_WEBSOCKET_PROTOCOL, UPGRADE},
    },
    response::Response,
};
use tracing::Instrument;

use self::session::Session;
use super::{Operations, media};
use crate::http::{Edge, problem::Problem, request_id};

const PROTOCOL: &str = "graphql-transport-ws";

/// What a socket reads into: its messages are small, and there may be thousands of sockets. A larger message is read in
/// several goes.
const READ_BUFFER: usize = 1024;

/// Whether a request asks for a socket.
pub(super) fn is_asked_for(headers: &HeaderMap) -> bool {
    let asked = headers.get(UPGRADE);
    asked.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// `GET /graphql/ws`, and `GET /graphql` where a socket is asked for.
pub(super) async fn open<E: Operations>(
    State(edge): State<Arc<Edge<E>>>,
    request: Request,
) -> Response {
    let (mut parts, _) = request.into_parts();
    let id = request_id::of(&parts.extensions);
    if !edge.origins.let_in(&parts.headers) {
        return Problem {
            status: StatusCode::FORBIDDEN,
            code: "FORBIDDEN",
            message: "Pages of this origin may not open sockets here: see server.cors_origins.",
        }
        .answer(&id, media::JSON);
    }
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await;
    let (Ok(upgrade), true) = (upgrade, speaks(&parts.headers)) else {
        return Problem::bad_request(
            "Open a WebSocket here with the subprotocol graphql-transport-ws.",
        )
        .answer(&id, media::JSON);
    };
    // Somewhat more than is taken, so that what is too large can be told so.
    let largest = edge.limits.socket_message_bytes.saturating_mul(2);
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .max_message_size(largest)
        .max_frame_size(largest)
        .on_upgrade(move |socket| {
            let open = edge.sockets.clone();
            open.track_future(Session::new(edge, id, socket).run())
                .in_current_span()
        })
}

fn speaks(headers: &HeaderMap) -> bool {
    let offered = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let mut offered = offered
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    offered.any(|protocol| protocol.trim() == PROTOCOL)
}
