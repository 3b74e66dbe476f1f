//! A sandbox with one account, and a client that holds its key.

use std::sync::Once;

use reqwest::{Client, Response};
use sandbox::{AccountSpec, Grants, Options, Sandbox};
use serde_json::Value;

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) account: String,
    pub(crate) key: String,
    pub(crate) client: Client,
}

pub(crate) async fn world(payments: usize) -> World {
    world_of(AccountSpec::with_payments(payments)).await
}

pub(crate) async fn world_of(spec: AccountSpec) -> World {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let account = sandbox.add_account(spec);
    let key = sandbox.create_key(&account, Grants::All);
    World {
        sandbox,
        account,
        key,
        client: client(),
    }
}

pub(crate) fn client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        rustls::crypto::ring::default_provider()
            .install_default()
            .unwrap();
    });
    Client::new()
}

impl World {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url())
    }

    pub(crate) async fn response(&self, path: &str) -> Response {
        self.client
            .get(self.url(path))
            .bearer_auth(&self.key)
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.response(path).await).await
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let request = self
            .client
            .post(self.url(path))
            .bearer_auth(&self.key)
            .form(form);
        answer(request.send().await.unwrap()).await
    }

    /// Every object of a list, page by page.
    pub(crate) async fn all(&self, path: &str, limit: usize) -> Vec<Value> {
        self.first(usize::MAX, path, limit).await
    }

    /// The objects of a list, page by page, until there are so many.
    pub(crate) async fn first(&self, enough: usize, path: &str, limit: usize) -> Vec<Value> {
        let mut found: Vec<Value> = Vec::new();
        loop {
            let cursor = found
                .last()
                .map(|last| format!("&starting_after={}", id(last)))
                .unwrap_or_default();
            let joint = if path.contains('?') { '&' } else { '?' };
            let (status, page) = self
                .get(&format!("{path}{joint}limit={limit}{cursor}"))
                .await;
            assert_eq!(status, 200, "{page}");
            let rows = page["data"].as_array().unwrap();
            found.extend(rows.iter().cloned());
            if page["has_more"] == false || found.len() >= enough {
                return found;
            }
            assert_eq!(rows.len(), limit, "only the last page may be short");
        }
    }
}

pub(crate) async fn answer(response: Response) -> (u16, Value) {
    (
        response.status().as_u16(),
        response.json().await.unwrap_or_default(),
    )
}

pub(crate) fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}
