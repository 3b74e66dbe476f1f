//! Operations over HTTP.

use std::{sync::Arc, time::Duration};

use async_graphql::{Request, Response as Answer, parser::types::OperationType};
use axum::{
    body::Bytes,
    extract::{
        FromRequest, Query, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ALLOW, CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    Operations, explorer,
    media::{self, Taken, Usual},
    operation,
    request::{self, Parameters, QueryString},
    socket, streamed,
};
use crate::{
    auth::Caller,
    domain::idempotency::IdempotencyKey,
    http::{Edge, authorize, problem::Problem, request_id},
    ids::RequestId,
};

/// A request, as far as it is read before it is known whether it is one.
struct Incoming {
    headers: HeaderMap,
    id: RequestId,
    taken: Taken,
}

/// `GET`: a query or a subscription, a socket, or the explorer for a browser.
pub(super) async fn get<E: Operations>(
    State(edge): State<Arc<Edge<E>>>,
    query: Result<Query<QueryString>, QueryRejection>,
    request: axum::extract::Request,
    usual: Usual,
) -> Response {
    if socket::is_asked_for(request.headers()) {
        return socket::open(State(edge), request).await;
    }
    let asks = query.as_ref().is_ok_and(|Query(query)| !query.is_empty());
    if !asks && media::wants_page(request.headers()) {
        return explorer::page();
    }
    let incoming = match Incoming::of(&request, usual) {
        Ok(incoming) => incoming,
        Err(refusal) => return refusal,
    };
    let asked = query
        .map_err(|_| Problem::bad_request("The query string cannot be read."))
        .and_then(|Query(query)| query.parameters())
        .and_then(Parameters::request);
    incoming.answer(&edge, asked, true).await
}

/// `POST`: any operation, in JSON.
pub(super) async fn post<E: Operations>(
    State(edge): State<Arc<Edge<E>>>,
    request: axum::extract::Request,
    usual: Usual,
) -> Response {
    let incoming = match Incoming::of(&request, usual) {
        Ok(incoming) => incoming,
        Err(refusal) => return refusal,
    };
    if !media::is_json(&incoming.headers) {
        return incoming.refuse(Problem {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            code: "BAD_USER_INPUT",
            message: "Send the request as application/json in UTF-8.",
        });
    }
    let body = match Bytes::from_request(request, &()).await {
        Ok(body) => body,
        Err(rejection) => return incoming.refuse(unread(&rejection)),
    };
    let asked = Parameters::read(&body).and_then(Parameters::request);
    incoming.answer(&edge, asked, false).await
}

impl Incoming {
    #[expect(
        clippy::result_large_err,
        reason = "the refusal is the answer, and is sent at once"
    )]
    fn of(request: &axum::extract::Request, usual: Usual) -> Result<Self, Response> {
        let id = request_id::of(request.extensions());
        match media::of_answer(request.headers(), usual) {
            Some(taken) => Ok(Self {
                headers: request.headers().clone(),
                id,
                taken,
            }),
            None => Err(Problem {
                status: StatusCode::NOT_ACCEPTABLE,
                code: "BAD_USER_INPUT",
                message: "Accept application/graphql-response+json, application/json or text/event-stream.",
            }
            .answer(&id, media::JSON)),
        }
    }

    async fn answer<E: Operations>(
        self,
        edge: &Arc<Edge<E>>,
        asked: Result<Request, Problem>,
        read_only: bool,
    ) -> Response {
        let answered = self.execute(edge, asked, read_only).await;
        answered.unwrap_or_else(|problem| self.refuse(problem))
    }

    async fn execute<E: Operations>(
        &self,
        edge: &Arc<Edge<E>>,
        asked: Result<Request, Problem>,
        read_only: bool,
    ) -> Result<Response, Problem> {
        let caller = authorize::caller(&edge.gateway, &self.headers).await?;
        let mut request = asked?;
        request::find_document(&mut request, &edge.operations).await;
        let kind = edge.operations.kind_of(&mut request);
        if read_only && kind == Some(OperationType::Mutation) {
            return Err(not_here("Mutations must be sent with POST."));
        }
        request = request.data(self.id.clone());
        if let Some(key) = idempotency_key(&self.headers)? {
            request = request.data(key);
        }
        if let Some(caller) = caller.clone() {
            request = request.data(caller);
        }
        match self.taken.single {
            Some(media) if kind != Some(OperationType::Subscription) => {
                let answering = edge.operations.execute(request);
                let answer = tokio::time::timeout(edge.limits.query_timeout, answering).await;
                let answer = answer.map_err(|_| operation::too_slow())?;
                Ok(self.write(edge, &answer, media))
            }
            _ => self.stream(edge, request, kind, caller.as_ref()),
        }
    }

    /// What goes on, or is to be written as if it did.
    fn stream<E: Operations>(
        &self,
        edge: &Arc<Edge<E>>,
        request: Request,
        kind: Option<OperationType>,
        caller: Option<&Caller>,
    ) -> Result<Response, Problem> {
        let form = self.taken.streamed.ok_or(Problem::bad_request(
            "Subscriptions are served over WebSocket, at /graphql/ws, or where text/event-stream is accepted.",
        ))?;
        let slot = if kind == Some(OperationType::Subscription) {
            let slot = edge.slots.take(caller.map(|caller| caller.token));
            Some(slot.ok_or(Problem::rate_limited(
                "This token has as many sockets and streams open as it may: close one first.",
            ))?)
        } else {
            None
        };
        let told = operation::run(edge, &self.id, request, None);
        Ok(streamed::answer(form, told, edge, self.id.clone(), slot))
    }

    /// A request that failed before execution has no data, and its own status where the client knows that.
    fn write<E: Operations>(
        &self,
        edge: &Edge<E>,
        answer: &Answer,
        media: &'static str,
    ) -> Response {
        let failed = operation::is_refused(answer, 0);
        let body = if failed {
            let mut body = json!({ "errors": answer.errors });
            if !answer.extensions.is_empty() {
                body["extensions"] = json!(answer.extensions);
            }
            serde_json::to_vec(&body)
        } else {
            edge.operations.write(answer)
        };
        let Ok(body) = body else {
            return self.refuse(Problem::internal());
        };
        if body.len() > edge.limits.answer_bytes {
            return self.refuse(TOO_LARGE);
        }
        if let Some(seconds) = operation::retry_after(&answer.errors).filter(|_| failed) {
            let retry_after = HeaderValue::from(seconds);
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static(media)),
                (RETRY_AFTER, retry_after),
            ];
            return (StatusCode::TOO_MANY_REQUESTS, headers, body).into_response();
        }
        let status = if failed && operation::has_code(&answer.errors, "INTERNAL") {
            StatusCode::INTERNAL_SERVER_ERROR
        } else if failed && media == media::GRAPHQL {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        };
        (status, [("content-type", media)], body).into_response()
    }

    fn refuse(&self, problem: Problem) -> Response {
        let mut response = problem.answer(&self.id, self.taken.single.unwrap_or(media::JSON));
        let headers = response.headers_mut();
        match problem.status {
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(ALLOW, HeaderValue::from_static("POST"));
            }
            StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(RETRY_AFTER, HeaderValue::from(SOON.as_secs()));
            }
            _ => {}
        }
        response
    }
}

const TOO_LARGE: Problem = Problem {
    status: StatusCode::BAD_REQUEST,
    code: "QUERY_TOO_COMPLEX",
    message: "The answer is too large; ask for less at once.",
};

/// When to try again what is too much at the moment.
const SOON: Duration = Duration::from_secs(5);

/// The key that a mutation was sent with, where it has one.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(sent) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = sent
        .to_str()
        .ok()
        .and_then(|key| IdempotencyKey::read(key).ok());
    key.map(Some).ok_or(Problem::bad_request(
        "Idempotency-Key must have 1 to 255 visible ASCII characters; a random UUID is a good one.",
    ))
}

fn not_here(message: &'static str) -> Problem {
    Problem {
        status: StatusCode::METHOD_NOT_ALLOWED,
        code: "BAD_USER_INPUT",
        message,
    }
}

fn unread(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            code: "BAD_USER_INPUT",
            message: "The request is too large.",
        }
    } else {
        Problem::bad_request("The body could not be read.")
    }
}
