//! Subscriptions over WebSocket, in the protocol graphql-transport-ws.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::{Data, Executor};
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode, header::SEC_WEBSOCKET_PROTOCOL},
    response::{IntoResponse, Response},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, PollSender};
use tracing::Instrument;

use super::media;
use crate::{
    domain::Gateway,
    http::{Edge, authorize, problem::Problem, request_id},
    ids::RequestId,
};

const PROTOCOL: &str = "graphql-transport-ws";

/// What a socket reads into: its messages are small, and there may be thousands of sockets.
const READ_BUFFER: usize = 4 * 1024;

/// The frames that wait to be sent to a slow reader.
const WAITING: usize = 8;

/// `GET /graphql/ws`.
pub(super) async fn open<E: Executor>(
    State((edge, stop)): State<(Edge<E>, CancellationToken)>,
    protocol: Result<GraphQLProtocol, StatusCode>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    headers: HeaderMap,
    request: axum::extract::Request,
) -> Response {
    let id = request_id::of(request.extensions());
    let (Ok(protocol), Ok(upgrade), true) = (protocol, upgrade, speaks(&headers)) else {
        return Problem {
            status: StatusCode::BAD_REQUEST,
            code: "BAD_USER_INPUT",
            message: "Open a WebSocket here with the subprotocol graphql-transport-ws.",
        }
        .answer(&id, media::JSON);
    };
    let largest = edge.limits.socket_message_bytes;
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .max_message_size(largest)
        .max_frame_size(largest)
        .on_upgrade(move |socket| {
            let open = edge.sockets.clone();
            open.track_future(serve(edge, stop, socket, protocol, id))
                .in_current_span()
        })
        .into_response()
}

fn speaks(headers: &HeaderMap) -> bool {
    let offered = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let mut offered = offered
        .filter_map(|value| value.to_str().ok())
        .flat_map(|v| v.split(','));
    offered.any(|protocol| protocol.trim() == PROTOCOL)
}

async fn serve<E: Executor>(
    edge: Edge<E>,
    stop: CancellationToken,
    socket: WebSocket,
    protocol: GraphQLProtocol,
    id: RequestId,
) {
    let (mut sink, stream) = socket.split();
    let (outgoing, mut frames) = mpsc::channel(WAITING);
    let refused = Arc::new(AtomicBool::new(false));
    let mut data = Data::default();
    data.insert(id);
    let gateway = edge.gateway;
    let refusing = Arc::clone(&refused);
    let operations = GraphQLWebSocket::new_with_pair(
        PollSender::new(outgoing),
        // No more messages are read when the process is to stop, which ends the operations.
        Box::pin(stream.take_until(stop.clone().cancelled_owned())),
        edge.executor,
        protocol,
    )
    .with_data(data)
    .on_connection_init(async move |payload| {
        let introduced = introduce(&gateway, &payload).await;
        refusing.store(introduced.is_err(), Ordering::Relaxed);
        introduced
    });
    let send = async {
        while let Some(frame) = frames.recv().await {
            let frame = with_protocol_code(frame, refused.load(Ordering::Relaxed));
            if sink.send(frame).await.is_err() {
                return;
            }
        }
        if stop.is_cancelled() {
            // The client has gone where this fails.
            let _ = sink.send(close(1001, "Going away")).await;
        }
    };
    futures_util::future::join(operations.serve(), send).await;
}

/// The session's data: the caller, where the client introduces itself with a token.
async fn introduce(gateway: &Gateway, payload: &Value) -> async_graphql::Result<Data> {
    let mut data = Data::default();
    if let Some(value) = authorization(payload) {
        match authorize::bearer(gateway, value.as_bytes()).await {
            Ok(caller) => data.insert(caller),
            Err(problem) => return Err(async_graphql::Error::new(problem.message)),
        }
    }
    Ok(data)
}

/// The payload's `Authorization`, in any case, as HTTP has it.
fn authorization(payload: &Value) -> Option<&str> {
    let payload = payload.as_object()?;
    payload
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        .and_then(|(_, value)| value.as_str())
}

/// The protocol's own codes in the place of async-graphql's: it closes with 1002 both when `connection_init` is refused
/// and when a message is malformed, and with 1011 when an operation comes before `connection_init`.
fn with_protocol_code(message: Message, refused: bool) -> Message {
    match message {
        Message::Close(Some(CloseFrame { code: 1002, .. })) if refused => close(4403, "Forbidden"),
        Message::Close(Some(CloseFrame { code: 1002, .. })) => close(4400, "Invalid message"),
        Message::Close(Some(CloseFrame { code: 1011, .. })) => close(4401, "Unauthorized"),
        other => other,
    }
}

fn close(code: u16, reason: &'static str) -> Message {
    Message::Close(Some(CloseFrame {
        code,
        reason: reason.into(),
    }))
}
