//! Sends a message once, and reads what was answered.

use std::{error::Error as _, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{
    Client, Response,
    header::{self, HeaderMap},
    redirect,
};
use url::Url;

use super::{
    policy::{AddressProblem, Policy},
    resolver::{CheckedResolver, NoAddress},
};

/// Much longer answers are not waited for: nothing in them matters.
const MAX_ANSWER: usize = 16 * 1024;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection is kept for the next message.
const KEPT: Duration = Duration::from_secs(30);

/// How messages are sent.
#[derive(Clone, Debug)]
pub struct SenderOptions {
    /// Where they may go.
    pub policy: Policy,
    /// How long one may take, from looking the name up to the end of the answer.
    pub timeout: Duration,
    /// What we call ourselves.
    pub user_agent: String,
}

/// Sends messages.
pub struct Sender {
    http: Client,
    policy: Arc<Policy>,
    timeout: Duration,
}

/// A message, signed.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Where it goes.
    pub url: &'a Url,
    /// Its id, the same for each attempt.
    pub id: &'a str,
    /// When this attempt is made, in seconds since 1970.
    pub timestamp: i64,
    /// The signatures over id, timestamp and body.
    pub signature: &'a str,
    /// JSON.
    pub body: &'a str,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP's status code.
    pub status: u16,
    /// How long to wait before the next message.
    pub retry_after: Option<TimeDelta>,
}

/// Why there is no answer. The text is for the endpoint's owner: it tells nothing of the network inside.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may not be sent there.
    #[error(transparent)]
    Address(#[from] AddressProblem),
    /// The name has no address, or none that may be sent to.
    #[error("The host has no address on the public internet.")]
    NoAddress,
    /// No connection, or no TLS.
    #[error("No connection could be made, or its certificate is not trusted.")]
    Connect,
    /// It took too long.
    #[error("There was no answer in time.")]
    Timeout,
    /// It was not sent, for a reason of our own.
    #[error("{0}")]
    NotSent(&'static str),
    /// The connection ended before the answer.
    #[error("The connection ended without an answer.")]
    Broken,
}

impl Sender {
    /// Fails where the system has no TLS that can be used.
    pub fn new(options: SenderOptions) -> Result<Self, reqwest::Error> {
        let policy = Arc::new(options.policy);
        let http = Client::builder()
            .user_agent(options.user_agent)
            .timeout(options.timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(options.timeout))
            .pool_idle_timeout(KEPT)
            .pool_max_idle_per_host(1)
            // A proxy would look the name up by itself, and a redirect would lead anywhere.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .dns_resolver(Arc::new(CheckedResolver {
                policy: Arc::clone(&policy),
            }))
            .build()?;
        Ok(Self {
            http,
            policy,
            timeout: options.timeout,
        })
    }

    /// Where messages may go.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// How long a message may take at most.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sends a message exactly once; every answer is one.
    #[expect(
        clippy::disallowed_methods,
        reason = "messages leave the process here and nowhere else"
    )]
    pub async fn send(
        &self,
        message: Message<'_>,
        now: DateTime<Utc>,
    ) -> Result<Answer, SendError> {
        self.policy.check(message.url)?;
        let request = self
            .http
            .post(message.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.timestamp)
            .header("webhook-signature", message.signature)
            .body(message.body.to_owned());
        let response = request.send().await.map_err(|error| failure(&error))?;
        let answer = Answer {
            status: response.status().as_u16(),
            retry_after: retry_after(response.headers(), now),
        };
        finish(response).await;
        Ok(answer)
    }
}

/// Lets an answer that is short come to its end, so that the connection can be used again. What it says does not matter,
/// and neither does how it ends.
async fn finish(mut response: Response) {
    let mut read = 0;
    while read < MAX_ANSWER
        && let Ok(Some(chunk)) = response.chunk().await
    {
        read += chunk.len();
    }
}

fn failure(error: &reqwest::Error) -> SendError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<NoAddress>() {
            return SendError::NoAddress;
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        SendError::Timeout
    } else if error.is_connect() {
        SendError::Connect
    } else {
        SendError::Broken
    }
}

/// Seconds, or a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<TimeDelta> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => TimeDelta::seconds(seconds.into()),
        Err(_) => DateTime::<Utc>::from(httpdate::parse_http_date(text).ok()?) - now,
    };
    (wait > TimeDelta::zero()).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_to_wait_is_said_in_seconds_or_as_a_date() {
        let now = DateTime::from_timestamp(1_445_412_475, 0).unwrap();
        let wait = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers, now)
        };

        assert_eq!(wait("120"), Some(TimeDelta::seconds(120)));
        let date = wait("Wed, 21 Oct 2015 07:28:00 GMT");
        assert_eq!(date, Some(TimeDelta::seconds(5)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:27:00 GMT"), None);
        for text in ["0", "-1", "soon", "99999999999999999999"] {
            assert_eq!(wait(text), None, "{text}");
        }
    }
}
