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
    let (owner, event) = (&job.target.owner, &job.event);
    let endpoint = lock(&owner.webhooks).find(&job.target.endpoint).cloned();
    let Some(endpoint) = endpoint else {
        return delivery.gone();
    };
    if !endpoint.is_enabled() {
        return delivery.disabled(job);
    }
    let version = endpoint.api_version.as_deref();
    let names_account = endpoint.application.is_some();
    let body = event.body(version.unwrap_or(&owner.api_version), names_account);
    let signature = sign(&endpoint.secret, state.clock.now().timestamp(), &body);
    let request = client
        .post(delivery.routed(&endpoint.url))
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
