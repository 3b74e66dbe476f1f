//! Pages of payments.

use serde_json::{Value as Json, json};

use super::world::{PAYMENTS, World, code, id};

const PAGE: &str = "
    query($first: Int, $after: String, $last: Int, $before: String, $filter: PaymentFilter, $order: PaymentOrder) {
      payments(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $order) {
        edges { cursor node { id } }
        nodes { id }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        totalCount
      }
    }";

/// The ids of all payments, page after page.
async fn walk(world: &World, order: &Json, backward: bool) -> Vec<String> {
    let mut met = Vec::new();
    let mut cursor = Json::Null;
    loop {
        let variables = if backward {
            json!({ "last": 7, "before": cursor, "order": order })
        } else {
            json!({ "first": 7, "after": cursor, "order": order })
        };
        let answer = world.ask(PAGE, variables).await;
        let page = &answer["data"]["payments"];
        assert_eq!(page["totalCount"], PAYMENTS.to_string(), "{answer}");
        let ids = page["nodes"].as_array().unwrap().iter();
        let ids = ids.map(|node| node["id"].as_str().unwrap().to_owned());
        let at = if backward { 0 } else { met.len() };
        met.splice(at..at, ids);
        let (more, end) = if backward {
            ("hasPreviousPage", "startCursor")
        } else {
            ("hasNextPage", "endCursor")
        };
        if page["pageInfo"][more] == false {
            return met;
        }
        cursor = page["pageInfo"][end].clone();
    }
}

#[tokio::test]
async fn pages_join_to_the_whole_list_in_both_directions() {
    let world = World::new().await;
    let newest_first: Vec<_> = world.ours.payments.iter().map(|key| id(*key)).collect();
    let by_time = json!({});

    assert_eq!(walk(&world, &by_time, false).await, newest_first);
    assert_eq!(walk(&world, &by_time, true).await, newest_first);

    let rising = json!({ "direction": "ASC" });
    let mut oldest_first = newest_first.clone();
    oldest_first.reverse();
    assert_eq!(walk(&world, &rising, false).await, oldest_first);
    assert_eq!(walk(&world, &rising, true).await, oldest_first);

    let by_amount = json!({ "field": "AMOUNT" });
    let forward = walk(&world, &by_amount, false).await;
    assert_eq!(walk(&world, &by_amount, true).await, forward);
    assert_eq!(forward.len(), newest_first.len());
}

#[tokio::test]
async fn a_cursor_does_not_leave_its_list() {
    let world = World::new().await;
    let page = world.ask(PAGE, json!({ "first": 2 })).await;
    let cursor = &page["data"]["payments"]["edges"][1]["cursor"];
    assert_eq!(cursor, &page["data"]["payments"]["pageInfo"]["endCursor"]);

    for variables in [
        json!({ "after": cursor, "order": { "field": "AMOUNT" } }),
        json!({ "after": cursor, "order": { "direction": "ASC" } }),
        json!({ "after": cursor, "filter": { "disputed": false } }),
        json!({ "after": "x".repeat(100_000) }),
        json!({ "after": "" }),
    ] {
        let answer = world.ask(PAGE, variables).await;
        assert_eq!(
            (code(&answer), &answer["data"]),
            ("BAD_USER_INPUT", &json!(null))
        );
    }
    // The order that is meant anyway, and the filter that filters nothing, make the same list.
    let same = json!({ "after": cursor, "filter": {}, "order": { "field": "CREATED_AT" } });
    assert_eq!(world.ask(PAGE, same).await["errors"], json!(null));

    let query = "query($id: ID!, $after: String) { connection(id: $id) { payments(after: $after) { nodes { id } } } }";
    let variables = json!({ "id": id(world.ours.connection), "after": cursor });
    assert_eq!(code(&world.ask(query, variables).await), "BAD_USER_INPUT");
}

#[tokio::test]
async fn filters_of_things_that_are_not_ours_find_nothing() {
    let world = World::new().await;
    let count = async |filter: Json| {
        let answer = world.ask(PAGE, json!({ "filter": filter })).await;
        answer["data"]["payments"]["totalCount"]
            .as_str()
            .map(str::to_owned)
    };

    assert_eq!(
        count(json!({ "connectionIds": [id(world.ours.connection)] }))
            .await
            .as_deref(),
        Some("30")
    );
    assert_eq!(
        count(json!({ "connectionIds": [id(world.theirs.connection)] }))
            .await
            .as_deref(),
        Some("0")
    );
    assert_eq!(
        count(json!({ "connectionIds": [] })).await.as_deref(),
        Some("0")
    );
    assert_eq!(
        count(json!({ "currencies": ["eur"], "cardCountries": ["us"] }))
            .await
            .as_deref(),
        Some("30")
    );
    assert_eq!(
        count(json!({ "metadata": [{ "key": "order", "value": "42" }] }))
            .await
            .as_deref(),
        Some("30")
    );
    assert_eq!(
        count(json!({ "metadata": [{ "key": "order", "value": "%" }] }))
            .await
            .as_deref(),
        Some("0")
    );
    assert_eq!(
        count(json!({ "amount": { "gte": "4.00", "lte": "4" } }))
            .await
            .as_deref(),
        Some("6")
    );
    assert_eq!(
        count(json!({ "statuses": ["FAILED"] })).await.as_deref(),
        Some("6")
    );
    assert_eq!(count(json!({ "issuers": ["a\0b"] })).await, None);
}
