//! One socket: what it hears, what it tells, and how it ends. A single task, which waits for the client wherever it
//! writes: what happens meanwhile is gathered by those who tell of it, and never queued here.

use std::{pin::pin, sync::Arc, time::Duration};

use async_graphql::Data;
use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::{StreamExt, stream, stream::BoxStream};
use serde_json::{Map, Value};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tokio_stream::StreamMap;

use super::{
    close::Close,
    message::{self, Incoming},
};
use crate::{
    auth::Caller,
    domain::token::AuthenticateError,
    http::{
        Edge, authorize,
        graphql::{
            Operations,
            operation::{self, Told},
            request::Parameters,
        },
        problem::Problem,
        slots::Slot,
    },
    ids::RequestId,
};

/// How long a client may take to answer that it is closed, too.
const CLOSE_TIME: Duration = Duration::from_secs(1);

/// A socket, from its opening to its end.
pub(super) struct Session<E> {
    edge: Arc<Edge<E>>,
    id: RequestId,
    socket: WebSocket,
    introduced: Option<Introduced>,
    operations: StreamMap<String, BoxStream<'static, Step>>,
    /// Whether the client was heard since it was pinged last.
    heard: bool,
}

/// Who the client is.
struct Introduced {
    data: Arc<Data>,
    caller: Option<Caller>,
    _slot: Slot,
}

/// What an operation does next.
enum Step {
    Tell(Told),
    End,
}

impl<E: Operations> Session<E> {
    pub(super) fn new(edge: Arc<Edge<E>>, id: RequestId, socket: WebSocket) -> Self {
        Self {
            edge,
            id,
            socket,
            introduced: None,
            operations: StreamMap::new(),
            heard: true,
        }
    }

    /// Serves the socket to its end.
    pub(super) async fn run(mut self) {
        let close = self.serve().await;
        self.end(&close).await;
    }

