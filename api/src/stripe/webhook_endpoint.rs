//! The webhook endpoints of an account (Stripe contract sections 4.1 and 4.2).

use std::{collections::BTreeMap, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;

use super::{
    client::StripeClient,
    credential::Credential,
    error::{StripeError, StripeErrorKind},
    object::lenient,
    request::{Body, Request},
    version::API_VERSION,
};

const PATH: &str = "/v1/webhook_endpoints";

const EVENTS: &str = "enabled_events[]";

/// More endpoints than an account can have: a list that goes on for longer is none.
const MOST_PAGES: usize = 10;

/// A creation that takes longer is asked for again, which is safe by its key.
const ONE_CREATION: Duration = Duration::from_secs(4);

/// An endpoint as lists show it; the secret is never among what they show.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WebhookEndpoint {
    /// `we_…`
    pub id: String,
    /// Where it sends events to.
    #[serde(default)]
    pub url: String,
    /// `enabled` or `disabled`.
    #[serde(default)]
    pub status: String,
    /// What it sends; `*` for nearly everything.
    #[serde(default)]
    pub enabled_events: Vec<String>,
    /// The shape of what it sends; none for the account's own.
    pub api_version: Option<String>,
    /// Set where it sends the events of connected accounts.
    pub application: Option<String>,
    /// Unix seconds.
    #[serde(default)]
    pub created: i64,
    /// What its maker wrote on it.
    #[serde(default, deserialize_with = "lenient::metadata")]
    pub metadata: BTreeMap<String, String>,
}

/// An endpoint to be made.
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    /// Where to send events to.
    pub url: String,
    /// What to send.
    pub enabled_events: Vec<&'static str>,
    /// What the merchant reads in the dashboard.
    pub description: &'static str,
    /// Written on it, each name with its brackets: `metadata[…]`.
    pub metadata: Vec<(String, String)>,
    /// The same for every attempt at this endpoint, which brings the same endpoint and secret.
    pub idempotency_key: String,
}

/// An endpoint that was made, with what Stripe says only now.
#[derive(Debug)]
pub struct CreatedEndpoint {
    /// The endpoint.
    pub endpoint: WebhookEndpoint,
    /// `whsec_…`
    pub secret: SecretString,
}

#[derive(Deserialize)]
struct Created {
    #[serde(flatten)]
    endpoint: WebhookEndpoint,
    secret: SecretString,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<WebhookEndpoint>,
    has_more: bool,
}

#[derive(Deserialize)]
struct AnyAnswer {}

impl WebhookEndpoint {
    /// Whether it sends anything at all.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.status != "disabled"
    }

    /// Whether it sends the events of connected accounts: a platform's own.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.application.is_some()
    }

    /// Which of these types it does not send.
    #[must_use]
    pub fn lacks(&self, wanted: &[&str]) -> Vec<String> {
        let all = self.enabled_events.iter().any(|event| event == "*");
        let sends = |kind: &str| all || self.enabled_events.iter().any(|event| event == kind);
        wanted
            .iter()
            .filter(|kind| !sends(kind))
            .map(|kind| (*kind).to_owned())
            .collect()
    }
}

impl NewEndpoint {
    fn request(&self, api_version: Option<&str>) -> Request {
        let mut fields = vec![("url".to_owned(), self.url.clone())];
        let events = self.enabled_events.iter();
        fields.extend(events.map(|event| (EVENTS.to_owned(), (*event).to_owned())));
        fields.push(("description".to_owned(), self.description.to_owned()));
        fields.extend(self.metadata.iter().cloned());
        let mut key = self.idempotency_key.clone();
        if let Some(version) = api_version {
            fields.push(("api_version".to_owned(), version.to_owned()));
        } else {
            // Another body needs another key.
            key.push_str("-unpinned");
        }
        Request::post_with_key(PATH, Body::Fields(fields), key)
    }
}

impl StripeClient {
    /// Every webhook endpoint of the account, newest first.
    pub async fn list_webhook_endpoints(
        &self,
        credential: &Credential,
    ) -> Result<Vec<WebhookEndpoint>, StripeError> {
        let mut all: Vec<WebhookEndpoint> = Vec::new();
        for _ in 0..MOST_PAGES {
            let mut query = vec![("limit", "100".to_owned())];
            if let Some(last) = all.last() {
                query.push(("starting_after", last.id.clone()));
            }
            let page: Page = self.fetch(credential, &Request::get(PATH, query)).await?;
            let ended = !page.has_more || page.data.is_empty();
            all.extend(page.data);
            if ended {
                break;
            }
        }
        Ok(all)
    }

    /// One webhook endpoint, where it still stands.
    pub async fn find_webhook_endpoint(
        &self,
        credential: &Credential,
        id: &str,
    ) -> Result<Option<WebhookEndpoint>, StripeError> {
        let request = Request::get(format!("{PATH}/{id}"), Vec::new());
        match self.fetch(credential, &request).await {
            Err(error) if is_gone(&error) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Makes a webhook endpoint that sends our version; where the account cannot have it, one that sends the account's.
    pub async fn create_webhook_endpoint(
        &self,
        credential: &Credential,
        new: &NewEndpoint,
    ) -> Result<CreatedEndpoint, StripeError> {
        let pinned = new.request(Some(API_VERSION));
        let created: Created = match self.fetch_within(credential, &pinned, ONE_CREATION).await {
            Err(error) if error.kind == StripeErrorKind::VersionRefused => {
                let unpinned = new.request(None);
                self.fetch_within(credential, &unpinned, ONE_CREATION)
                    .await?
            }
            answer => answer?,
        };
        Ok(CreatedEndpoint {
            endpoint: created.endpoint,
            secret: created.secret,
        })
    }

    /// Switches a webhook endpoint on again.
    pub async fn enable_webhook_endpoint(
        &self,
        credential: &Credential,
        id: &str,
    ) -> Result<(), StripeError> {
        self.update(
            credential,
            id,
            vec![("disabled".to_owned(), "false".to_owned())],
        )
        .await
    }

    /// Says what a webhook endpoint is to send.
    pub async fn set_webhook_events(
        &self,
        credential: &Credential,
        id: &str,
        events: Vec<String>,
    ) -> Result<(), StripeError> {
        let fields = events.into_iter().map(|event| (EVENTS.to_owned(), event));
        self.update(credential, id, fields.collect()).await
    }

    /// Removes a webhook endpoint; one that is gone already counts as removed.
    pub async fn delete_webhook_endpoint(
        &self,
        credential: &Credential,
        id: &str,
    ) -> Result<(), StripeError> {
        let request = Request::delete(format!("{PATH}/{id}"));
        match self.fetch::<AnyAnswer>(credential, &request).await {
            Err(error) if !is_gone(&error) => Err(error),
            _ => Ok(()),
        }
    }

    async fn update(
        &self,
        credential: &Credential,
        id: &str,
        fields: Vec<(String, String)>,
    ) -> Result<(), StripeError> {
        let request = Request::post(format!("{PATH}/{id}"), Body::Fields(fields));
        let _: AnyAnswer = self.fetch(credential, &request).await?;
        Ok(())
    }
}

fn is_gone(error: &StripeError) -> bool {
    matches!(error.kind, StripeErrorKind::NotFound { .. })
}
