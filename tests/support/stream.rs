//! A reader of answers that go on: server-sent events and multipart.

use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use serde_json::Value;

/// A piece that has not come by now does not come.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a stream tells next.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// An event with its data, or a part.
    Told(String, Value),
    /// A sign of life.
    Beat,
}

/// An answer that goes on.
pub struct Stream {
    /// The answer; its body is read by `next`.
    pub response: Response,
    text: String,
    separator: &'static str,
}

impl Stream {
    /// Sends a request that accepts `media`.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are clients of the gateway, not of Stripe"
    )]
    pub async fn open(request: RequestBuilder, media: &str) -> Self {
        let request = request.header("accept", media);
        let response = request.send().await.expect("an answer");
        let events = media.starts_with("text/event-stream");
        Self {
            response,
            text: String::new(),
            separator: if events { "\n\n" } else { "\r\n--graphql" },
        }
    }

    /// The next event or part; none at the end of the answer.
    pub async fn piece(&mut self) -> Option<Piece> {
        loop {
            if let Some((piece, rest)) = self.text.split_once(self.separator) {
                let (piece, rest) = (piece.to_owned(), rest.to_owned());
                self.text = rest;
                if !piece.is_empty() {
                    return Some(read(&piece));
                }
                continue;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("something is told").expect("a whole answer")?;
            self.text.push_str(str::from_utf8(&chunk).expect("UTF-8"));
        }
    }

    /// The next thing that is told, after whatever signs of life.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Piece::Told(event, data) = self.piece().await? {
                return Some((event, data));
            }
        }
    }

    /// What is left behind the last piece.
    #[must_use]
    pub fn rest(&self) -> &str {
        &self.text
    }
}

fn read(piece: &str) -> Piece {
    if piece == ":" {
        return Piece::Beat;
    }
    if let Some((head, body)) = piece.split_once("\r\n\r\n") {
        assert_eq!(head.trim(), "Content-Type: application/json");
        let body: Value = serde_json::from_str(body).expect("JSON");
        return match body {
            Value::Object(fields) if fields.is_empty() => Piece::Beat,
            body => Piece::Told("part".to_owned(), body),
        };
    }
    let (event, data) = piece.split_once('\n').expect("an event and its data");
    let event = event.strip_prefix("event: ").expect("an event");
    let data = data.strip_prefix("data:").expect("data").trim();
    let data = if data.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(data).expect("JSON")
    };
    Piece::Told(event.to_owned(), data)
}
