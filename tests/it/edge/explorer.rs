//! GraphiQL for people, and the addresses around it.

use reqwest::redirect::Policy;
use tests::World;

use super::ask::{Reply, embedded};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn get(world: &World, path: &str, accept: &str) -> Reply {
    Reply::to(world.http.get(world.url(path)).header("accept", accept)).await
}

/// The values of `src` and `href`.
fn links(html: &str) -> Vec<&str> {
    let behind = |name: &str| {
        html.split(name)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect::<Vec<_>>()
    };
    let mut links = behind("src=\"");
    links.extend(behind("href=\""));
    links.retain(|link| !link.starts_with("data:"));
    links
}

#[tokio::test]
async fn a_browser_gets_graphiql_with_all_that_it_loads() {
    let world = embedded().await;

    let page = get(&world, "/graphql", BROWSER).await;

    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let links = links(&page.text);
    assert!(links.len() >= 6, "{links:?}");
    for link in links {
        assert!(
            link.starts_with("/graphql/explorer/"),
            "{link} is not served from here"
        );
        let file = get(&world, link, "*/*").await;
        assert_eq!(file.status, 200, "{link}");
        let media = if link.contains(".css") {
            "text/css"
        } else {
            "text/javascript"
        };
        assert!(file.header("content-type").starts_with(media), "{link}");
        assert!(!file.text.is_empty(), "{link}");
        assert_eq!(file.header("x-content-type-options"), "nosniff", "{link}");
    }
    world.end().await;
}

#[tokio::test]
async fn nothing_but_what_is_served_here_runs_in_the_page() {
    let world = embedded().await;

    let page = get(&world, "/graphql", BROWSER).await;

    let policy = page.header("content-security-policy");
    for rule in [
        "default-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    ] {
        assert!(policy.contains(rule), "{rule} is not in {policy}");
    }
    for rule in policy
        .split(';')
        .filter(|rule| rule.contains("script") || rule.contains("default"))
    {
        assert!(!rule.contains("unsafe") && !rule.contains('*'), "{rule}");
    }
    let scripts = page.text.split("<script").skip(1);
    assert!(
        scripts
            .into_iter()
            .all(|script| script.starts_with(" src=")),
        "the policy would block a script in the page"
    );
    assert!(!page.text.contains(" onload=") && !page.text.contains(" onclick="));
    world.end().await;
}

#[tokio::test]
async fn a_browser_s_query_is_answered_and_not_shown() {
    let world = embedded().await;

    let reply = get(&world, "/graphql?query=%7B__typename%7D", BROWSER).await;

    assert_eq!(
        (reply.status, reply.text.as_str()),
        (200, r#"{"data":{"__typename":"Query"}}"#)
    );
    world.end().await;
}

#[tokio::test]
async fn the_root_leads_to_graphql_and_other_paths_nowhere() {
    let world = embedded().await;
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .build()
        .unwrap();

    let root = Reply::to(client.get(world.url("/"))).await;
    assert_eq!((root.status, root.header("location")), (307, "/graphql"));
    for path in [
        "/nothing",
        "/graphql/",
        "/graphql/nothing",
        "/GRAPHQL",
        "/healthz/x",
        "/.env",
        "/graphql/../etc/passwd",
    ] {
        let reply = get(&world, path, "*/*").await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.json()["error"]["code"], "NOT_FOUND", "{path}");
        assert!(reply.header("x-request-id").starts_with("req_"), "{path}");
    }
    for path in [
        "/graphql/explorer/",
        "/graphql/explorer/index.html",
        "/graphql/explorer/..%2f..%2fCargo.toml",
        "/graphql/explorer/%00",
    ] {
        assert_eq!(get(&world, path, "*/*").await.status, 404, "{path}");
    }
    world.end().await;
}
