//! Disconnecting removes the webhook.

use std::time::{Duration, Instant};

use sandbox::Fault;
use serde_json::json;
use tests::on_every_backend;

use super::support::{count, disconnect, inner, look, shop, text};

on_every_backend! {
    async fn the_webhook_goes_before_the_key(world: &World) {
        let shop = shop(world, "Shop").await;
        let foreign = shop.merchant.add(world, "https://elsewhere.example.com/hook", &[]).await;

        let payload = disconnect(world, &shop.connection).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["connection"]["status"], "DISCONNECTED");
        assert!(!text(&payload["connection"]["statusMessage"]).contains("could not be removed"));
        assert_eq!(payload["connection"]["webhook"], json!(null));
        assert_eq!(shop.merchant.ids(world).await, [foreign]);
        let secrets = world.server.app.gateway.webhook_secrets(inner(&shop.connection)).await.unwrap();
        assert!(secrets.is_none());
        assert_eq!(count(world, "webhook_endpoints WHERE secret_sealed IS NOT NULL").await, 0);
        world.stripe.clear_requests();
        look(world).await;
        assert!(world.asked().is_empty());
    }

    async fn a_webhook_that_cannot_be_removed_is_named(world: &World) {
        let shop = shop(world, "Shop").await;
        let url = text(&shop.merchant.endpoints(world).await[0]["url"]);
        world.stripe.revoke_key(&shop.key);

        let payload = disconnect(world, &shop.connection).await;
        let again = disconnect(world, &shop.connection).await;

        assert_eq!(payload["connection"]["status"], "DISCONNECTED");
        let words = text(&payload["connection"]["statusMessage"]);
        assert!(words.contains("could not be removed") && words.contains(&url), "{words}");
        assert_eq!(again["connection"]["statusMessage"], words);
    }

    async fn a_stripe_that_does_not_answer_keeps_nobody_connected(world: &World) {
        let shop = shop(world, "Shop").await;
        let stall = Fault::Stall { duration: Duration::from_mins(2) };
        world.stripe.faults().inject(sandbox::Rule::every(1, stall).on("/v1/webhook_endpoints"));
        let start = Instant::now();

        let payload = disconnect(world, &shop.connection).await;

        assert_eq!(payload["connection"]["status"], "DISCONNECTED");
        assert!(text(&payload["connection"]["statusMessage"]).contains("could not be removed"));
        assert!(start.elapsed() < Duration::from_secs(14), "{:?}", start.elapsed());
    }
}
