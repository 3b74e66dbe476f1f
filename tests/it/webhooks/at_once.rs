//! Several who rebuild or connect at once.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use sandbox::{AccountSpec, Latency};
use serde_json::json;
use tests::on_every_backend;

use super::support::{Merchant, connect, rebuild, shop, standing, text};

on_every_backend! {
    async fn of_ten_that_rebuild_at_once_all_get_the_same_webhook(world: &World) {
        let shop = shop(world, "Shop").await;
        world.stripe.faults().latency_on("/v1/webhook_endpoints", Latency::fixed(Duration::from_millis(300)));

        let payloads = join_all((0..10).map(|_| rebuild(world, &shop.connection))).await;

        world.stripe.faults().clear();
        let ids: BTreeSet<_> = payloads.iter().map(|payload| {
            assert_eq!(payload["errors"], json!([]), "{payload:#}");
            text(&payload["webhook"]["stripeId"])
        }).collect();
        let live = standing(world, &shop.connection).await;
        assert_eq!(shop.merchant.ids(world).await, [text(&live["webhook"]["stripeId"])]);
        assert_eq!(ids.len(), 1, "{ids:?}");
    }

    async fn of_ten_that_connect_at_once_one_leaves_its_webhook(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(3));
        let names: Vec<_> = (0..10).map(|at| format!("Shop {at}")).collect();

        let payloads = join_all(names.iter().map(|name| connect(world, name, &key, None))).await;

        let won: Vec<_> = payloads.iter().filter(|payload| payload["connection"].is_object()).collect();
        let [won] = &won[..] else { panic!("{payloads:#?}") };
        assert_eq!(won["errors"], json!([]));
        assert_eq!(won["connection"]["webhook"]["status"], "ACTIVE");
        let left = Merchant::of(world, &account).ids(world).await;
        assert_eq!(left, [text(&won["connection"]["webhook"]["stripeId"])]);
    }

    async fn a_client_that_hangs_up_leaves_nothing_half_made(world: &World) {
        let shop = shop(world, "Shop").await;
        let old = shop.merchant.ids(world).await;
        world.stripe.faults().latency_on("/v1/webhook_endpoints", Latency::fixed(Duration::from_millis(200)));

        let hurried = tokio::time::timeout(Duration::from_millis(300), rebuild(world, &shop.connection)).await;
        assert!(hurried.is_err(), "it was quicker than the test");
        let payload = rebuild(world, &shop.connection).await;
        world.stripe.faults().clear();

        assert_eq!(payload["errors"], json!([]));
        let left = shop.merchant.ids(world).await;
        assert_eq!(left, [text(&payload["webhook"]["stripeId"])]);
        assert_ne!(left, old);
    }
}
