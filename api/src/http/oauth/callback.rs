//! Back from Stripe.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};
use secrecy::SecretString;

use super::{cookie, page};
use crate::{
    domain::connection::{OAuthAnswer, OAuthCallback, OAuthFailure, OAuthOutcome},
    http::Edge,
};

/// Finishes a flow, also when the browser does not wait for it: a code cannot be exchanged a second time.
pub(super) async fn callback<E: Send + Sync + 'static>(
    State(edge): State<Arc<Edge<E>>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.as_deref();
    let state = page::parameter(query, "state").unwrap_or_default();
    let name = edge.gateway.oauth_cookie(&state);
    let answer = match (
        page::parameter(query, "code"),
        page::parameter(query, "error").as_deref(),
    ) {
        (_, Some("access_denied")) => OAuthAnswer::Denied,
        (Some(code), None) => OAuthAnswer::Code(SecretString::from(code)),
        _ => OAuthAnswer::Other,
    };
    let callback = OAuthCallback {
        state,
        browser: cookie::find(&headers, &name),
        answer,
    };
    let gateway = edge.gateway.clone();
    // The process's end waits for it, as it does for open sockets.
    let finishing = edge
        .sockets
        .spawn(async move { gateway.complete_oauth(callback).await });
    let outcome = finishing.await.unwrap_or_else(|panic| {
        tracing::error!(%panic, "an OAuth callback failed");
        OAuthOutcome {
            result: Err(OAuthFailure::Internal),
            redirect: None,
        }
    });
    answer_to(&outcome)
}

fn answer_to(outcome: &OAuthOutcome) -> Response {
    let redirect = outcome.redirect.as_ref();
    let location = redirect.and_then(|url| HeaderValue::try_from(url.as_str()).ok());
    match (location, outcome.result) {
        (Some(location), _) => {
            (StatusCode::SEE_OTHER, page::GUARDS, [(LOCATION, location)]).into_response()
        }
        (None, Ok(_)) => page::connected(),
        (None, Err(failure)) => page::failed(failure),
    }
}
