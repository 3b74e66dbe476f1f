//! GraphQL over HTTP: who asks, the ids of answers, and how long they may take.

use serde_json::json;

use super::{
    ask::{Reply, embedded, embedded_with},
    protocol_answers::request,
};

#[tokio::test]
async fn who_has_no_token_gets_no_data() {
    let world = embedded().await;
    let body = json!({ "query": "{ viewer { scopes } }" });
    let with = |authorization: &str| {
        world
            .http
            .post(world.url("/graphql"))
            .header("authorization", authorization)
            .json(&body)
    };
    let expired = world.http.post(world.url("/graphql")).json(&body);

    let none = Reply::to(expired).await;
    assert_eq!(
        (none.status, none.code().as_str()),
        (200, "UNAUTHENTICATED")
    );
    assert!(none.json()["data"].is_null());
    let unknown = format!("Bearer inl_{}", "A".repeat(world.token.len() - 4));
    let cut = format!("Bearer {}", &world.token[..world.token.len() - 1]);
    for wrong in [
        "Bearer",
        "Bearer ",
        "Basic aW5s",
        "Bearer x",
        unknown.as_str(),
        cut.as_str(),
        &world.token,
    ] {
        let reply = Reply::to(with(wrong)).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (401, "UNAUTHENTICATED"),
            "{wrong}"
        );
        assert!(
            reply.header("www-authenticate").starts_with("Bearer"),
            "{wrong}"
        );
        assert_eq!(reply.json().get("data"), None, "{wrong}");
    }
    let twice = with(&format!("Bearer {}", world.token)).header("authorization", "Bearer x");
    assert_eq!(Reply::to(twice).await.status, 400);
    let lower_case = with(&format!("bearer {}", world.token));
    assert_eq!(Reply::to(lower_case).await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let world = embedded().await;
    let body = json!({ "query": "{ payments(first: 0) { totalCount } }" });
    let send = async || Reply::to(request(&world, &body).header("x-request-id", "mine")).await;

    let (one, other) = (send().await, send().await);
    let health = Reply::to(world.http.get(world.url("/healthz"))).await;

    for reply in [&one, &other] {
        assert_eq!(
            reply.json()["errors"][0]["extensions"]["requestId"],
            reply.header("x-request-id")
        );
    }
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
    assert_ne!(one.header("x-request-id"), "mine");
    assert!(health.header("x-request-id").starts_with("req_"));
    world.end().await;
}

#[tokio::test]
async fn an_operation_that_takes_too_long_is_given_up() {
    let world = embedded_with(&[("INLET_LIMITS__QUERY_TIMEOUT_SECONDS", "1")]).await;
    let slow = sandbox::Latency::fixed(std::time::Duration::from_secs(20));
    let (_, key) = world.account(sandbox::AccountSpec::with_payments(5));
    world.stripe.faults().latency(slow);
    let body = json!({
        "query": "mutation($key: String!) { checkApiKey(input: { apiKey: $key }) { livemode } }", "variables": { "key": key },
    });

    let reply = Reply::to(request(&world, &body)).await;

    assert_eq!((reply.status, reply.code().as_str()), (503, "UNAVAILABLE"));
    world.end().await;
}
