//! A client of graphql-transport-ws that shows every message.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, protocol::CloseFrame},
};

/// A socket for subscriptions.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// A message that has not come by now does not come.
const PATIENCE: Duration = Duration::from_secs(30);

impl Socket {
    /// Opens a socket; `url` may start with http.
    pub async fn open(url: &str) -> Self {
        let url = url.replacen("http", "ws", 1);
        let mut request = url.into_client_request().expect("an address");
        let protocol = "graphql-transport-ws".parse().expect("a header value");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        Self(connect_async(request).await.expect("a socket").0)
    }

    /// Sends `connection_init` with a token and waits for the acknowledgement.
    pub async fn introduce(&mut self, token: &str) {
        let payload = json!({ "Authorization": format!("Bearer {token}") });
        self.send(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(
            self.next().await.expect("an answer")["type"],
            "connection_ack"
        );
    }

    /// Starts an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await;
    }

    /// Sends a message.
    pub async fn send(&mut self, message: Value) {
        self.send_frame(Message::text(message.to_string())).await;
    }

    /// Sends whatever frame.
    pub async fn send_frame(&mut self, frame: Message) {
        self.0.send(frame).await.expect("the message goes out");
    }

    /// The code that the socket is closed with, after whatever comes before; none where it just breaks off.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            if let Err(frame) = self.next().await {
                return frame.map(|frame| frame.code.into());
            }
        }
    }

    /// The next message, or how the socket was closed.
    pub async fn next(&mut self) -> Result<Value, Option<CloseFrame>> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next())
                .await
                .expect("a message");
            match message {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(frame))) => return Err(frame),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The payload of the next message, which must be of a type.
    pub async fn next_of(&mut self, kind: &str) -> Value {
        let mut message = self.next().await.expect("the socket is open");
        assert_eq!(message["type"], kind, "{message:#}");
        message["payload"].take()
    }
}
