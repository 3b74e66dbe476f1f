//! Operations over HTTP answers that go on: server-sent events, in the "distinct connections" mode of graphql-sse
//! (github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md), and multipart, as Apollo's clients speak it
//! (apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol).

use std::sync::Arc;

use axum::{
    body::Body,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream, stream::BoxStream};
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::operation::Told;
use crate::{
    http::{Edge, problem::Problem, slots::Slot},
    ids::RequestId,
};

/// How a stream is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `text/event-stream`
    Events,
    /// `multipart/mixed`
    Parts,
}

/// A stream that is being written.
struct Written<E> {
    form: Form,
    told: BoxStream<'static, Told>,
    edge: Arc<Edge<E>>,
    id: RequestId,
    beat: Interval,
    over: bool,
    /// Free again when the stream has ended, or its reader has gone.
    _slot: Option<Slot>,
}

/// The answer that tells all that an operation tells, and gives a sign of life while there is nothing to tell.
pub(super) fn answer<E: Send + Sync + 'static>(
    form: Form,
    told: BoxStream<'static, Told>,
    edge: &Arc<Edge<E>>,
    id: RequestId,
    slot: Option<Slot>,
) -> Response {
    let mut beat = interval(edge.limits.heartbeat);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let written = Written {
        form,
        told,
        edge: Arc::clone(edge),
        id,
        beat,
        over: false,
        _slot: slot,
    };
    let chunks = stream::unfold(written, |mut written| async move {
        let chunk = written.next().await?;
        Some((Ok::<_, std::convert::Infallible>(chunk), written))
    });
    let begin = stream::iter(form.begin().map(Ok));
    (
        [
            (CONTENT_TYPE, form.media()),
            (CACHE_CONTROL, "no-cache, no-transform"),
        ],
        // Proxies that gather an answer before they pass it on would gather this one for ever.
        [("x-accel-buffering", "no")],
        Body::from_stream(begin.chain(chunks)),
    )
        .into_response()
}

impl<E> Written<E> {
    /// The next piece of the answer; polled only as fast as the reader takes it.
    async fn next(&mut self) -> Option<String> {
        if self.over {
            return None;
        }
        tokio::select! {
            biased;
            () = self.edge.stop.cancelled() => {
                self.over = true;
                let problem = Problem::unavailable("The gateway is going away; subscribe again.");
                Some(self.form.gone(&problem.error(&self.id)))
            }
            told = self.told.next() => Some(self.write(told)),
            _ = self.beat.tick() => Some(self.form.beat()),
        }
    }

    fn write(&mut self, told: Option<Told>) -> String {
        let last = match told {
            Some(Told::Result(result)) => return self.form.result(&result),
            Some(Told::Refused { result, .. }) => self.form.result(&result),
            Some(Told::Broken) => {
                let fault = Problem::internal().error(&self.id);
                self.form.result(&json!({ "errors": [fault] }).to_string())
            }
            None => String::new(),
        };
        self.over = true;
        last + self.form.end()
    }
}

impl Form {
    fn media(self) -> &'static str {
        match self {
            Self::Events => "text/event-stream; charset=utf-8",
            Self::Parts => r#"multipart/mixed;boundary="graphql";subscriptionSpec=1.0"#,
        }
    }

    /// A boundary goes before each part; it is sent behind the part before, so that readers know where that ends.
    fn begin(self) -> Option<String> {
        match self {
            Self::Events => None,
            Self::Parts => Some("\r\n--graphql".to_owned()),
        }
    }

    fn result(self, json: &str) -> String {
        match self {
            // JSON has no line breaks of its own.
            Self::Events => format!("event: next\ndata: {json}\n\n"),
            Self::Parts => part(&format!(r#"{{"payload":{json}}}"#)),
        }
    }

    /// What readers pass over.
    fn beat(self) -> String {
        match self {
            Self::Events => ":\n\n".to_owned(),
            Self::Parts => part("{}"),
        }
    }

    /// The operation is over.
    fn end(self) -> &'static str {
        match self {
            // An event without data would not be told by browsers.
            Self::Events => "event: complete\ndata:\n\n",
            Self::Parts => "--\r\n",
        }
    }

    /// The operation is not over, but nothing more will be told. An event stream just breaks off, so that clients
    /// connect again.
    fn gone(self, error: &Value) -> String {
        match self {
            Self::Events => ":\n\n".to_owned(),
            Self::Parts => {
                part(&json!({ "payload": null, "errors": [error] }).to_string()) + self.end()
            }
        }
    }
}

fn part(json: &str) -> String {
    format!("\r\nContent-Type: application/json\r\n\r\n{json}\r\n--graphql")
}
