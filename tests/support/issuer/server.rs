//! An OpenID Connect issuer, as far as a resource server sees it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use super::HostKey;

/// The headers of an answer.
type Headers = [(&'static str, String)];

/// A status, headers and a body.
type Answer = (StatusCode, Vec<(&'static str, String)>, String);

/// What the issuer does.
struct Conduct {
    discovery: Value,
    keys: Value,
    /// What it answers instead of its keys.
    instead: Option<Answer>,
    asked: usize,
}

/// A running issuer; it ends with the test.
pub struct Issuer {
    address: SocketAddr,
    conduct: Arc<Mutex<Conduct>>,
    serving: JoinHandle<()>,
}

impl Issuer {
    /// Starts an issuer that publishes these keys.
    pub async fn start(keys: &[&HostKey]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let url = format!("http://{address}/tenant");
        let conduct = Arc::new(Mutex::new(Conduct {
            discovery: json!({ "issuer": url, "jwks_uri": format!("{url}/jwks"), "more": true }),
            keys: published(keys),
            instead: None,
            asked: 0,
        }));
        let routes = Router::new()
            .route("/tenant/.well-known/openid-configuration", get(discovery))
            .route("/tenant/jwks", get(jwks))
            .with_state(Arc::clone(&conduct));
        let serving = tokio::spawn(async move {
            axum::serve(listener, routes)
                .await
                .expect("the issuer serves");
        });
        Self {
            address,
            conduct,
            serving,
        }
    }

    /// What its tokens have as `iss`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/tenant", self.address)
    }

    /// The settings of a gateway that takes its tokens.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("INLET_HOST__ISSUER", self.url()),
            ("INLET_HOST__AUDIENCE", "inlet".to_owned()),
        ]
    }

    /// Publishes other keys from now on.
    pub fn publish(&self, keys: &[&HostKey]) {
        self.lock().keys = published(keys);
    }

    /// Publishes whatever from now on.
    pub fn publish_raw(&self, keys: Value) {
        self.lock().keys = keys;
    }

    /// Tells this of itself from now on.
    pub fn tell(&self, name: &str, value: &str) {
        self.lock().discovery[name] = value.into();
    }

    /// Answers with this instead of its keys; with none, as it should again.
    pub fn answer(&self, instead: Option<(u16, &Headers, String)>) {
        self.lock().instead = instead.map(|(status, headers, body)| {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, headers.to_vec(), body)
        });
    }

    /// How often its keys were asked for.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.lock().asked
    }

    fn lock(&self) -> MutexGuard<'_, Conduct> {
        lock(&self.conduct)
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock(conduct: &Mutex<Conduct>) -> MutexGuard<'_, Conduct> {
    conduct.lock().unwrap_or_else(PoisonError::into_inner)
}

fn published(keys: &[&HostKey]) -> Value {
    json!({ "keys": keys.iter().map(|key| key.public()).collect::<Vec<_>>() })
}

async fn discovery(State(conduct): State<Arc<Mutex<Conduct>>>) -> Json<Value> {
    Json(lock(&conduct).discovery.clone())
}

async fn jwks(State(conduct): State<Arc<Mutex<Conduct>>>) -> Response {
    let mut conduct = lock(&conduct);
    conduct.asked += 1;
    let Some((status, headers, body)) = &conduct.instead else {
        return Json(conduct.keys.clone()).into_response();
    };
    let mut response = (*status, body.clone()).into_response();
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(*name, value.parse().expect("a header"));
    }
    response
}
