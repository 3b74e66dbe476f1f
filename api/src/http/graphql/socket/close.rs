//! How sockets end.

use std::borrow::Cow;

use axum::{
    extract::ws::{CloseFrame, Utf8Bytes},
    http::StatusCode,
};
use tungstenite::Error as SocketError;

use crate::http::problem::Problem;

/// The longest reason that fits into a close frame (RFC 6455 section 5.5, less the code).
const MAX_REASON_BYTES: usize = 123;

/// Why a socket ends. The codes from 4400 on are graphql-transport-ws's own.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Close {
    /// The client has closed it, or cannot be reached.
    Gone,
    /// The process stops.
    GoingAway,
    /// The client has not answered a ping, or takes no messages.
    Silent,
    /// The token cannot be looked up at the moment.
    TryAgainLater,
    /// A message is larger than one may be.
    TooLarge,
    /// A message that should be text is none.
    NotText,
    /// A message that the protocol does not have.
    Invalid(Cow<'static, str>),
    /// An operation before the connection was acknowledged.
    Unauthorized,
    /// The token is not good, or not any more.
    Forbidden(Cow<'static, str>),
    /// No `connection_init` came in time.
    InitTimeout,
    /// An operation under the id of one that is under way.
    Duplicate(String),
    /// A second `connection_init`.
    TooManyInits,
    /// The token has as many sockets as it may.
    TooManySockets,
    /// A fault of ours.
    Internal,
}

impl Close {
    /// What the client is told; nothing where nobody listens.
    pub(super) fn frame(&self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::GoingAway => (1001, "Going away".into()),
            Self::NotText => (1007, "Messages must be UTF-8".into()),
            Self::TooLarge => (1009, "The message is too large".into()),
            Self::TryAgainLater => (1013, "Try again later".into()),
            // Registered with IANA as "Timeout".
            Self::Silent => (3008, "Timeout".into()),
            Self::Invalid(what) => (4400, what.clone()),
            Self::Unauthorized => (4401, "Unauthorized".into()),
            Self::Forbidden(why) => (4403, why.clone()),
            Self::InitTimeout => (4408, "Connection initialisation timeout".into()),
            Self::Duplicate(id) => (4409, format!("Subscriber for {id} already exists").into()),
            Self::TooManyInits => (4429, "Too many initialisation requests".into()),
            Self::TooManySockets => (4429, "Too many sockets of this token".into()),
            Self::Internal => (4500, "Internal server error".into()),
        };
        Some(CloseFrame {
            code,
            reason: cut(&reason),
        })
    }
}

/// The token that a client introduces itself with is not taken.
impl From<Problem> for Close {
    fn from(problem: Problem) -> Self {
        match problem.status {
            StatusCode::SERVICE_UNAVAILABLE => Self::TryAgainLater,
            _ => Self::Forbidden(problem.message.into()),
        }
    }
}

/// A message cannot be read.
impl From<axum::Error> for Close {
    fn from(error: axum::Error) -> Self {
        match error.into_inner().downcast_ref() {
            Some(SocketError::Capacity(_)) => Self::TooLarge,
            Some(SocketError::Utf8(_)) => Self::NotText,
            _ => Self::Gone,
        }
    }
}

fn cut(reason: &str) -> Utf8Bytes {
    let mut end = reason.len().min(MAX_REASON_BYTES);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    Utf8Bytes::from(&reason[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_into_its_frame() {
        let frame = Close::Duplicate("ä".repeat(100)).frame().unwrap();

        assert_eq!(frame.code, 4409);
        assert!(frame.reason.len() <= MAX_REASON_BYTES);
        assert!(frame.reason.starts_with("Subscriber for ää"));
    }
}
