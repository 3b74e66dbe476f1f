//! Documents that are kept, so that they are read and validated once.

use serde_json::json;

use super::world::{World, id, unknown};
use crate::ids::ConnectionId;

#[tokio::test]
async fn what_was_answered_is_kept_and_answered_the_same_again() {
    let world = World::new().await;
    let query = "query($first: Int!) { payments(first: $first) {
        edges { cursor node { id amount { amount currency } createdAt status metadata } } nodes { id } } }";

    let first = world.ask(query, json!({ "first": 7 })).await;
    assert!(world.keeps(query));
    let again = world.ask(query, json!({ "first": 7 })).await;
    let fewer = world.ask(query, json!({ "first": 2 })).await;

    assert_eq!(first, again);
    let nodes = first["data"]["payments"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 7);
    assert_eq!(fewer["data"]["payments"]["nodes"], json!(nodes[..2]));
}

#[tokio::test]
async fn one_that_is_kept_is_refused_variables_that_do_not_fit() {
    let world = World::new().await;
    let query = "query($first: Int!) { payments(first: $first) { nodes { id } } }";
    world.ask(query, json!({ "first": 1 })).await;
    assert!(world.keeps(query));

    for wrong in [
        json!({}),
        json!({ "first": null }),
        json!({ "first": "1" }),
        json!({ "first": 101 }),
    ] {
        let answer = world.ask(query, wrong).await;
        assert_eq!(answer["data"], json!(null));
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{answer:#}"
        );
    }
}

#[tokio::test]
async fn what_one_selects_is_looked_at_again_where_variables_decide_it() {
    let world = World::new().await;
    let query = "query($yes: Boolean!) { payments(first: 2) {
        nodes { id @skip(if: $yes) livemode ... on Payment @include(if: $yes) { status } } } }";
    let keys = async |yes: bool| {
        let answer = world.ask(query, json!({ "yes": yes })).await;
        let node = answer["data"]["payments"]["nodes"][0].as_object().unwrap();
        node.keys().cloned().collect::<Vec<_>>()
    };

    for _ in 0..2 {
        assert_eq!(keys(true).await, ["livemode", "status"]);
        assert_eq!(keys(false).await, ["id", "livemode"]);
        assert!(world.keeps(query));
    }
}

#[tokio::test]
async fn selections_in_lines_that_a_return_ends_are_told_apart() {
    let world = World::new().await;
    let list = world.ask("{ payments(first: 1) { nodes { id } } }", json!({}));
    let id = list.await["data"]["payments"]["nodes"][0]["id"].clone();
    for end in ["\r", "\n", "\r\n"] {
        let lines = [
            "query($x: ID!) {",
            " a: payment(id: $x) { id }",
            " b: payment(id: $x) { status }",
            "}",
        ];
        let query = lines.join(end);
        for _ in 0..3 {
            let answer = world.ask(&query, json!({ "x": id })).await;
            assert_eq!(answer["data"]["a"], json!({ "id": id }), "{end:?}");
            assert!(answer["data"]["b"]["status"].is_string(), "{answer}");
        }
        assert!(world.keeps(&query));
    }
}

#[tokio::test]
async fn what_may_hold_a_key_or_was_refused_is_not_kept() {
    let world = World::new().await;
    let rename = format!(
        "mutation {{ renameConnection(input: {{ connectionId: \"{}\", name: \"New\" }}) {{ errors {{ message }} }} }}",
        id(world.ours.connection)
    );
    let gone = format!(
        "{{ connection(id: \"{}\") {{ payments(first: 0) {{ totalCount }} }} payments(first: 0) {{ totalCount }} }}",
        unknown::<ConnectionId>()
    );

    for query in [
        rename.as_str(),
        &gone,
        "{ unknown }",
        "{ __schema { types { name } } }",
        "{",
    ] {
        world.ask(query, json!({})).await;
        assert!(!world.keeps(query), "{query}");
    }
}
