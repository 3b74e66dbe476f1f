//! Documents that are named by their hash, and the only ones that are trusted.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::{Program, World, on_every_backend};

use super::ask::{Reply, embedded, embedded_with};

const QUERY: &str = "query Who { viewer { workspace { name } } }";

fn hash(query: &str) -> String {
    hex::encode(Sha256::digest(query.as_bytes()))
}

fn named(hash: &str, query: Option<&str>) -> Value {
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    match query {
        Some(query) => json!({ "query": query, "extensions": extensions }),
        None => json!({ "extensions": extensions }),
    }
}

async fn post(world: &World, url: &str, token: Option<&str>, body: &Value) -> Reply {
    let request = world.http.post(format!("{url}/graphql"));
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let request = request.header("accept", "application/graphql-response+json");
    Reply::to(request.json(body)).await
}

async fn ask(world: &World, body: &Value) -> Reply {
    post(world, &world.url(""), Some(&world.token), body).await
}

on_every_backend! {
    async fn a_query_that_was_sent_once_is_named_from_then_on(world: &World) {
        let unknown = ask(world, &named(&hash(QUERY), None)).await;
        let sent = ask(world, &named(&hash(QUERY), Some(QUERY))).await;
        let known = ask(world, &named(&hash(QUERY), None)).await;
        let extensions = named(&hash(QUERY), None)["extensions"].to_string();
        let got = world.http.get(world.url("/graphql")).query(&[("extensions", extensions)]);
        let got = Reply::to(got.bearer_auth(&world.token).header("accept", "application/json")).await;

        let error = &unknown.json()["errors"][0];
        assert_eq!(error["message"], "PersistedQueryNotFound", "what Apollo's clients look for");
        assert_eq!(unknown.code(), "PERSISTED_QUERY_NOT_FOUND");
        for reply in [&sent, &known, &got] {
            assert_eq!(reply.json()["data"]["viewer"]["workspace"]["name"], "default", "{}", reply.text);
        }
    }

    async fn a_hash_of_something_else_is_refused(world: &World) {
        let other = ask(world, &named(&hash("{ viewer { scopes } }"), Some(QUERY))).await;
        let odd = ask(world, &json!({ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": "x" } } })).await;
        let list = ask(world, &json!({ "extensions": { "persistedQuery": [] } })).await;

        for reply in [&other, &odd, &list] {
            assert_eq!((reply.status, reply.code().as_str()), (400, "BAD_USER_INPUT"), "{}", reply.text);
        }
        assert_eq!(ask(world, &named(&hash("{ viewer { scopes } }"), None)).await.code(), "PERSISTED_QUERY_NOT_FOUND");
    }

    async fn strangers_keep_nothing(world: &World) {
        let query = "{ __typename }";
        let url = world.url("");

        let sent = post(world, &url, None, &named(&hash(query), Some(query))).await;
        let named = post(world, &url, None, &named(&hash(query), None)).await;

        assert_eq!(sent.status, 200, "{}", sent.text);
        assert_eq!(named.code(), "PERSISTED_QUERY_NOT_FOUND");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_process_was_sent_another_knows() {
    let Some(backend) = tests::Backend::shared().await else {
        return;
    };
    let world = World::start(backend, tests::WorldOptions::default()).await;
    let other = Program::start(&world.variables(), &world.http).await;
    ask(&world, &named(&hash(QUERY), Some(QUERY))).await;

    let there = post(
        &world,
        &other.url,
        Some(&world.token),
        &named(&hash(QUERY), None),
    )
    .await;

    assert_eq!(
        there.json()["data"]["viewer"]["workspace"]["name"],
        "default",
        "{}",
        there.text
    );
    other.kill().await;
    world.end().await;
}

#[tokio::test]
async fn where_documents_are_trusted_no_others_are_executed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("documents.json");
    std::fs::write(&file, json!({ "Who": QUERY }).to_string()).unwrap();
    let world = embedded_with(&[("INLET_LIMITS__TRUSTED_DOCUMENTS", file.to_str().unwrap())]).await;

    for allowed in [named("Who", None), json!({ "query": QUERY })] {
        let reply = ask(&world, &allowed).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    for refused in [
        json!({ "query": "{ viewer { scopes } }" }),
        named("Unknown", None),
        named(&hash("{ __typename }"), Some("{ __typename }")),
    ] {
        let reply = ask(&world, &refused).await;
        assert_eq!(reply.code(), "FORBIDDEN", "{}", reply.text);
    }
    world.end().await;
}

#[tokio::test]
async fn without_a_document_or_a_name_there_is_nothing_to_execute() {
    let world = embedded().await;

    for body in [
        json!({}),
        json!({ "extensions": {} }),
        json!({ "extensions": { "other": 1 } }),
    ] {
        let reply = ask(&world, &body).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "BAD_USER_INPUT"),
            "{}",
            reply.text
        );
    }
    world.end().await;
}
