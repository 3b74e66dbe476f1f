//! Requests that are odd are answered alike on every transport (FAULTS 46, 52, 57), and so are good ones.

use serde_json::{Value, json};

use super::{
    ask::{code, embedded, token_of},
    transports::Way,
};

const WHO: &str = "query A { viewer { workspace { name } scopes } }";

#[tokio::test]
async fn a_good_request_has_one_answer() {
    let world = embedded().await;
    let two = format!("{WHO} query B {{ stripePermissions {{ resource }} }}");
    for body in [
        json!({ "query": WHO }),
        json!({ "query": WHO, "operationName": "A" }),
        json!({ "query": WHO, "variables": null, "extensions": {} }),
        json!({ "query": two, "operationName": "B" }),
        json!({ "query": "query($id: ID!) { node(id: $id) { id } }", "variables": { "id": "x" } }),
        json!({ "query": "{ payments(first: 0) { totalCount } }" }),
    ] {
        let expected = Way::Post.ask(&world, Some(&world.token), &body).await;
        for way in Way::ALL {
            let answer = way.ask(&world, Some(&world.token), &body).await;
            assert_eq!(answer, expected, "{body}, {way:?}");
        }
    }
    world.end().await;
}

#[tokio::test]
async fn requests_that_are_none_are_told_so() {
    let world = embedded().await;
    let two = format!("{WHO} query B {{ __typename }}");
    for body in [
        json!({ "query": two }),
        json!({ "query": two, "operationName": "C" }),
        json!({ "query": WHO, "operationName": "B" }),
        json!({ "query": "query($n: Int!) { payments(first: $n) { totalCount } }" }),
        json!({ "query": "query($n: Int!) { payments(first: $n) { totalCount } }", "variables": { "n": "x" } }),
        json!({ "query": "{ viewer { scopes }" }),
        json!({ "query": "{ viewer }" }),
        json!({ "query": "\u{0}" }),
        json!({ "query": WHO, "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "00" } } }),
        json!({ "query": WHO, "extensions": { "persistedQuery": [] } }),
    ] {
        let expected = Way::Post.ask(&world, Some(&world.token), &body).await;
        assert_eq!(code(&expected), "BAD_USER_INPUT", "{body}");
        for way in Way::ALL {
            let answer = way.ask(&world, Some(&world.token), &body).await;
            assert_eq!(answer["errors"], expected["errors"], "{body}, {way:?}");
            assert!(answer["data"].is_null());
        }
    }
    world.end().await;
}

#[tokio::test]
async fn strangers_learn_nothing_on_any_transport() {
    let world = embedded().await;
    let watch = json!({ "query": "subscription { connectionUpdated { id } }" });
    for way in Way::ALL {
        for query in [
            "{ __schema { types { name } } }",
            "{ __type(name: \"Payment\") { fields { name } } }",
            "{ viewer { scopes } }",
            "{ node(id: \"x\") { id } }",
        ] {
            let answer = way.ask(&world, None, &json!({ "query": query })).await;
            assert_eq!(code(&answer), "UNAUTHENTICATED", "{query}, {way:?}");
        }
        let typo = way
            .ask(&world, None, &json!({ "query": "{ viewr { scopes } }" }))
            .await;
        let told = typo.to_string();
        assert!(
            !told.contains("viewer") && !told.contains("Did you mean"),
            "{way:?}: {told}"
        );
        let alive = way
            .ask(&world, None, &json!({ "query": "{ __typename }" }))
            .await;
        assert_eq!(alive["data"], json!({ "__typename": "Query" }), "{way:?}");
    }
    for way in Way::GOING_ON {
        assert_eq!(
            code(&way.ask(&world, None, &watch).await),
            "UNAUTHENTICATED",
            "{way:?}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn scopes_are_asked_for_on_every_transport() {
    let world = embedded().await;
    let token = token_of(&world, "default", &["PAYMENTS_READ"]).await;
    let create =
        "mutation { createApiToken(input: { name: \"x\", scopes: [PAYMENTS_READ] }) { secret } }";
    for way in Way::WRITING {
        let answer = way
            .ask(&world, Some(&token), &json!({ "query": create }))
            .await;
        assert_eq!(code(&answer), "FORBIDDEN", "{way:?}");
    }
    for way in Way::ALL {
        let answer = way
            .ask(
                &world,
                Some(&token),
                &json!({ "query": "{ connections { totalCount } }" }),
            )
            .await;
        assert_eq!(code(&answer), "FORBIDDEN", "{way:?}");
    }
    let watch = json!({ "query": "subscription { connectionUpdated { id } }" });
    for way in Way::GOING_ON {
        assert_eq!(
            code(&way.ask(&world, Some(&token), &watch).await),
            "FORBIDDEN",
            "{way:?}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn what_a_refusal_cost_is_told_on_every_transport() {
    let world = embedded().await;
    // It is refused after its cost was taken: a variable of another type.
    let query = "query($n: Int) { payments(first: $n) { nodes { id } } nothing }";
    let mut costs = Vec::new();
    for way in [Way::Post, Way::Events, Way::Parts] {
        let body = json!({ "query": query });
        let told = match way {
            Way::Post => way.reply(&world, Some(&world.token), &body).await.json(),
            Way::Parts => way
                .stream(&world, Some(&world.token), &body)
                .await
                .next()
                .await
                .unwrap()
                .1["payload"]
                .take(),
            _ => {
                way.stream(&world, Some(&world.token), &body)
                    .await
                    .next()
                    .await
                    .unwrap()
                    .1
            }
        };
        costs.push(told["extensions"]["cost"]["requested"].clone());
    }
    let mut socket = world.socket().await;
    socket.subscribe("1", query, json!({})).await;
    let errors = socket.next_of("error").await;
    costs.push(errors[0]["extensions"]["cost"]["requested"].clone());

    assert!(costs[0].is_u64(), "{costs:?}");
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
    assert_ne!(errors[0]["extensions"]["code"], Value::Null);
    world.end().await;
}
