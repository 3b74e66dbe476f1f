//! The steward's look: what is gone, or points elsewhere.

use serde_json::json;
use tests::on_every_backend;

use super::support::{count, execute, inner, look, rebuild, shop, standing, text};

on_every_backend! {
    async fn one_that_vanished_is_made_again_once(world: &World) {
        let shop = shop(world, "Shop").await;
        let first = shop.merchant.ids(world).await;
        shop.merchant.delete(world, &first[0]).await;

        look(world).await;
        let again = shop.merchant.ids(world).await;
        let remade = standing(world, &shop.connection).await;
        shop.merchant.delete(world, &again[0]).await;
        look(world).await;
        look(world).await;
        let gone = standing(world, &shop.connection).await;
        let rebuilt = rebuild(world, &shop.connection).await;

        assert_ne!(first, again);
        assert_eq!(remade["webhook"]["stripeId"], again[0].as_str());
        assert_eq!((&remade["status"], &remade["webhook"]["status"]), (&json!("ACTIVE"), &json!("ACTIVE")));
        assert_eq!((&gone["status"], &gone["statusReason"]), (&json!("ACTION_REQUIRED"), &json!("WEBHOOK_MISSING")));
        assert_eq!(gone["webhook"]["status"], "MISSING");
        assert_eq!(gone["webhook"]["stripeId"], json!(null));
        assert!(text(&gone["statusMessage"]).contains("Rebuild it"));
        assert_eq!(rebuilt["connection"]["status"], "ACTIVE");
        assert_eq!(shop.merchant.ids(world).await, [text(&rebuilt["webhook"]["stripeId"])]);
    }

    async fn one_that_was_switched_off_before_it_went_stays_gone(world: &World) {
        let shop = shop(world, "Shop").await;
        let ours = shop.merchant.ids(world).await;
        for _ in 0..2 {
            shop.merchant.disable(world, &ours[0]).await;
            look(world).await;
        }
        shop.merchant.delete(world, &ours[0]).await;

        look(world).await;
        look(world).await;

        let connection = standing(world, &shop.connection).await;
        assert_eq!(connection["webhook"]["status"], "MISSING");
        assert!(shop.merchant.ids(world).await.is_empty());
    }

    async fn one_that_was_pointed_elsewhere_is_left_to_its_owner(world: &World) {
        let shop = shop(world, "Shop").await;
        let ours = shop.merchant.ids(world).await;
        let url = "https://elsewhere.example.com/hook";
        shop.merchant.change(world, &ours[0], &[("url", url)]).await;

        look(world).await;

        let connection = standing(world, &shop.connection).await;
        assert_eq!((&connection["statusReason"], &connection["webhook"]["status"]), (&json!("WEBHOOK_MISSING"), &json!("MISSING")));
        assert!(text(&connection["statusMessage"]).contains("another address"));
        let endpoints = shop.merchant.endpoints(world).await;
        assert_eq!((endpoints.len(), text(&endpoints[0]["url"])), (1, url.to_owned()));
    }

    async fn one_at_an_address_that_the_gateway_had_is_reported_and_left_alone(world: &World) {
        let shop = shop(world, "Shop").await;
        let ours = shop.merchant.ids(world).await;
        let before = "https://old.example.com/webhooks/stripe/x";
        shop.merchant.change(world, &ours[0], &[("url", before)]).await;
        execute(world, &format!("UPDATE webhook_endpoints SET url = '{before}'")).await;

        look(world).await;
        let told = standing(world, &shop.connection).await;
        let untouched = shop.merchant.endpoints(world).await;
        let rebuilt = rebuild(world, &shop.connection).await;

        assert_eq!((&told["statusReason"], &told["webhook"]["status"]), (&json!("WEBHOOK_MISSING"), &json!("MISSING")));
        assert!(text(&told["statusMessage"]).contains("public URL"), "{told:#}");
        assert_eq!((untouched.len(), text(&untouched[0]["url"])), (1, before.to_owned()));
        assert_eq!(rebuilt["connection"]["status"], "ACTIVE");
        let endpoints = shop.merchant.endpoints(world).await;
        assert_eq!(endpoints.len(), 1);
        assert!(text(&endpoints[0]["url"]).ends_with(&inner(&shop.connection).to_string()));
    }

    async fn what_was_replaced_and_still_stands_is_removed(world: &World) {
        let shop = shop(world, "Shop").await;
        rebuild(world, &shop.connection).await;
        let again = shop.merchant.add(world, "http://127.0.0.1:8080/webhooks/stripe/left", &[]).await;
        execute(world, &format!("UPDATE webhook_endpoints SET stripe_id = '{again}' WHERE state = 'retiring'")).await;

        look(world).await;

        let connection = standing(world, &shop.connection).await;
        assert_eq!(connection["status"], "ACTIVE");
        assert_eq!(shop.merchant.ids(world).await, [text(&connection["webhook"]["stripeId"])]);
        assert_eq!(count(world, "webhook_endpoints WHERE state = 'live'").await, 1);
    }
}
