//! What every request of the API passes: counting, authentication, faults and idempotency.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
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
    let mut visit = state.requests.enter(record(&request, caller.as_ref().ok()));
    let verdict = state.faults.judge(
        visit.record.account.as_deref().unwrap_or_default(),
        &endpoint(request.method(), request.uri().path()),
        request.uri().path(),
    );
    let version = request.headers().get("stripe-version").cloned();
    let response = match refusal(verdict.fault.as_ref()) {
        Some(refusal) if refusal.status() == StatusCode::TOO_MANY_REQUESTS => refusal,
        Some(refusal) => pause(verdict.delay, refusal).await,
        None => match caller {
            Err(error) => pause(verdict.delay, error.into_response()).await,
            Ok(caller) => {
                carry_out(caller, verdict.delay, verdict.fault.as_ref(), request, next).await
            }
        },
    };
    let response = seal(response, &state.token("req_", 14), version);
    let (response, was_cut) = spoil(response, verdict.fault.as_ref(), &switch).await;
    visit.record.status = if was_cut {
        0
    } else {
        response.status().as_u16()
    };
    response
}

/// Runs the handler, once per idempotency key.
async fn carry_out(
    caller: Caller,
    delay: Duration,
    fault: Option<&Fault>,
    mut request: Request,
    next: Next,
) -> Response {
    let account = Arc::clone(&caller.account);
    let key =
        header(request.headers(), "idempotency-key").filter(|_| request.method() == Method::POST);
    request.extensions_mut().insert(caller);
    let run = async |request: Request| {
        sleep(delay).await;
        if fault == Some(&Fault::ServerError) {
            return StripeError::server(StatusCode::INTERNAL_SERVER_ERROR).into_response();
        }
        next.run(request).await
    };
    let Some(key) = key else {
        return run(request).await;
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
    let response = run(Request::from_parts(parts, Body::from(body))).await;
    claim.keep(response).await
}

/// A taken idempotency key; it is freed when the caller hangs up before the outcome.
struct Claim<'a> {
    account: &'a Account,
    key: &'a str,
    kept: bool,
}

impl Claim<'_> {
    async fn keep(mut self, response: Response) -> Response {
        let response = seal(response, "req_firstOutcome", None);
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
        at: clock::now(),
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
