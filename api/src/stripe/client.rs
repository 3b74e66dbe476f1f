//! The client: what Inlet asks of Stripe.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{Client, redirect};
use serde::de::DeserializeOwned;
use url::{Host, Url};

use super::{
    account::{Account, Balance},
    credential::Credential,
    error::{Outage, StripeError},
    list::ListRequest,
    page::ListPage,
    probe::{self, Probe, ProbeAnswer},
    request::Request,
    retry::{RetryPolicy, with_retries},
    transport::{Reply, Transport},
};
use crate::clock::SharedClock;

/// What a client is made from.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Where the API is; a path before `/v1` is kept.
    pub api_url: Url,
    /// The time for one request, from its connection to the end of its answer.
    pub request_timeout: Duration,
    /// The time for making a connection.
    pub connect_timeout: Duration,
    /// How we name ourselves to Stripe.
    pub user_agent: String,
    /// How interactive calls are tried again.
    pub retry: RetryPolicy,
}

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error(
        "the address of the Stripe API must be an http or https URL without user, query and fragment"
    )]
    Url,
    #[error("the HTTP client for Stripe could not be set up")]
    Http(#[source] reqwest::Error),
}

/// Stripe; clones share the connections.
#[derive(Clone)]
pub struct StripeClient {
    transport: Transport,
    retry: RetryPolicy,
    request_timeout: Duration,
}

impl StripeClient {
    /// Makes the one client of a process; no connection is made yet.
    ///
    /// A rustls crypto provider has to be installed before.
    pub fn new(options: ClientOptions, clock: SharedClock) -> Result<Self, BuildError> {
        let base = base(&options.api_url)?;
        let mut builder = Client::builder()
            .user_agent(options.user_agent)
            .timeout(options.request_timeout)
            .connect_timeout(options.connect_timeout)
            .tcp_keepalive(Duration::from_mins(1))
            .gzip(true)
            // A redirect would carry the key to another host.
            .redirect(redirect::Policy::none());
        if is_loopback(&options.api_url) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(BuildError::Http)?;
        Ok(Self {
            transport: Transport { http, base, clock },
            retry: options.retry,
            request_timeout: options.request_timeout,
        })
    }

    /// Whose credential this is; many restricted keys may not ask (Stripe contract section 2.2).
    pub async fn account(&self, credential: &Credential) -> Result<Account, StripeError> {
        self.fetch(credential, &Request::get("/v1/account", Vec::new()))
            .await
    }

    /// The cheapest way to learn whether a key is valid, and its mode.
    pub async fn balance(&self, credential: &Credential) -> Result<Balance, StripeError> {
        self.fetch(credential, &Request::get("/v1/balance", Vec::new()))
            .await
    }

    /// Finds out whether one row of the permission guide is granted, leaving nothing behind.
    ///
    /// An error means that nothing was found out; it is never a sign of a missing permission.
    pub async fn probe(
        &self,
        credential: &Credential,
        probe: Probe,
    ) -> Result<ProbeAnswer, StripeError> {
        probe::run(self, credential, probe).await
    }

    /// Fetches one page of a list, sending exactly once: imports pace themselves. The object that the page goes on behind
    /// is not in it, even where Stripe repeats it.
    pub async fn list_page(
        &self,
        credential: &Credential,
        list: &ListRequest,
    ) -> Result<ListPage, StripeError> {
        let request = Request::get(list.resource.path(), list.query());
        let reply = self.transport.send_once(credential, &request).await?;
        let mut page = ListPage::read(&reply)?;
        if let Some(before) = &list.starting_after
            && page.objects.len() > 1
            && page.objects[0].id().as_ref() == Some(before)
        {
            page.objects.remove(0);
        }
        Ok(page)
    }

    /// Sends exactly once.
    pub(super) async fn send_once(
        &self,
        credential: &Credential,
        request: &Request,
    ) -> Result<Reply, StripeError> {
        self.transport.send_once(credential, request).await
    }

    /// What OAuth sends through.
    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The time for one request of OAuth, which may not take as long as others.
    pub(super) fn patience(&self, most: Duration) -> Duration {
        self.request_timeout.min(most)
    }

    /// Sends with retries until the answer is a `T`.
    pub(super) async fn fetch<T: DeserializeOwned>(
        &self,
        credential: &Credential,
        request: &Request,
    ) -> Result<T, StripeError> {
        with_retries(&self.retry, || async {
            self.transport.send_once(credential, request).await?.parse()
        })
        .await
    }

    /// The same, where no attempt may take longer than `each`.
    pub(super) async fn fetch_within<T: DeserializeOwned>(
        &self,
        credential: &Credential,
        request: &Request,
        each: Duration,
    ) -> Result<T, StripeError> {
        with_retries(&self.retry, || async {
            let sent = self.transport.send_once(credential, request);
            match tokio::time::timeout(each, sent).await {
                Ok(reply) => reply?.parse(),
                Err(_) => Err(StripeError::unavailable(Outage::Timeout)),
            }
        })
        .await
    }
}

impl fmt::Debug for StripeClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StripeClient")
            .field("base", &self.transport.base)
            .finish_non_exhaustive()
    }
}

fn base(url: &Url) -> Result<Arc<str>, BuildError> {
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if plain {
        Ok(url.as_str().trim_end_matches('/').into())
    } else {
        Err(BuildError::Url)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
