//! The messages of graphql-transport-ws.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::http::graphql::request::Parameters;

/// The longest id of an operation, in bytes: clients count, or make UUIDs.
const MAX_ID_BYTES: usize = 256;

/// What a client sends.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Incoming {
    /// The client introduces itself.
    ConnectionInit { payload: Option<Map<String, Value>> },
    /// To be answered at once.
    Ping { payload: Option<Map<String, Value>> },
    /// The answer to a ping.
    Pong {
        #[serde(rename = "payload")]
        _payload: Option<Map<String, Value>>,
    },
    /// An operation is to begin.
    Subscribe { id: String, payload: Parameters },
    /// An operation is to end.
    Complete { id: String },
}

impl Incoming {
    /// Reads a message; what is none is told in a few words.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let message: Self =
            serde_json::from_str(text).map_err(|_| "Not a message of graphql-transport-ws")?;
        let id = match &message {
            Self::Subscribe { payload, .. } if !payload.has_query() => {
                return Err("The payload of subscribe has no query");
            }
            Self::Subscribe { id, .. } | Self::Complete { id } => id,
            _ => return Ok(message),
        };
        if id.is_empty() || id.len() > MAX_ID_BYTES {
            return Err("The id must be a text of 1 to 256 bytes");
        }
        Ok(message)
    }
}

/// Acknowledges an introduction.
pub(super) fn acknowledgement() -> String {
    json!({ "type": "connection_ack" }).to_string()
}

/// Answers a ping.
pub(super) fn pong(payload: Option<Map<String, Value>>) -> String {
    match payload {
        Some(payload) => json!({ "type": "pong", "payload": payload }).to_string(),
        None => json!({ "type": "pong" }).to_string(),
    }
}

/// A result of an operation, which is JSON already: it may be the same for many sockets.
pub(super) fn next(id: &str, result: &str) -> String {
    about(id, "next", result)
}

/// An operation that came to nothing; the errors are a JSON array.
pub(super) fn error(id: &str, errors: &str) -> String {
    about(id, "error", errors)
}

/// An operation that is over.
pub(super) fn complete(id: &str) -> String {
    json!({ "id": id, "type": "complete" }).to_string()
}

fn about(id: &str, kind: &str, payload: &str) -> String {
    let id = Value::from(id);
    format!(r#"{{"id":{id},"type":"{kind}","payload":{payload}}}"#)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_the_protocol_does_not_have_is_refused() {
        let long = format!(r#"{{"type":"complete","id":"{}"}}"#, "x".repeat(257));
        for wrong in [
            "",
            "ping",
            "null",
            "[]",
            "{}",
            r#""ping""#,
            r#"{"type":7}"#,
            r#"{"type":"shout"}"#,
            r#"{"type":"next","id":"1","payload":{}}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"connection_init","payload":"x"}"#,
            r#"{"type":"connection_init","payload":[]}"#,
            r#"{"type":"ping","payload":7}"#,
            r#"{"type":"pong","payload":[]}"#,
            r#"{"type":"subscribe"}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":7}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","operationName":1}}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"complete","id":""}"#,
            &long,
        ] {
            assert!(Incoming::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_it_has_is_read() {
        for right in [
            r#"{"type":"connection_init"}"#,
            r#"{"type":"connection_init","payload":null}"#,
            r#"{"payload":{"a":1},"type":"connection_init"}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"pong","payload":{}}"#,
            r#"{"id":"1","type":"subscribe","payload":{"query":"{a}","variables":null,"operationName":null}}"#,
            r#"{"type":"complete","id":"1","more":true}"#,
        ] {
            assert!(Incoming::read(right).is_ok(), "{right}");
        }
    }

    proptest! {
        #[test]
        fn every_id_comes_back_as_it_was(id in "\\PC{1,40}|[\"\\\\\\n\\x00]{1,10}") {
            let written: Value = serde_json::from_str(&next(&id, r#"{"data":null}"#)).unwrap();
            prop_assert_eq!(written, json!({ "id": id, "type": "next", "payload": { "data": null } }));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            prop_assert!(Incoming::read(&text).is_err());
        }
    }
}
