//! Pages of other origins, by the way of browsers.

use reqwest::Method;
use serde_json::json;
use tests::World;

use super::ask::{Reply, embedded, embedded_with};

const APP: &str = "https://app.example";

async fn preflight(world: &World, path: &str, origin: &str) -> Reply {
    let request = world
        .http
        .request(Method::OPTIONS, world.url(path))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        );
    Reply::to(request).await
}

async fn ask(world: &World, origin: &str, token: &str) -> Reply {
    let request = world.http.post(world.url("/graphql"));
    let request = request.bearer_auth(token).header("origin", origin);
    Reply::to(request.json(&json!({ "query": "{ __typename }" }))).await
}

#[tokio::test]
async fn pages_of_known_origins_may_call() {
    let world = embedded_with(&[("INLET_SERVER__CORS_ORIGINS", APP)]).await;

    for path in ["/graphql", "/graphql/stream"] {
        let before = preflight(&world, path, APP).await;
        assert_eq!(before.status, 200, "{}", before.text);
        assert_eq!(before.header("access-control-allow-origin"), APP);
        let methods = before.header("access-control-allow-methods");
        assert!(
            methods.contains("POST") && methods.contains("GET"),
            "{methods}"
        );
        let headers = before.header("access-control-allow-headers");
        assert_eq!(headers, "authorization,content-type");
        // There are no cookies to be sent.
        assert_eq!(before.header("access-control-allow-credentials"), "");
    }
    for token in [world.token.as_str(), "x"] {
        let reply = ask(&world, APP, token).await;
        assert_eq!(reply.header("access-control-allow-origin"), APP);
        assert!(reply.header("vary").contains("origin"));
        let shown = reply.header("access-control-expose-headers");
        assert!(shown.contains("x-request-id"), "{shown}");
    }
    let file = world
        .http
        .get(world.url("/exports/x?expires=1&signature=x"));
    let file = Reply::to(file.header("origin", APP)).await;
    assert_eq!(file.header("access-control-allow-origin"), APP);
    let shown = file.header("access-control-expose-headers");
    assert!(shown.contains("content-disposition"), "{shown}");
    world.end().await;
}

#[tokio::test]
async fn pages_of_other_origins_may_not() {
    let (closed, open) = (
        embedded().await,
        embedded_with(&[("INLET_SERVER__CORS_ORIGINS", APP)]).await,
    );

    for (world, origin) in [
        (&closed, APP),
        (&open, "https://evil.example"),
        (&open, "null"),
    ] {
        let before = preflight(world, "/graphql", origin).await;
        let reply = ask(world, origin, &world.token).await;
        assert_eq!(before.header("access-control-allow-origin"), "", "{origin}");
        assert_eq!(reply.header("access-control-allow-origin"), "", "{origin}");
    }
    closed.end().await;
    open.end().await;
}

#[tokio::test]
async fn every_page_may_call_where_the_operator_says_so() {
    let world = embedded_with(&[("INLET_SERVER__CORS_ORIGINS", "*")]).await;

    let before = preflight(&world, "/graphql", "https://any.example").await;

    let allowed = before.header("access-control-allow-origin");
    assert_eq!(allowed, "https://any.example");
    world.end().await;
}
