//! Asking, where a test looks at answers that are errors.

use api::app::{NewTokenOrder, create_token};
use reqwest::RequestBuilder;
use secrecy::ExposeSecret;
use serde_json::Value;
use tests::{Backend, World, WorldOptions};

/// A world where the kind of database does not matter.
pub(super) async fn embedded() -> World {
    World::start(Backend::embedded(), WorldOptions::default()).await
}

/// The same with settings.
pub(super) async fn embedded_with(variables: &[(&'static str, &str)]) -> World {
    let variables = variables
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    World::start(
        Backend::embedded(),
        WorldOptions {
            variables,
            ..WorldOptions::default()
        },
    )
    .await
}

/// A token of a workspace, with these scopes or all.
pub(crate) async fn token_of(world: &World, workspace: &str, scopes: &[&str]) -> String {
    let order = NewTokenOrder {
        workspace: workspace.to_owned(),
        name: "test".to_owned(),
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        expires_in: None,
    };
    create_token(&world.server.app, order)
        .await
        .unwrap()
        .expose_secret()
        .to_owned()
}

/// An answer with everything that HTTP says.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: reqwest::header::HeaderMap,
    pub(super) text: String,
}

impl Reply {
    /// Sends a request.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are clients of the gateway, not of Stripe"
    )]
    pub(super) async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self {
            status,
            headers,
            text: response.text().await.unwrap(),
        }
    }

    /// A header; empty where there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The body, which must be JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The code of the first error.
    pub(crate) fn code(&self) -> String {
        code(&self.json()).to_owned()
    }
}

/// The code of the first error of an answer.
pub(crate) fn code(body: &Value) -> &str {
    body["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("no code: {body:#}"))
}

/// The message of the first error of an answer.
pub(crate) fn message(body: &Value) -> &str {
    body["errors"][0]["message"]
        .as_str()
        .unwrap_or_else(|| panic!("no message: {body:#}"))
}
