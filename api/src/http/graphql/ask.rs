//! Queries and mutations over HTTP.

use async_graphql::{Executor, Request, Response as Answer, parser::types::OperationType};
use axum::{
    body::Bytes,
    extract::{
        FromRequest, Query, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header::ALLOW},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    explorer, media,
    request::{Parameters, QueryString, operation},
};
use crate::{
    domain::idempotency::IdempotencyKey,
    http::{Edge, authorize, problem::Problem, request_id},
    ids::RequestId,
};

/// A request, as far as it is read before it is known whether it is one.
struct Incoming {
    headers: HeaderMap,
    id: RequestId,
    media: &'static str,
}

/// `GET /graphql`: a query, or the explorer for a browser.
pub(super) async fn get<E: Executor>(
    State(edge): State<Edge<E>>,
    query: Result<Query<QueryString>, QueryRejection>,
    request: axum::extract::Request,
) -> Response {
    let asks = query.as_ref().is_ok_and(|Query(query)| !query.is_empty());
    if !asks && media::wants_page(request.headers()) {
        return explorer::page();
    }
    let incoming = match Incoming::of(&request) {
        Ok(incoming) => incoming,
        Err(refusal) => return refusal,
    };
    let asked = query
        .map_err(|_| Problem::bad_request("The query string cannot be read."))
        .and_then(|Query(query)| query.parameters())
        .and_then(Parameters::request);
    incoming.answer(&edge, asked, true).await
}

/// `POST /graphql`: a query or a mutation, in JSON.
pub(super) async fn post<E: Executor>(
    State(edge): State<Edge<E>>,
    request: axum::extract::Request,
) -> Response {
    let incoming = match Incoming::of(&request) {
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
    fn of(request: &axum::extract::Request) -> Result<Self, Response> {
        let id = request_id::of(request.extensions());
        match media::of_answer(request.headers()) {
            Some(media) => Ok(Self {
                headers: request.headers().clone(),
                id,
                media,
            }),
            None => Err(Problem {
                status: StatusCode::NOT_ACCEPTABLE,
                code: "BAD_USER_INPUT",
                message: "Accept application/graphql-response+json or application/json.",
            }
            .answer(&id, media::JSON)),
        }
    }

    async fn answer<E: Executor>(
        self,
        edge: &Edge<E>,
        asked: Result<Request, Problem>,
        read_only: bool,
    ) -> Response {
        match self.execute(edge, asked, read_only).await {
            Ok(answer) => self.write(&answer),
            Err(problem) => self.refuse(problem),
        }
    }

    async fn execute<E: Executor>(
        &self,
        edge: &Edge<E>,
        asked: Result<Request, Problem>,
        read_only: bool,
    ) -> Result<Answer, Problem> {
        let caller = authorize::caller(&edge.gateway, &self.headers).await?;
        let mut request = asked?;
        match operation(&mut request) {
            Some(OperationType::Subscription) => {
                return Err(Problem::bad_request(
                    "Subscriptions are served over WebSocket, at /graphql/ws.",
                ));
            }
            Some(OperationType::Mutation) if read_only => {
                return Err(not_here("Mutations must be sent with POST."));
            }
            _ => {}
        }
        request = request.data(self.id.clone());
        if let Some(key) = idempotency_key(&self.headers)? {
            request = request.data(key);
        }
        if let Some(caller) = caller {
            request = request.data(caller);
        }
        tokio::time::timeout(edge.limits.query_timeout, edge.executor.execute(request))
            .await
            .map_err(|_| Problem::unavailable("The operation took too long; ask for less at once."))
    }

    /// A request that failed before execution has no data, and its own status where the client knows that.
    fn write(&self, answer: &Answer) -> Response {
        let failed = answer.is_err()
            && answer.data == async_graphql::Value::Null
            && answer.errors.iter().all(|error| error.path.is_empty());
        let body = if failed {
            let mut body = json!({ "errors": answer.errors });
            if !answer.extensions.is_empty() {
                body["extensions"] = json!(answer.extensions);
            }
            serde_json::to_vec(&body)
        } else {
            serde_json::to_vec(answer)
        };
        let Ok(body) = body else {
            return self.refuse(Problem {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                code: "INTERNAL",
                message: "Something went wrong on our side.",
            });
        };
        let status = if failed && is_fault(answer) {
            StatusCode::INTERNAL_SERVER_ERROR
        } else if failed && self.media == media::GRAPHQL {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        };
        (status, [("content-type", self.media)], body).into_response()
    }

    fn refuse(&self, problem: Problem) -> Response {
        let mut response = problem.answer(&self.id, self.media);
        if problem.status == StatusCode::METHOD_NOT_ALLOWED {
            response
                .headers_mut()
                .insert(ALLOW, axum::http::HeaderValue::from_static("POST"));
        }
        response
    }
}

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

/// Whether the operation was cut off by a fault of ours.
fn is_fault(answer: &Answer) -> bool {
    let internal = async_graphql::Value::from("INTERNAL");
    let codes = answer
        .errors
        .iter()
        .filter_map(|error| error.extensions.as_ref()?.get("code"));
    codes.into_iter().any(|code| *code == internal)
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
