//! Texts in filters are texts, whatever they look like.

use std::collections::BTreeSet;

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::on_every_backend;

use super::shop::{Shop, ask_page, found};

/// What would do harm, or find too much, where a text became part of a statement or a pattern.
pub(super) const HOSTILE: [&str; 22] = [
    "' OR '1'='1",
    "' OR 1=1 --",
    "\" OR \"\"=\"",
    "'; DROP TABLE payments; --",
    "') OR ('1'='1",
    "1 OR 1=1",
    "' UNION SELECT secret_hash FROM api_tokens --",
    "\\' OR 1=1 --",
    "$1",
    "?",
    "?1",
    ":1",
    "@p",
    "%",
    "_",
    "%%",
    "____",
    "vis_",
    "%visa%",
    "$.key",
    "{\"$ne\": null}",
    "' || pg_sleep(5) || '",
];

pub(super) const LISTS: [&str; 7] = [
    "methodTypes",
    "cardBrands",
    "cardFundings",
    "bins",
    "issuers",
    "declineCodes",
    "stripeIds",
];

/// Metadata keys that a JSON path, a quoting or a pattern might trip over.
const KEYS: [&str; 18] = [
    "a.b", "$", "$.a", "a\"b", "a'b", "a\\b", "a b", "", "[0]", "a[0]", "#", "%", "_", "größe",
    "店舗", "🎉", "a\nb", "NULL",
];

on_every_backend! {
    async fn hostile_texts_find_nothing_and_change_nothing(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(60).with_card_details()).await;

        for text in HOSTILE {
            for field in LISTS {
                assert_eq!(found(world, &json!({ field: [text] })).await.1, 0, "{field} {text}");
            }
            for field in ["customerId", "paymentIntentId"] {
                assert_eq!(found(world, &json!({ field: text })).await.1, 0, "{field} {text}");
            }
            for pair in [json!({ "key": text, "value": text }), json!({ "key": "order_id", "value": text })] {
                assert_eq!(found(world, &json!({ "metadata": [pair] })).await.1, 0, "{text}");
            }
            assert_eq!(found(world, &json!({ "connectionIds": [text] })).await.1, 0, "{text}");
            let by_id = world.data("query($id: ID!) { payment(id: $id) { id } node(id: $id) { id } }", json!({ "id": text })).await;
            assert_eq!(by_id, json!({ "payment": null, "node": null }), "{text}");
        }

        let all: BTreeSet<String> = shop.charges().into_keys().collect();
        assert_eq!(found(world, &json!({})).await.0, all);
    }

    async fn metadata_with_any_key_is_found_by_it_and_by_no_other(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(60));
        let charges: Vec<String> = world.stripe.ledger(&account).charge_ids.into_iter().collect();
        for (id, name) in charges.iter().zip(KEYS) {
            world.stripe.update_charge(&account, id, |charge| charge["metadata"] = json!({ name: format!("value of {name}") }));
        }
        for id in &charges[KEYS.len()..] {
            world.stripe.update_charge(&account, id, |charge| charge["metadata"] = json!({}));
        }
        let _shop = Shop::open_as(world, "Shop", account, &key).await;

        for (id, name) in charges.iter().zip(KEYS) {
            let pair = |value: &str| json!({ "metadata": [{ "key": name, "value": value }] });
            let (met, _) = found(world, &pair(&format!("value of {name}"))).await;
            let (other, _) = found(world, &pair("value of")).await;

            assert_eq!(met, BTreeSet::from([id.clone()]), "{name:?}");
            assert_eq!(other.len(), 0, "{name:?}");
        }
    }

    async fn metadata_values_are_compared_as_texts(world: &World) {
        const VALUES: [&str; 12] = ["1", "01", "1.0", "true", "null", "", " ", "%", "a_b", "a%", "\"", "{\"a\":1}"];
        let (account, key) = world.account(AccountSpec::with_payments(30));
        let charges: Vec<String> = world.stripe.ledger(&account).charge_ids.into_iter().collect();
        for (id, value) in charges.iter().zip(VALUES) {
            world.stripe.update_charge(&account, id, |charge| charge["metadata"] = json!({ "probe": value }));
        }
        let _shop = Shop::open_as(world, "Shop", account, &key).await;

        for (id, value) in charges.iter().zip(VALUES) {
            let (met, _) = found(world, &json!({ "metadata": [{ "key": "probe", "value": value }] })).await;
            assert_eq!(met, BTreeSet::from([id.clone()]), "{value:?}");
        }
    }

    async fn case_and_form_of_texts_count(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(30));
        let charges: Vec<String> = world.stripe.ledger(&account).charge_ids.into_iter().collect();
        // The same letter in two forms of Unicode, and in another case.
        for (id, value) in charges.iter().zip(["\u{e9}", "e\u{301}", "\u{c9}"]) {
            world.stripe.update_charge(&account, id, |charge| charge["metadata"] = json!({ "probe": value }));
        }
        let _shop = Shop::open_as(world, "Shop", account, &key).await;

        for (id, value) in charges.iter().zip(["\u{e9}", "e\u{301}", "\u{c9}"]) {
            let (met, _) = found(world, &json!({ "metadata": [{ "key": "probe", "value": value }] })).await;
            assert_eq!(met, BTreeSet::from([id.clone()]), "{value:?}");
        }
        assert_eq!(found(world, &json!({ "cardBrands": ["VISA"] })).await.1, 0);
        assert_eq!(found(world, &json!({ "stripeIds": [charges[0].to_uppercase()] })).await.1, 0);
        let either_case = ask_page(world, json!({ "filter": { "currencies": ["usd"] } })).await;
        assert_ne!(either_case["data"]["payments"]["totalCount"], Value::from("0"));
    }
}
