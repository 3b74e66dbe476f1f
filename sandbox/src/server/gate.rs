//! What every request of the API passes: counting, authentication, faults and idempotency.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, StatusCode};

use super::caller::{Caller, authenticate, key_hint};
use super::error::StripeError;
use super::seal::seal;
use super::socket::CutSwitch;
use super::spoil::{refusal, spoil};
use crate::account::{Account, Attempt};
use crate::clock;
use crate::faults::Fault;
use crate::record::RequestRecord;
use crate::state::State;

/// Lets a request through to its handler, or not.
pub(super) async fn gate(
    Shared(state): Shared<Arc<State>>,
    ConnectInfo(switch): ConnectInfo<CutSwitch>,
    request: Request,
    next: Next,
) -> Response {
    let caller = authenticate(&state, request.headers());
    guard(&state, &switch, Some(caller), request, next).await
}

/// Lets a request through that brings no key, or one that its handler looks at; counts calls of OAuth.
pub(super) async fn open_gate(
    Shared(state): Shared<Arc<State>>,
    ConnectInfo(switch): ConnectInfo<CutSwitch>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    if parts.method == Method::POST && !parts.uri.path().ends_with("/authorize") {
        let form = String::from_utf8_lossy(&body);
        state.oauth.count(parts.uri.path(), &form);
    }
    let request = Request::from_parts(parts, Body::from(body));
    guard(&state, &switch, None, request, next).await
}

async fn guard(
    state: &State,
    switch: &CutSwitch,
    caller: Option<Result<Caller, StripeError>>,
    request: Request,
    next: Next,
) -> Response {
    let known = caller.as_ref().and_then(|caller| caller.as_ref().ok());
    let mut visit = state.requests.enter(record(&request, known));
    let verdict = state.faults.judge(
        visit.record.account.as_deref().unwrap_or_default(),
        &endpoint(request.method(), request.uri().path()),
        request.uri().path(),
    );
    let version = request.headers().get("stripe-version").cloned();
    let (delay, fault) = (verdict.delay, verdict.fault.as_ref());
    let response = match (refusal(fault), caller) {
        (Some(refusal), _) if refusal.status() == StatusCode::TOO_MANY_REQUESTS => refusal,
        (Some(refusal), _) => pause(delay, refusal).await,
        (None, Some(Err(error))) => pause(delay, error.into_response()).await,
        (None, Some(Ok(caller))) => {
            let now = state.clock.now();
            carry_out(caller, delay, fault, request, next, now).await
        }
        (None, None) => run(delay, fault, request, next).await,
    };
    let response = seal(
        response,
        &state.token("req_", 14),
        version,
        state.clock.now(),
    );
    let (response, was_cut) = spoil(response, fault, switch).await;
    visit.record.status = if was_cut {
        0
    } else {
        response.status().as_u16()
    };
    response
}

async fn run(delay: Duration, fault: Option<&Fault>, mut request: Request, next: Next) -> Response {
    sleep(delay).await;
    if fault == Some(&Fault::ServerError) {
        return StripeError::server(StatusCode::INTERNAL_SERVER_ERROR).into_response();
    }
    if let Some(fault) = fault {
        request.extensions_mut().insert(fault.clone());
    }
    next.run(request).await
}

/// Runs the handler, once per idempotency key.
async fn carry_out(
    caller: Caller,
    delay: Duration,
    fault: Option<&Fault>,
    mut request: Request,
    next: Next,
    now: DateTime<Utc>,
) -> Response {
    let account = Arc::clone(&caller.account);
    let key =
        header(request.headers(), "idempotency-key").filter(|_| request.method() == Method::POST);
    request.extensions_mut().insert(caller);
    let Some(key) = key else {
        return run(delay, fault, request, next).await;
    };

    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 1 << 20).await else {
        return StripeError::bad_request("The request body is too large.").into_response();
    };
    let shown = [parts.uri.path().as_bytes(), b"\n", &body].concat().into();
    match account.idempotency.begin(&key, &shown) {
        Attempt::Fresh => {}
        Attempt::Replay(status, body) => return replay(status, body),
        Attempt::Running => return StripeError::idempotency_running(&key).into_response(),
        Attempt::Mismatch => return StripeError::idempotency_mismatch(&key).into_response(),
    }
    let claim = Claim {
        account: &account,
        key: &key,
        kept: false,
    };
    let request = Request::from_parts(parts, Body::from(body));
    let response = run(delay, fault, request, next).await;
    claim.keep(response, now).await
}

/// A taken idempotency key; it is freed when the caller hangs up before the outcome.
struct Claim<'a> {
    account: &'a Account,
    key: &'a str,
    kept: bool,
}

impl Claim<'_> {
    async fn keep(mut self, response: Response, now: DateTime<Utc>) -> Response {
        let response = seal(response, "req_firstOutcome", None, now);
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        self.account
            .idempotency
            .finish(self.key, parts.status, body.clone());
        self.kept = true;
        Response::from_parts(parts, Body::from(body))
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.account.idempotency.forget(self.key);
        }
    }
}

fn replay(status: StatusCode, body: Bytes) -> Response {
    (status, [("idempotent-replayed", "true")], body).into_response()
}

async fn pause(delay: Duration, response: Response) -> Response {
    sleep(delay).await;
    response
}

/// Even the shortest sleep takes a tick of the timer, a millisecond, so none must be none.
async fn sleep(delay: Duration) {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}

fn record(request: &Request, caller: Option<&Caller>) -> RequestRecord {
    let headers = request.headers();
    RequestRecord {
        at: clock::wall(),
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        key_hint: key_hint(headers),
        account: caller.map(|caller| caller.account.id.clone()),
        status: 0,
        in_flight: 0,
        version: header(headers, "stripe-version"),
        idempotency_key: header(headers, "idempotency-key"),
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// The operation that a request belongs to: its path without ids.
fn endpoint(method: &Method, path: &str) -> String {
    let segment = |part: &str| {
        if part.contains('_') && part.contains(|c: char| c.is_ascii_digit()) {
            "{id}"
        } else {
            ""
        }
    };
    let parts = path.split('/').map(|part| match segment(part) {
        "" => part,
        id => id,
    });
    format!("{method} {}", parts.collect::<Vec<_>>().join("/"))
}
