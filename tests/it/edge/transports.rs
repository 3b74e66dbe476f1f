//! One question on every transport: the answers must be the same.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Socket, Stream, World};

use super::{
    ask::Reply,
    streams::{EVENTS, PARTS},
};

/// A result that has not come by now does not come; signs of life are none.
const PATIENCE: Duration = Duration::from_mins(1);

/// How an operation is sent and answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// `POST /graphql`, one result in JSON.
    Post,
    /// `GET /graphql`, one result in JSON.
    Get,
    /// `/graphql/ws`
    Socket,
    /// `POST /graphql`, server-sent events.
    Events,
    /// `POST /graphql/stream`, server-sent events.
    Stream,
    /// `GET /graphql/stream`, server-sent events.
    GotStream,
    /// `POST /graphql`, multipart.
    Parts,
}

impl Way {
    pub(super) const ALL: [Self; 7] = [
        Self::Post,
        Self::Get,
        Self::Socket,
        Self::Events,
        Self::Stream,
        Self::GotStream,
        Self::Parts,
    ];

    /// Those that mutations may go.
    pub(super) const WRITING: [Self; 5] = [
        Self::Post,
        Self::Socket,
        Self::Events,
        Self::Stream,
        Self::Parts,
    ];

    /// Those that subscriptions may go.
    pub(super) const GOING_ON: [Self; 5] = [
        Self::Socket,
        Self::Events,
        Self::Stream,
        Self::GotStream,
        Self::Parts,
    ];

    /// Whether what is asked is in the address.
    pub(super) fn is_got(self) -> bool {
        matches!(self, Self::Get | Self::GotStream)
    }

    /// The first result of a request, with a token or without: `data` and `errors`, without what differs each time.
    pub(super) async fn ask(self, world: &World, token: Option<&str>, body: &Value) -> Value {
        let first = tokio::time::timeout(PATIENCE, self.first(world, token, body));
        let mut answer = first.await.expect("a result in time");
        if let Some(fields) = answer.as_object_mut() {
            fields.remove("extensions");
        }
        for error in answer["errors"].as_array_mut().into_iter().flatten() {
            let extensions = error["extensions"].as_object_mut().expect("extensions");
            assert!(
                extensions
                    .remove("requestId")
                    .is_some_and(|id| id.is_string())
            );
            extensions.remove("cost");
        }
        if answer["errors"].is_null() {
            answer.as_object_mut().expect("an answer").remove("errors");
        }
        answer
    }

    async fn first(self, world: &World, token: Option<&str>, body: &Value) -> Value {
        match self {
            Self::Socket => over_socket(world, token, body).await,
            Self::Post | Self::Get => self.reply(world, token, body).await.json(),
            Self::Events | Self::Stream | Self::GotStream => {
                self.stream(world, token, body)
                    .await
                    .next()
                    .await
                    .expect("a result")
                    .1
            }
            Self::Parts => {
                let told = self.stream(world, token, body).await.next().await;
                told.expect("a result").1["payload"].take()
            }
        }
    }

    /// The same with the world's token, of a document and its variables.
    pub(super) async fn query(self, world: &World, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        self.ask(world, Some(&world.token), &body).await
    }

    /// The whole answer over HTTP.
    pub(super) async fn reply(self, world: &World, token: Option<&str>, body: &Value) -> Reply {
        let media = match self {
            Self::Post | Self::Get => "application/json",
            Self::Parts => PARTS,
            _ => EVENTS,
        };
        Reply::to(self.request(world, token, body).header("accept", media)).await
    }

    /// The answer as it goes on.
    pub(super) async fn stream(self, world: &World, token: Option<&str>, body: &Value) -> Stream {
        let media = if self == Self::Parts { PARTS } else { EVENTS };
        Stream::open(self.request(world, token, body), media).await
    }

    fn request(self, world: &World, token: Option<&str>, body: &Value) -> reqwest::RequestBuilder {
        let path = match self {
            Self::Stream | Self::GotStream => "/graphql/stream",
            _ => "/graphql",
        };
        let request = if self.is_got() {
            let fields = body.as_object().expect("parameters");
            let text = |value: &Value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            };
            let parameters: Vec<_> = fields
                .iter()
                .map(|(name, value)| (name, text(value)))
                .collect();
            world.http.get(world.url(path)).query(&parameters)
        } else {
            world.http.post(world.url(path)).json(body)
        };
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

async fn over_socket(world: &World, token: Option<&str>, body: &Value) -> Value {
    let mut socket = Socket::open(&world.url("/graphql/ws")).await;
    if let Some(token) = token {
        socket.introduce(token).await;
    } else {
        socket.send(json!({ "type": "connection_init" })).await;
        assert_eq!(
            socket.next().await.expect("an answer")["type"],
            "connection_ack"
        );
    }
    socket
        .send(json!({ "id": "1", "type": "subscribe", "payload": body }))
        .await;
    let mut message = socket.next().await.expect("the socket is open");
    match message["type"].as_str() {
        Some("next") => message["payload"].take(),
        Some("error") => json!({ "errors": message["payload"].take() }),
        _ => panic!("{message:#}"),
    }
}
