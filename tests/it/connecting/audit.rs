//! What is written down for later.

use sandbox::{AccountSpec, Grants};
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{
    ask::{disconnect, mutate, reconnect, rename},
    database::{hex, texts},
};

/// Every entry in order: action, subject, token, detail.
async fn entries(world: &World) -> Vec<(String, String, String, Value)> {
    let (subject, token) = (hex(world, "subject_id"), hex(world, "token_id"));
    let columns = ["action", &subject, &token, "CAST(detail AS TEXT)"];
    let rows = texts(world, columns, "audit_log ORDER BY at, id").await;
    let entry = |[action, subject, token, detail]: [String; 4]| {
        (
            action,
            subject,
            token,
            serde_json::from_str(&detail).unwrap(),
        )
    };
    rows.into_iter().map(entry).collect()
}

fn without_prefix(id: &Value) -> String {
    id.as_str().unwrap().split_once('_').unwrap().1.to_owned()
}

on_every_backend! {
    async fn every_change_is_written_down_with_who_made_it(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(5));
        let new_key = world.stripe.create_key(&account, Grants::All);
        let viewer = world.data("{ viewer { token { id } } }", json!({})).await;
        let me = without_prefix(&viewer["viewer"]["token"]["id"]);
        let began = entries(world).await.len();

        let id = world.connect("Shop", &key).await;
        rename(world, &id, "Läden \"Süd\"").await;
        reconnect(world, &id, "Shop", &new_key).await;
        let input = json!({ "name": "Büro", "scopes": ["PAYMENTS_READ"] });
        let made = mutate(world, "createApiToken", "secret token { id }", input).await;
        let input = json!({ "tokenId": made["token"]["id"] });
        mutate(world, "revokeApiToken", "token { id }", input).await;
        disconnect(world, &id, true).await;

        let all = entries(world).await;
        let (connection, token) = (without_prefix(&json!(id)), without_prefix(&made["token"]["id"]));
        let told: Vec<_> =
            all[began..].iter().map(|(action, subject, by, _)| (&**action, subject, by)).collect();
        assert_eq!(told, [
            ("connection.connected", &connection, &me),
            ("connection.renamed", &connection, &me),
            ("connection.reconnected", &connection, &me),
            ("token.created", &token, &me),
            ("token.revoked", &token, &me),
            ("connection.disconnected", &connection, &me),
        ]);
        let detail = |at: usize| &all[began + at].3;
        assert_eq!(detail(1), &json!({ "name": "Läden \"Süd\"" }));
        assert_eq!(detail(3), &json!({ "name": "Büro", "scopes": ["PAYMENTS_READ"] }));
        assert_eq!(detail(5), &json!({ "delete_data": true }));
        let secret = made["secret"].as_str().unwrap();
        for (.., detail) in &all {
            let detail = detail.to_string();
            for secret in [&key[8..], &new_key[8..], &secret[4..], &world.token[4..]] {
                assert!(!detail.contains(secret), "a secret is in {detail}");
            }
        }
    }

    async fn what_is_refused_is_not_written_down_as_done(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let id = world.connect("Shop", &key).await;
        let before = entries(world).await;

        world.try_connect("Shop", &key).await;
        world.try_connect("Again", &key).await;
        rename(world, &id, "").await;
        rename(world, "con_00000000000000000000000000000000", "x").await;
        disconnect(world, "con_00000000000000000000000000000000", true).await;
        reconnect(world, &id, "Shop", "pk_test_1").await;

        assert_eq!(entries(world).await, before);
    }
}
