//! Ids of another workspace are unknown on every transport (FAULTS 53, 54, 62).

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{
    ask::{code, token_of},
    nodes::{one_of_each, unknown},
    other_workspace::{ENTRIES, state},
    shop::{Shop, page},
    transports::Way,
};

/// Every subscription that takes an id, which is `$id`, and refuses one that does not exist.
const WATCHES: [&str; 2] = [
    "subscription($id: ID!) { importProgress(connectionId: $id) { percentComplete } }",
    "subscription($id: ID!) { connectionUpdated(connectionId: $id) { id name } }",
];

async fn answer(world: &World, way: Way, token: &str, query: &str, id: &str, key: &str) -> Value {
    let variables = if query.contains("$key") {
        json!({ "id": id, "key": key })
    } else {
        json!({ "id": id })
    };
    way.ask(
        world,
        Some(token),
        &json!({ "query": query, "variables": variables }),
    )
    .await
}

on_every_backend! {
    async fn ids_of_another_workspace_are_unknown_on_every_transport(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(600)).await;
        let ids = one_of_each(&shop).await;
        let stranger = token_of(world, "elsewhere", &[]).await;
        let (_, key) = world.account(AccountSpec::with_payments(5).seed(9));
        let before = state(world, &shop).await;

        for entry in ENTRIES {
            for way in Way::ALL {
                if way == Way::Post || way.is_got() && entry.starts_with("mutation") {
                    continue;
                }
                for (kind, id) in &ids {
                    let foreign = answer(world, way, &stranger, entry, id, &key).await;
                    let nothing = answer(world, way, &stranger, entry, &unknown(id), &key).await;
                    assert_eq!(foreign, nothing, "{kind} at {entry}, {way:?}");
                    assert!(!foreign.to_string().contains(id), "{kind} at {entry} is repeated, {way:?}");
                }
            }
        }
        assert_eq!(state(world, &shop).await, before, "a stranger changed something");
    }

    async fn mutations_with_foreign_ids_are_not_even_got(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(30)).await;
        let before = state(world, &shop).await;
        for entry in ENTRIES.into_iter().filter(|entry| entry.starts_with("mutation")) {
            for way in [Way::Get, Way::GotStream] {
                let variables = json!({ "id": shop.connection, "key": "rk_test_x" });
                let body = json!({ "query": entry, "variables": variables });
                let reply = way.reply(world, Some(&world.token), &body).await;
                assert_eq!((reply.status, reply.header("allow")), (405, "POST"), "{entry}, {way:?}");
            }
        }
        assert_eq!(state(world, &shop).await, before);
    }

    async fn a_stranger_s_subscription_is_refused_as_one_to_nothing(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(600)).await;
        let ids = one_of_each(&shop).await;
        let stranger = token_of(world, "elsewhere", &[]).await;

        for watch in WATCHES {
            for way in Way::GOING_ON {
                for (kind, id) in &ids {
                    let foreign = answer(world, way, &stranger, watch, id, "").await;
                    let nothing = answer(world, way, &stranger, watch, &unknown(id), "").await;
                    assert_eq!(foreign, nothing, "{kind} at {watch}, {way:?}");
                    assert_eq!(code(&foreign), "BAD_USER_INPUT", "{kind} at {watch}, {way:?}");
                }
            }
        }
    }

    async fn a_cursor_of_another_workspace_is_none(world: &World) {
        let _shop = Shop::open(world, "Shop", AccountSpec::with_payments(40)).await;
        let stranger = token_of(world, "elsewhere", &[]).await;
        let cursor = page(world, json!({ "first": 5 })).await["pageInfo"]["endCursor"].take();
        let query = "query($after: String) { payments(after: $after) { nodes { id } } }";
        let body = json!({ "query": query, "variables": { "after": cursor } });

        for way in Way::ALL {
            let told = way.ask(world, Some(&stranger), &body).await;
            assert_eq!((code(&told), &told["data"]), ("BAD_USER_INPUT", &Value::Null), "{way:?}");
        }
    }
}
