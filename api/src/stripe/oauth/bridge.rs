//! Lets `oauth2` send through our own client: one set of connections, one TLS stack, time limits.

use std::{pin::Pin, time::Duration};

use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Request, StatusCode};
use serde::Deserialize;

use crate::stripe::{
    StripeError,
    error::{Outage, StripeErrorKind},
    transport::Transport,
};

/// The client, and how long a request may take.
pub(super) struct Bridge<'t> {
    pub(super) transport: &'t Transport,
    pub(super) patience: Duration,
}

/// OAuth's form of an error, which is not that of the rest of the API (Stripe contract section 3.1).
#[derive(Deserialize)]
pub(super) struct OAuthError {
    pub(super) error: String,
    pub(super) error_description: Option<String>,
}

impl<'c> AsyncHttpClient<'c> for Bridge<'_> {
    type Error = StripeError;

    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, StripeError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl Bridge<'_> {
    /// An answer that is OAuth's, success or refusal; all others are errors.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, StripeError> {
        let mut request = Request::try_from(request).map_err(|_| not_sent())?;
        *request.timeout_mut() = Some(self.patience);
        let answer = self.transport.send_raw(request).await?;
        let is_oauth = match answer.status {
            StatusCode::OK => true,
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => {
                serde_json::from_slice::<OAuthError>(&answer.body).is_ok()
            }
            _ => false,
        };
        if !is_oauth {
            return Err(self.transport.refusal(&answer));
        }
        let mut response = HttpResponse::new(answer.body);
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}

fn not_sent() -> StripeError {
    StripeError {
        kind: StripeErrorKind::Unavailable(Outage::Connect),
        status: None,
        request_id: None,
        retry_hint: None,
    }
}
