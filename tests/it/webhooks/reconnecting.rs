//! A new key for a connection that has a webhook.

use sandbox::Grants;
use serde_json::json;
use tests::on_every_backend;

use super::support::{HERE, connect, disconnect, shop, standing, stripe_ids, text};

on_every_backend! {
    async fn the_webhook_that_stands_is_kept(world: &World) {
        let shop = shop(world, "Shop").await;
        let ours = shop.merchant.endpoints(world).await;
        let before = standing(world, &shop.connection).await;
        let new = world.stripe.create_key(&shop.account, Grants::All);

        let payload = connect(world, "Shop", &new, Some(&shop.connection)).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["connection"]["webhook"], before["webhook"]);
        assert_eq!(shop.merchant.endpoints(world).await, ours);
    }

    async fn one_that_is_gone_is_made_anew(world: &World) {
        let shop = shop(world, "Shop").await;
        let ours = shop.merchant.ids(world).await;
        shop.merchant.delete(world, &ours[0]).await;

        let payload = connect(world, "Shop", &shop.key, Some(&shop.connection)).await;

        assert_eq!(payload["connection"]["status"], "ACTIVE");
        let new = text(&payload["connection"]["webhook"]["stripeId"]);
        assert_ne!(ours, [new.as_str()]);
        assert_eq!(shop.merchant.ids(world).await, [new]);
    }

    async fn an_older_one_beside_it_is_a_conflict(world: &World) {
        let shop = shop(world, "Shop").await;
        let ours = shop.merchant.ids(world).await;
        let old = shop.merchant.add(world, &format!("{HERE}/webhooks/stripe/old"), &[]).await;

        let payload = connect(world, "Shop", &shop.key, Some(&shop.connection)).await;

        assert_eq!(payload["errors"][0]["__typename"], "WebhookAlreadyExistsError");
        assert_eq!(stripe_ids(&payload["errors"][0]["endpoints"]), [old]);
        assert_eq!(payload["connection"]["statusReason"], "WEBHOOK_CONFLICT");
        assert_eq!(payload["connection"]["webhook"]["stripeId"], ours[0].as_str());
    }

    async fn a_connection_that_was_ended_gets_another_one(world: &World) {
        let shop = shop(world, "Shop").await;
        disconnect(world, &shop.connection).await;

        let payload = connect(world, "Shop", &shop.key, Some(&shop.connection)).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["connection"]["status"], "ACTIVE");
        assert_eq!(shop.merchant.ids(world).await, [text(&payload["connection"]["webhook"]["stripeId"])]);
    }
}
