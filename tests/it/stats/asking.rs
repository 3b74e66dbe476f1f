//! What may be asked, by whom, and what is said of the rest.

use api::storage::{PageRows, PaymentStatus};
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{ground::Ground, random_payments};
use crate::edge::{Shop, code, message, token_of};

async fn ask(world: &World, arguments: &str, fields: &str) -> Value {
    world
        .graphql(
            &format!("{{ paymentStats({arguments}) {{ {fields} }} }}"),
            json!({}),
        )
        .await
}

on_every_backend! {
    async fn what_cannot_be_answered_says_what_to_do(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(300)).await;

        for zone in ["Mars/Olympus", "", "europe/berlin", "+02:00", "UTC\u{0}"] {
            let answer = world.graphql("query($zone: String) { paymentStats(timeZone: $zone) { attempts } }", json!({ "zone": zone })).await;
            assert_eq!(code(&answer), "BAD_USER_INPUT", "{zone}");
            assert!(message(&answer).contains("Europe/Berlin"), "{}", message(&answer));
        }
        let hours = ask(world, "interval: HOUR, filter: { createdAt: { gte: \"2001-01-01T00:00:00Z\" } }", "attempts").await;
        assert_eq!(code(&hours), "BAD_USER_INPUT");
        assert!(message(&hours).contains("createdAt") && message(&hours).contains("interval"), "{}", message(&hours));
        for wrong in ["interval: MINUTE", "groupBy: [SHOE_SIZE]", "timeZone: 7", "filter: { createdAt: { gte: \"yesterday\" } }",
            "filter: { createdAt: { gte: \"2026-01-02T00:00:00Z\", lt: \"2026-01-01T00:00:00Z\" } }"] {
            assert_eq!(code(&ask(world, wrong, "attempts").await), "BAD_USER_INPUT", "{wrong}");
        }
        let nothing = ask(world, "filter: { createdAt: { lt: \"1999-01-01T00:00:00Z\" } }, interval: HOUR", "attempts").await;
        assert_eq!(nothing["data"]["paymentStats"], json!([]));
        drop(shop);
    }

    async fn who_may_not_read_payments_may_not_add_them_up(world: &World) {
        let token = token_of(world, "default", &["CONNECTIONS_READ", "TOKENS_MANAGE"]).await;

        let answer = world.ask_as(&token, "{ paymentStats { attempts } }", json!({})).await.body;

        assert_eq!(code(&answer), "FORBIDDEN");
        assert!(message(&answer).contains("PAYMENTS_READ"));
    }

    async fn another_workspace_has_nothing(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(60)).await;
        let stranger = token_of(world, "elsewhere", &[]).await;
        let query = "query($id: ID!) { paymentStats(filter: { connectionIds: [$id] }, groupBy: [CONNECTION]) { attempts dimensions { value label } } }";
        let of = async |token: &str, id: &str| world.ask_as(token, query, json!({ "id": id })).await.body["data"].take();

        let own = of(&world.token, &shop.connection).await;
        let foreign = of(&stranger, &shop.connection).await;
        let unknown = of(&stranger, "con_00000000000000000000000000000000").await;
        let all = world.ask_as(&stranger, "{ paymentStats { attempts } }", json!({})).await.body["data"].take();

        assert_eq!(own["paymentStats"][0]["dimensions"], json!([{ "value": shop.connection, "label": "Shop" }]));
        assert_eq!(foreign, unknown);
        assert_eq!((&foreign["paymentStats"], &all["paymentStats"]), (&json!([]), &json!([])));
    }

    async fn an_absurd_amount_breaks_no_sum(world: &World) {
        let ground = Ground::lay(world).await;
        let mut dice = rand::SeedableRng::seed_from_u64(1);
        let rows = std::iter::repeat_with(|| random_payments::rows(&mut dice, ground.workspace, ground.connections[0]));
        let mut payments: Vec<_> = rows.flat_map(|rows| rows.payments).take(60).collect();
        for payment in &mut payments {
            payment.status = PaymentStatus::Succeeded;
            "eur".clone_into(&mut payment.currency);
            payment.amount_captured_minor = i64::MAX;
            payment.amount_refunded_minor = i64::MIN;
        }
        ground.write(0, PageRows { payments, ..PageRows::default() }).await;

        for _ in 0..2 {
            let answer = ask(world, "interval: MONTH", "grossVolume { minorUnits } refundedVolume { minorUnits }").await;
            assert!(answer["errors"].is_null(), "{answer:#}");
            ground.roll_all_up().await;
        }
    }

    async fn values_are_labelled_and_can_be_filtered_by(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(300)).await;

        for (dimension, field) in [("STATUS", "statuses"), ("CURRENCY", "currencies"), ("CARD_BRAND", "cardBrands"), ("METHOD_TYPE", "methodTypes"),
            ("BIN", "bins"), ("ISSUER", "issuers"), ("DECLINE_CODE", "declineCodes"), ("CONNECTION", "connectionIds")] {
            let answer = ask(world, &format!("groupBy: [{dimension}, {dimension}]"), "currency attempts dimensions { dimension value label }").await;
            let rows = answer["data"]["paymentStats"].as_array().unwrap().clone();
            let kind = if field == "statuses" { "[PaymentStatus!]" } else if field == "currencies" { "[CurrencyCode!]" } else if field == "connectionIds" { "[ID!]" } else { "[String!]" };
            let query = format!("query($of: {kind}) {{ payments(filter: {{ {field}: $of }}) {{ totalCount }} }}");
            for value in rows.iter().map(|row| &row["dimensions"][0]["value"]).filter(|value| !value.is_null()) {
                let same = rows.iter().filter(|row| row["dimensions"][0]["value"] == *value);
                let attempts: i64 = same.map(|row| row["attempts"].as_str().unwrap().parse::<i64>().unwrap()).sum();
                let found = world.data(&query, json!({ "of": [value] })).await;
                assert_eq!(found["payments"]["totalCount"], attempts.to_string(), "{dimension} {value}");
            }
            assert!(rows.iter().all(|row| row["dimensions"].as_array().unwrap().len() == 1), "asked for twice, told once");
        }
        let brands = ask(world, "groupBy: [CARD_BRAND]", "dimensions { value label }").await["data"]["paymentStats"].take();
        let visa = brands.as_array().unwrap().iter().find(|row| row["dimensions"][0]["value"] == "visa").unwrap();
        assert_eq!(visa["dimensions"][0]["label"], "Visa");
        drop(shop);
    }
}