    async fn serve(&mut self) -> Close {
        let edge = Arc::clone(&self.edge);
        let limits = edge.limits;
        let mut stopping = pin!(edge.stop.cancelled());
        let mut init = pin!(sleep(limits.socket_init));
        let mut beat = interval_at(Instant::now() + limits.heartbeat, limits.heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                () = &mut stopping => Err(Close::GoingAway),
                () = &mut init, if self.introduced.is_none() => Err(Close::InitTimeout),
                _ = beat.tick() => self.beat().await,
                message = self.socket.recv() => self.hear(message).await,
                Some((id, told)) = self.operations.next(), if !self.operations.is_empty() => {
                    self.step(&id, told).await
                }
            };
            if let Err(close) = done {
                return close;
            }
        }
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), Close> {
        self.heard = true;
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Binary(_))) => return Err(Close::Invalid("Not a text".into())),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Close(_))) | None => return Err(Close::Gone),
            Some(Err(error)) => return Err(error.into()),
        };
        if text.len() > self.edge.limits.socket_message_bytes {
            return Err(Close::TooLarge);
        }
        match Incoming::read(&text).map_err(|what| Close::Invalid(what.into()))? {
            // Done once, and by far the largest: a socket is not to keep room for it.
            Incoming::ConnectionInit { payload } => {
                Box::pin(self.introduce(payload.as_ref())).await
            }
            Incoming::Ping { payload } => self.send(message::pong(payload)).await,
            Incoming::Pong { .. } => Ok(()),
            Incoming::Subscribe { id, payload } => self.begin(id, payload).await,
            Incoming::Complete { id } => {
                self.operations.remove(&id);
                Ok(())
            }
        }
    }

    async fn introduce(&mut self, payload: Option<&Map<String, Value>>) -> Result<(), Close> {
        if self.introduced.is_some() {
            return Err(Close::TooManyInits);
        }
        let caller = match authorization(payload) {
            Some(value) => Some(authorize::bearer(&self.edge.gateway, value.as_bytes()).await?),
            None => None,
        };
        let slot = self
            .edge
            .slots
            .take(caller.as_ref().map(|caller| caller.token));
        let slot = slot.ok_or(Close::TooManySockets)?;
        let mut data = Data::default();
        data.insert(self.id.clone());
        if let Some(caller) = &caller {
            data.insert(caller.clone());
        }
        self.introduced = Some(Introduced {
            data: Arc::new(data),
            caller,
            _slot: slot,
        });
        self.send(message::acknowledgement()).await
    }

    async fn begin(&mut self, id: String, asked: Parameters) -> Result<(), Close> {
        let introduced = self.introduced.as_ref().ok_or(Close::Unauthorized)?;
        if self.operations.contains_key(&id) {
            return Err(Close::Duplicate(id));
        }
        let request = if self.operations.len() < self.edge.limits.socket_operations {
            asked.request()
        } else {
            Err(Problem::rate_limited(
                "This socket has as many operations under way as it may: complete one first.",
            ))
        };
        match request {
            Ok(request) => {
                let data = Arc::clone(&introduced.data);
                let told = operation::run(&self.edge, &self.id, request, Some(data));
                let end = stream::once(std::future::ready(Step::End));
                let steps = told.map(Step::Tell).chain(end).boxed();
                self.operations.insert(id, steps);
                Ok(())
            }
            Err(problem) => {
                let errors = Value::from(vec![problem.error(&self.id)]).to_string();
                self.send(message::error(&id, &errors)).await
            }
        }
    }

    async fn step(&mut self, id: &str, step: Step) -> Result<(), Close> {
        match step {
            Step::Tell(Told::Result(result)) => self.send(message::next(id, &result)).await,
            Step::Tell(Told::Refused {
                unauthenticated, ..
            }) if unauthenticated && self.caller().is_some() => Err(token_ended()),
            Step::Tell(Told::Refused { errors, .. }) => {
                self.operations.remove(id);
                self.send(message::error(id, &errors)).await
            }
            Step::Tell(Told::Broken) => Err(Close::Internal),
            Step::End => {
                self.operations.remove(id);
                self.send(message::complete(id)).await
            }
        }
    }

    /// Pings the client, which must have been heard since the last time.
    async fn beat(&mut self) -> Result<(), Close> {
        if !std::mem::take(&mut self.heard) {
            return Err(Close::Silent);
        }
        // Subscriptions look at the token by themselves.
        if self.operations.is_empty()
            && let Some(caller) = self.caller()
        {
            match Box::pin(self.edge.gateway.still_valid(caller)).await {
                Ok(()) | Err(AuthenticateError::Storage(_)) => {}
                Err(_) => return Err(token_ended()),
            }
        }
        self.write(Message::Ping(Bytes::new())).await
    }

    fn caller(&self) -> Option<&Caller> {
        self.introduced.as_ref()?.caller.as_ref()
    }

    async fn send(&mut self, text: String) -> Result<(), Close> {
        self.write(Message::text(text)).await
    }

    /// Waits for a slow client, within bounds.
    async fn write(&mut self, message: Message) -> Result<(), Close> {
        let Edge { stop, limits, .. } = &*self.edge;
        let patience = limits.heartbeat;
        tokio::select! {
            // Mostly it is sent at once, and nothing else has to be watched.
            biased;
            sent = timeout(patience, self.socket.send(message)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(Close::Gone),
                Err(_) => Err(Close::Silent),
            },
            () = stop.cancelled() => Err(Close::GoingAway),
        }
    }

    /// Says how it ends, and waits a moment for the client to have heard it.
    async fn end(mut self, close: &Close) {
        self.operations.clear();
        self.introduced = None;
        let parting = async {
            if let Some(frame) = close.frame()
                && self.socket.send(Message::Close(Some(frame))).await.is_err()
            {
                return;
            }
            while let Some(Ok(_)) = self.socket.recv().await {}
            if *close == Close::TooLarge {
                // The rest of the message is not read. To close with it unread would cut the client off from the reason.
                sleep(CLOSE_TIME).await;
            }
        };
        let _ = timeout(CLOSE_TIME, parting).await;
    }
}

fn token_ended() -> Close {
    Close::Forbidden("The API token has expired or was revoked".into())
}

/// The payload's `Authorization`, in any case, as HTTP has it.
fn authorization(payload: Option<&Map<String, Value>>) -> Option<&str> {
    let mut fields = payload?.iter();
    let field = fields.find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    field.and_then(|(_, value)| value.as_str())
}
