//! Subscriptions over WebSocket, in the protocol graphql-transport-ws.

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
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::media;
use crate::{
    http::{Edge, authorize, problem::Problem, request_id},
    ids::RequestId,
};

const PROTOCOL: &str = "graphql-transport-ws";

/// What a socket reads into: its messages are small, and there may be thousands of sockets.
const READ_BUFFER: usize = 4 * 1024;

/// What async-graphql closes with when `connection_init` is refused.
const REFUSED_INIT: u16 = 1002;

/// The protocol's code for that.
const FORBIDDEN: u16 = 4403;

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
        .on_upgrade(move |socket| serve(edge, stop, socket, protocol, id).in_current_span())
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
    let (sink, stream) = socket.split();
    let sink = sink.with(async |message| Ok::<_, axum::Error>(with_protocol_code(message)));
    let mut data = Data::default();
    data.insert(id);
    // The stream ends when the process is to stop; the operations under way are completed with it.
    let stream = stream.take_until(stop.cancelled_owned());
    let gateway = edge.gateway;
    GraphQLWebSocket::new_with_pair(Box::pin(sink), Box::pin(stream), edge.executor, protocol)
        .with_data(data)
        .on_connection_init(async move |payload| {
            let mut data = Data::default();
            if let Some(value) = authorization(&payload) {
                match authorize::bearer(&gateway, value.as_bytes()).await {
                    Ok(caller) => {
                        data.insert(caller);
                    }
                    Err(problem) => return Err(async_graphql::Error::new(problem.message)),
                }
            }
            Ok(data)
        })
        .serve()
        .await;
}

/// The payload's `Authorization`, in any case, as HTTP has it.
fn authorization(payload: &Value) -> Option<&str> {
    let payload = payload.as_object()?;
    payload
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        .and_then(|(_, value)| value.as_str())
}

fn with_protocol_code(message: Message) -> Message {
    match message {
        Message::Close(Some(CloseFrame {
            code: REFUSED_INIT, ..
        })) => Message::Close(Some(CloseFrame {
            code: FORBIDDEN,
            reason: "Forbidden".into(),
        })),
        other => other,
    }
}
