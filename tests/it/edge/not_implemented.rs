//! What the schema has and this version does not says so, changes nothing, and is in the README.

use std::collections::BTreeSet;

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{
    ask::{code, message, token_of},
    shop::Shop,
};

const README: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md"));

/// Each by name, and the scope that it needs.
const MISSING: [(&str, &str, &str); 1] = [(
    "paymentStats",
    "query($id: ID!) { paymentStats(filter: { connectionIds: [$id] }, interval: DAY, groupBy: [CARD_BRAND], timeZone: \"Europe/Berlin\") { attempts } }",
    "PAYMENTS_READ",
)];

async fn ask(world: &World, token: &str, query: &str, id: &str) -> Value {
    let variables = json!({ "id": id });
    world.ask_as(token, query, variables).await.body
}

/// How often Stripe was asked; the gateway looks for events by itself.
fn asked_for(world: &World) -> usize {
    world.asked().len()
}

async fn state(world: &World, id: &str) -> Value {
    let query = "query($id: ID!) { connections { totalCount } payments { totalCount }
        connection(id: $id) { name status updatedAt webhook { status } imports { nodes { id status } } } }";
    world.data(query, json!({ "id": id })).await
}

on_every_backend! {
    async fn what_is_missing_says_so_and_changes_nothing(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(30)).await;
        let before = state(world, &shop.connection).await;
        let asked = asked_for(world);

        for (name, query, scope) in MISSING {
            let answer = ask(world, &world.token, query, &shop.connection).await;
            assert_eq!(code(&answer), "NOT_IMPLEMENTED", "{name}");
            assert!(message(&answer).contains(name), "{name}: {}", message(&answer));
            assert!(answer["data"].is_null() || answer["data"][name].is_null(), "{name}");

            let other = if scope == "PAYMENTS_READ" { "TOKENS_MANAGE" } else { "PAYMENTS_READ" };
            let token = token_of(world, "default", &[other]).await;
            let answer = ask(world, &token, query, &shop.connection).await;
            assert_eq!(code(&answer), "FORBIDDEN", "{name} without {scope}");
        }

        assert_eq!(state(world, &shop.connection).await, before);
        assert_eq!(asked_for(world), asked, "Stripe was asked for something");
    }

    async fn every_resource_can_be_imported_or_says_that_it_cannot(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(30)).await;
        let query = "mutation($id: ID!, $resource: StripeResource!) {
            startImport(input: { connectionId: $id, resources: [$resource] }) { import { id } errors { message } } }";
        let types = world.data("{ __type(name: \"StripeResource\") { enumValues { name } } }", json!({})).await;

        for value in types["__type"]["enumValues"].as_array().unwrap() {
            let variables = json!({ "id": shop.connection, "resource": value["name"] });
            let answer = world.graphql(query, variables).await;
            if answer["errors"].is_null() {
                assert_eq!(answer["data"]["startImport"]["errors"], json!([]), "{value}");
                assert_eq!(world.imported(&shop.connection).await["status"], "SUCCEEDED", "{value}");
            } else {
                assert_eq!(code(&answer), "NOT_IMPLEMENTED", "{value}: {answer:#}");
            }
        }
    }
}

#[test]
fn the_readme_lists_exactly_what_is_missing() {
    let (_, rest) = README
        .split_once("<!-- not-implemented: begin -->")
        .unwrap();
    let (list, _) = rest.split_once("<!-- not-implemented: end -->").unwrap();
    let listed: BTreeSet<_> = list
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            line.strip_prefix("- `")
                .and_then(|line| line.strip_suffix('`'))
                .unwrap_or(line)
        })
        .collect();

    assert_eq!(listed, MISSING.iter().map(|(name, ..)| *name).collect());
}
