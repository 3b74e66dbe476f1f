//! Sends one request and reads its answer; the only place that talks to the network.

use std::{error::Error as _, io, sync::Arc, time::Duration};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use reqwest::{
    Client, Method, Request as HttpRequest, Response, StatusCode,
    header::{self, HeaderMap},
};
use serde::Deserialize;
use url::Url;

use super::{
    classify::{classify, request_id},
    credential::Credential,
    endpoint::Endpoint,
    error::{Outage, StripeError, StripeErrorKind},
    mend::mend,
    redact::redact,
    request::Request,
    version::API_VERSION,
};
use crate::clock::SharedClock;

/// Far above a page of a hundred objects; bounds what a broken answer can cost.
const MAX_ANSWER: usize = 10 * 1024 * 1024;

/// The HTTP client with all that is the same for every request.
#[derive(Clone)]
pub(super) struct Transport {
    pub(super) http: Client,
    /// The address of the API without a slash at its end.
    pub(super) base: Arc<str>,
    pub(super) clock: SharedClock,
}

/// A successful answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) body: String,
    pub(super) status: StatusCode,
    pub(super) request_id: Option<String>,
    /// When what the body says was true at Stripe.
    pub(super) observed_at: DateTime<Utc>,
    /// From the request to the end of its answer.
    pub(super) took: Duration,
}

impl Transport {
    /// Sends the request exactly once, in the credential's pace.
    pub(super) async fn send_once(
        &self,
        credential: &Credential,
        request: &Request,
    ) -> Result<Reply, StripeError> {
        let sent = self.send(credential, request);
        in_pace(credential, request.endpoint(), sent).await
    }

    /// Begins to read a file, in the credential's pace; the whole of it may take this long.
    pub(super) async fn open(
        &self,
        credential: &Credential,
        url: Url,
        whole: Duration,
    ) -> Result<(Response, Option<String>), StripeError> {
        let endpoint = Endpoint::of(&Method::GET, url.path());
        let sent = self.send_for_file(credential, url, whole);
        in_pace(credential, endpoint, sent).await
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "requests leave the process here and nowhere else"
    )]
    async fn send_for_file(
        &self,
        credential: &Credential,
        url: Url,
        whole: Duration,
    ) -> Result<(Response, Option<String>), StripeError> {
        let path = url.path().to_owned();
        let builder = self.http.get(url).timeout(whole);
        let builder = builder.header("Stripe-Version", API_VERSION);
        let sent_at = self.clock.now();
        let response = credential.authorize(builder).send().await;
        let response = response.map_err(|error| StripeError::unavailable(log_failure(error)))?;
        let (status, id) = (response.status(), request_id(response.headers()));
        tracing::debug!(
            status = status.as_u16(),
            path,
            request_id = id,
            "asked Stripe: GET {path}"
        );
        if status.is_success() {
            return Ok((response, id));
        }
        let judged = self.judge(response, sent_at).await;
        Err(judged.map_or_else(|error| error, |reply| reply.not_understood()))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "requests leave the process here and nowhere else"
    )]
    async fn send(&self, credential: &Credential, request: &Request) -> Result<Reply, StripeError> {
        let url = format!("{}{}", self.base, request.path);
        let builder = self.http.request(request.method.clone(), url);
        let builder = builder
            .header("Stripe-Version", API_VERSION)
            .header(header::ACCEPT, "application/json");
        let builder = request.apply(credential.authorize(builder));
        let sent_at = self.clock.now();
        let answer = match builder.send().await {
            Ok(response) => self.judge(response, sent_at).await,
            Err(error) => Err(StripeError::unavailable(log_failure(error))),
        };
        let (status, id) = match &answer {
            Ok(reply) => (Some(reply.status.as_u16()), reply.request_id.as_deref()),
            Err(error) => (error.status, error.request_id.as_deref()),
        };
        let (method, path) = (request.method.as_str(), &*request.path);
        tracing::debug!(
            method,
            path,
            status,
            request_id = id,
            "asked Stripe: {method} {path}"
        );
        answer
    }

    /// Sends a request that is none of the API's, exactly once; every answer is one.
    #[expect(
        clippy::disallowed_methods,
        reason = "requests leave the process here and nowhere else"
    )]
    pub(super) async fn send_raw(&self, request: HttpRequest) -> Result<RawReply, StripeError> {
        let path = request.url().path().to_owned();
        let failed = |error| StripeError::unavailable(log_failure(error));
        let response = self.http.execute(request).await.map_err(failed)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = read(response).await.map_err(StripeError::unavailable)?;
        tracing::debug!(status = status.as_u16(), path, "asked Stripe: {path}");
        Ok(RawReply {
            status,
            headers,
            body,
        })
    }

    /// What an answer that is not a success means.
    pub(super) fn refusal(&self, answer: &RawReply) -> StripeError {
        let body = String::from_utf8_lossy(&answer.body);
        classify(answer.status, &answer.headers, &body, self.clock.now())
    }

    async fn judge(
        &self,
        response: Response,
        sent_at: DateTime<Utc>,
    ) -> Result<Reply, StripeError> {
        let status = response.status();
        let headers = response.headers().clone();
        let body = match read(response).await {
            Ok(body) => mend(body),
            // These are judged by their status alone, so a lost body changes nothing.
            Err(_) if matches!(status.as_u16(), 401 | 409 | 429 | 500..) => String::new(),
            Err(outage) => {
                return Err(StripeError {
                    status: Some(status.as_u16()),
                    request_id: request_id(&headers),
                    ..StripeError::unavailable(outage)
                });
            }
        };
        if !status.is_success() {
            return Err(classify(status, &headers, &body, self.clock.now()));
        }
        let observed_at = observed_at(&headers, sent_at);
        Ok(Reply {
            body,
            status,
            request_id: request_id(&headers),
            observed_at,
            took: (self.clock.now() - sent_at).to_std().unwrap_or_default(),
        })
    }
}

