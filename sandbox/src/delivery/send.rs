//! The runner: takes what is ready and posts it, many at a time.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, USER_AGENT};
use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use tokio_util::sync::CancellationToken;

use super::board::Next;
use super::{Job, sign};
use crate::lock::lock;
use crate::state::State;

/// How long an endpoint may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Delivers until told to stop.
pub(crate) async fn run(client: Client, state: Arc<State>, stop: CancellationToken) {
    let delivery = &state.delivery;
    loop {
        match delivery.next() {
            Next::Deliver(job) => {
                tokio::spawn(attempt(Arc::clone(&state), client.clone(), *job));
            }
            Next::Wait(until) => {
                let pause = async {
                    match until {
                        Some(at) => tokio::time::sleep_until(at.into()).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = delivery.changed() => {}
                    () = pause => {}
                    () = stop.cancelled() => return,
                }
            }
        }
    }
}

async fn attempt(state: Arc<State>, client: Client, job: Job) {
    let delivery = &state.delivery;
    let Some(address) = Address::of(&job) else {
        return delivery.gone();
    };
    if !address.is_enabled {
        return delivery.disabled(job);
    }
    let body = job.event.body(&address.version, address.is_connect);
    let signature = sign(&address.secret, state.clock.now().timestamp(), &body);
    let request = client
        .post(delivery.routed(&address.url))
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .header(USER_AGENT, "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .header("stripe-signature", signature)
        .body(body);
    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox has a client of its own"
    )]
    let answer = request.send().await;
    let status = match answer {
        Ok(answer) => {
            let status = answer.status().as_u16();
            // Read to its end, the connection can be used again.
            let _ = answer.bytes().await;
            status
        }
        Err(_) => 0,
    };
    delivery.answered(job, status);
}

/// Where a delivery goes just now, and how it is written for there.
struct Address {
    url: String,
    secret: String,
    version: String,
    is_connect: bool,
    is_enabled: bool,
}

impl Address {
    fn of(job: &Job) -> Option<Self> {
        let owner = &job.target.owner;
        let endpoints = lock(&owner.webhooks);
        let endpoint = endpoints.find(&job.target.endpoint)?;
        let version = endpoint.api_version.as_ref();
        Some(Self {
            url: endpoint.url.clone(),
            secret: endpoint.secret.clone(),
            version: version.unwrap_or(&owner.api_version).clone(),
            is_connect: endpoint.application.is_some(),
            is_enabled: endpoint.is_enabled(),
        })
    }
}

/// A client that trusts nobody: endpoints on this machine speak plain HTTP.
pub(crate) fn client() -> anyhow::Result<Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .http1_only()
        .no_proxy()
        .redirect(Policy::none())
        .pool_max_idle_per_host(64)
        .tcp_nodelay(true)
        .timeout(PATIENCE)
        .build()?;
    Ok(client)
}
