//! Exporting as a client does.

use std::time::Duration;

use reqwest::{Client, Method, header::HeaderMap};
use serde_json::{Value, json};
use tests::World;

pub(super) const EXPORT: &str = "
    id format status rows expectedRows bytes downloadUrl failure createdAt startedAt finishedAt expiresAt";

/// Asks for an export; the payload.
pub(super) async fn order(world: &World, input: Value) -> Value {
    let query = format!(
        "mutation($input: ExportPaymentsInput!) {{ exportPayments(input: $input) {{
           export {{ {EXPORT} }} errors {{ __typename message path ... on LimitReachedError {{ limit }} }} }} }}"
    );
    world.data(&query, json!({ "input": input })).await["exportPayments"].take()
}

/// Asks for an export that nothing stands in the way of; its id.
pub(super) async fn ordered(world: &World, input: Value) -> String {
    let payload = order(world, input).await;
    assert_eq!(payload["errors"], json!([]));
    assert_eq!(payload["export"]["status"], "QUEUED");
    payload["export"]["id"].as_str().unwrap().to_owned()
}

/// An export as it is.
pub(super) async fn export(world: &World, id: &str) -> Value {
    let query =
        format!("query($id: ID!) {{ node(id: $id) {{ ... on PaymentExport {{ {EXPORT} }} }} }}");
    world.data(&query, json!({ "id": id })).await["node"].take()
}

/// Calls an export off; the payload.
pub(super) async fn cancel(world: &World, id: &str) -> Value {
    let query = format!(
        "mutation($id: ID!) {{ cancelExport(input: {{ exportId: $id }}) {{
           export {{ {EXPORT} }} errors {{ __typename path }} }} }}"
    );
    world.data(&query, json!({ "id": id })).await["cancelExport"].take()
}

/// Waits until an export has ended; the export.
pub(super) async fn ended(world: &World, id: &str) -> Value {
    let waiting = async {
        loop {
            let export = export(world, id).await;
            if !matches!(export["status"].as_str(), Some("QUEUED" | "RUNNING")) {
                return export;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_mins(1), waiting).await;
    waited.expect("the export ends")
}

/// Waits until an export is ready; the export.
pub(super) async fn ready(world: &World, id: &str) -> Value {
    let export = ended(world, id).await;
    assert_eq!(export["status"], "READY", "{export:#}");
    export
}

/// What came over HTTP.
pub(super) struct File {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

impl File {
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    /// Each line as JSON.
    pub(super) fn lines(&self) -> Vec<Value> {
        let text = self.text();
        assert!(
            text.is_empty() || text.ends_with('\n'),
            "the last line is not whole"
        );
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap()
    }
}

/// A link as it leads to this gateway, which nobody told where it is reached.
pub(super) fn here(world: &World, url: &str) -> String {
    let path = url.strip_prefix(tests::PUBLIC_URL).expect("our public URL");
    world.url(path)
}

/// A client that takes what comes as it is.
pub(super) fn plain() -> Client {
    let client = Client::builder().no_proxy().no_gzip();
    client.build().unwrap()
}

/// Fetches a link without a token: with this coding, or else with the one that the client likes and decodes.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are clients of the gateway, not of Stripe"
)]
pub(super) async fn fetch(world: &World, method: Method, url: &str, coding: Option<&str>) -> File {
    let url = here(world, url);
    let request = match coding {
        Some(coding) => plain()
            .request(method, url)
            .header("accept-encoding", coding),
        None => world.http.request(method, url),
    };
    let response = request.send().await.unwrap();
    File {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        bytes: response.bytes().await.unwrap().to_vec(),
    }
}

/// The file of an export that is ready.
pub(super) async fn file(world: &World, export: &Value) -> File {
    let url = export["downloadUrl"].as_str().expect("a link");
    let file = fetch(world, Method::GET, url, None).await;
    assert_eq!(file.status, 200, "{}", file.text());
    file
}

/// Exports and fetches: the lines.
pub(super) async fn exported(world: &World, filter: &Value) -> Vec<Value> {
    let id = ordered(world, json!({ "filter": filter, "format": "JSONL" })).await;
    let export = ready(world, &id).await;
    let file = file(world, &export).await;
    assert_eq!(export["bytes"], file.bytes.len().to_string());
    let lines = file.lines();
    assert_eq!(export["rows"], lines.len().to_string());
    // What is not needed any more makes room for others.
    cancel(world, &id).await;
    lines
}
