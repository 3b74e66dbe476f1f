//! What the schema has and this version does not says so, and is in the README.

use std::collections::BTreeSet;

use sandbox::AccountSpec;
use serde_json::json;
use tests::on_every_backend;

use super::shop::Shop;

const README: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md"));

/// Each field by name: there is none.
const MISSING: [&str; 0] = [];

on_every_backend! {
    async fn every_resource_can_be_imported(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(30)).await;
        let query = "mutation($id: ID!, $resource: StripeResource!) {
            startImport(input: { connectionId: $id, resources: [$resource] }) { import { id } errors { message } } }";
        let types = world.data("{ __type(name: \"StripeResource\") { enumValues { name } } }", json!({})).await;

        for value in types["__type"]["enumValues"].as_array().unwrap() {
            let variables = json!({ "id": shop.connection, "resource": value["name"] });
            let answer = world.graphql(query, variables).await;
            assert_eq!(answer["errors"], json!(null), "{value}");
            assert_eq!(answer["data"]["startImport"]["errors"], json!([]), "{value}");
            assert_eq!(world.imported(&shop.connection).await["status"], "SUCCEEDED", "{value}");
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

    assert_eq!(listed, BTreeSet::from(MISSING));
}