/// Makes a request in the pace of its credential, if that has one.
async fn in_pace<T>(
    credential: &Credential,
    endpoint: Endpoint,
    request: impl Future<Output = Result<T, StripeError>>,
) -> Result<T, StripeError> {
    match credential.pace() {
        Some(paced) => paced.request(endpoint, request).await,
        None => request.await,
    }
}

/// An answer as it came.
pub(super) struct RawReply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// Reads the body as `T`; what is not understood counts as no answer at all.
    pub(super) fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, StripeError> {
        serde_json::from_str(&self.body).map_err(|_| self.not_understood())
    }

    /// The failure for a body that is not what was asked for.
    pub(super) fn not_understood(&self) -> StripeError {
        StripeError {
            kind: StripeErrorKind::Unavailable(Outage::NotUnderstood),
            status: Some(self.status.as_u16()),
            request_id: self.request_id.clone(),
            retry_hint: None,
        }
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, Outage> {
    let told = response.content_length().unwrap_or_default();
    let mut body = Vec::with_capacity(usize::try_from(told).unwrap_or_default().min(MAX_ANSWER));
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(chunk)) if body.len() + chunk.len() > MAX_ANSWER => {
                return Err(Outage::TooLarge);
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => return Err(outage(&error, Outage::Truncated)),
        }
    }
}

fn log_failure(error: reqwest::Error) -> Outage {
    let outage = outage(&error, Outage::Reset);
    let cause = error.without_url().to_string();
    tracing::debug!(cause = %redact(&cause), "no answer from Stripe: {outage}");
    outage
}

/// Stripe's own clock where it is ahead, but never earlier than the question was put.
///
/// `Date` has whole seconds, so it alone would call an answer older than the request.
fn observed_at(headers: &HeaderMap, sent_at: DateTime<Utc>) -> DateTime<Utc> {
    let date = headers
        .get(header::DATE)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| httpdate::parse_http_date(text).ok())
        .map(DateTime::<Utc>::from);
    let observed_at = date
        .map_or(sent_at, |date| date.max(sent_at))
        .trunc_subsecs(6);
    // The last microsecond of a second is where events' bodies stand.
    if observed_at.timestamp_subsec_micros() == 999_999 {
        observed_at - TimeDelta::microseconds(1)
    } else {
        observed_at
    }
}

fn outage(error: &reqwest::Error, otherwise: Outage) -> Outage {
    if error.is_connect() {
        return Outage::Connect;
    }
    if error.is_timeout() {
        return Outage::Timeout;
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.downcast_ref::<io::Error>().map(io::Error::kind)
            == Some(io::ErrorKind::ConnectionReset)
        {
            return Outage::Reset;
        }
        cause = inner.source();
    }
    otherwise
}
