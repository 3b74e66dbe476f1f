//! A cursor is good in the list that gave it, and nowhere else.

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{
    ask::{code, message, token_of},
    shop::{Shop, ask_page, page},
};

async fn refused(world: &World, cursor: &str) {
    for way in [
        json!({ "first": 5, "after": cursor }),
        json!({ "last": 5, "before": cursor }),
    ] {
        let answer = ask_page(world, way).await;
        let shown = &cursor[..cursor.len().min(60)];
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{shown}");
        assert_eq!(answer["data"], Value::Null, "{shown}");
    }
}

on_every_backend! {
    async fn tampered_cursors_are_refused(world: &World) {
        let _shop = Shop::open(world, "Shop", AccountSpec::with_payments(40)).await;
        let cursor = page(world, json!({ "first": 5 })).await["pageInfo"]["endCursor"].as_str().unwrap().to_owned();

        for cut in 0..cursor.len() {
            refused(world, &cursor[..cut]).await;
        }
        for at in 0..cursor.len() {
            let mut other = cursor.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            refused(world, &String::from_utf8(other).unwrap()).await;
        }
        for wrong in [
            format!("{cursor}="), format!("{cursor}A"), format!(" {cursor}"), format!("{cursor}\u{0}"),
            cursor.to_uppercase(), cursor.replace(|_| true, "é"), "' OR '1'='1".to_owned(),
            "1; DROP TABLE payments; --".to_owned(), "null".to_owned(), "0".to_owned(), "é".repeat(cursor.len() / 2),
        ] {
            refused(world, &wrong).await;
        }
        let good = page(world, json!({ "first": 5, "after": cursor })).await;
        assert_eq!(good["nodes"].as_array().unwrap().len(), 5);
    }

    async fn a_cursor_without_end_is_refused(world: &World) {
        // As long as a body may be.
        refused(world, &"A".repeat(250_000)).await;
        let beyond = world.http.post(world.url("/graphql")).bearer_auth(&world.token).json(&json!({
            "query": "query($after: String) { payments(after: $after) { totalCount } }",
            "variables": { "after": "A".repeat(1_000_000) },
        }));
        assert_eq!(world.send(beyond).await.status, 413);
    }

    async fn a_cursor_belongs_to_one_list(world: &World) {
        let ours = Shop::open(world, "Ours", AccountSpec::with_payments(40)).await;
        let other = Shop::open(world, "Other", AccountSpec::with_payments(40).seed(2)).await;
        let token = token_of(world, "elsewhere", &[]).await;
        let cursor = page(world, json!({ "first": 5 })).await["pageInfo"]["endCursor"].take();
        let query = "query($id: ID!, $after: String) { connection(id: $id) {
            payments(first: 5, after: $after) { nodes { id } pageInfo { endCursor } }
            imports(first: 5) { pageInfo { endCursor } } } }";
        let of_ours = world.data(query, json!({ "id": ours.connection })).await["connection"].take();
        let own = &of_ours["payments"]["pageInfo"]["endCursor"];
        let of_imports = &of_ours["imports"]["pageInfo"]["endCursor"];

        for (name, changed) in [
            ("filter", json!({ "filter": { "livemode": false } })),
            ("empty list in the filter", json!({ "filter": { "stripeIds": [] } })),
            ("order", json!({ "orderBy": { "field": "AMOUNT" } })),
            ("direction", json!({ "orderBy": { "direction": "ASC" } })),
        ] {
            let mut variables = changed;
            variables["after"] = cursor.clone();
            let answer = ask_page(world, variables).await;
            assert_eq!(code(&answer), "BAD_USER_INPUT", "{name}");
            assert!(message(&answer).contains("cursor"), "{name}");
            assert_eq!(answer["data"], Value::Null, "{name}");
        }
        let variables = |after: &Value| json!({ "id": ours.connection, "after": after });
        assert_eq!(code(&world.graphql(query, variables(&cursor)).await), "BAD_USER_INPUT");
        assert_eq!(code(&world.graphql(query, variables(of_imports)).await), "BAD_USER_INPUT");
        assert_eq!(code(&world.graphql(query, json!({ "id": other.connection, "after": own })).await), "BAD_USER_INPUT");
        assert_eq!(code(&ask_page(world, json!({ "after": own })).await), "BAD_USER_INPUT");
        let abroad = "query($after: String) { payments(after: $after) { nodes { id } } }";
        let abroad = world.ask_as(&token, abroad, json!({ "after": cursor })).await.body;
        assert_eq!((code(&abroad), &abroad["data"]), ("BAD_USER_INPUT", &Value::Null));
        assert_eq!(world.data(query, variables(own)).await["connection"]["payments"]["nodes"].as_array().unwrap().len(), 5);
    }

    async fn defaults_written_out_are_the_same_list(world: &World) {
        let _shop = Shop::open(world, "Shop", AccountSpec::with_payments(40)).await;
        let cursor = page(world, json!({ "first": 5 })).await["pageInfo"]["endCursor"].take();

        let order = json!({ "field": "CREATED_AT", "direction": "DESC" });
        let spelt = page(world, json!({ "first": 5, "after": cursor, "orderBy": order, "filter": {} })).await;
        let plain = page(world, json!({ "first": 5, "after": cursor })).await;

        assert_eq!(spelt, plain);
    }
}
