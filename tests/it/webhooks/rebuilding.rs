//! Rebuilding on a user's word.

use sandbox::{Grants, Permission};
use serde_json::json;
use tests::on_every_backend;

use super::support::{
    count, disconnect, execute, inner, rebuild, shop, standing, stripe_ids, text,
};

on_every_backend! {
    async fn the_new_one_comes_before_the_old_one_goes(world: &World) {
        let shop = shop(world, "Shop").await;
        let old = shop.merchant.ids(world).await;
        world.stripe.clear_requests();

        let payload = rebuild(world, &shop.connection).await;

        assert_eq!(payload["errors"], json!([]));
        let new = text(&payload["webhook"]["stripeId"]);
        assert_eq!(stripe_ids(&payload["removed"]), old);
        assert_eq!(shop.merchant.ids(world).await, [new.as_str()]);
        assert_ne!(old, [new.as_str()]);
        let calls: Vec<_> = world.asked().into_iter()
            .filter(|request| request.path.starts_with("/v1/webhook_endpoints"))
            .map(|request| (request.method, request.path))
            .collect();
        let list = "/v1/webhook_endpoints".to_owned();
        assert_eq!(calls[..3], [
            ("GET".to_owned(), list.clone()),
            ("POST".to_owned(), list),
            ("DELETE".to_owned(), format!("/v1/webhook_endpoints/{}", old[0])),
        ]);
        let connection = standing(world, &shop.connection).await;
        assert_eq!(connection["webhook"]["stripeId"], new);
        assert_eq!(connection["webhook"]["status"], "ACTIVE");
        assert_eq!(count(world, "audit_log WHERE action = 'webhook.rebuilt'").await, 1);
    }

    async fn both_secrets_are_accepted_for_an_hour(world: &World) {
        let shop = shop(world, "Shop").await;
        let gateway = &world.server.app.gateway;
        let id = inner(&shop.connection);
        let accepted = async || gateway.webhook_secrets(id).await.unwrap().unwrap().secrets.len();
        assert_eq!(accepted().await, 1);

        rebuild(world, &shop.connection).await;
        let meanwhile = accepted().await;
        world.clock.advance(chrono::TimeDelta::minutes(61));
        let afterwards = accepted().await;
        gateway.check_webhooks().await.unwrap();

        assert_eq!((meanwhile, afterwards), (2, 1));
        assert_eq!(count(world, "webhook_endpoints WHERE secret_sealed IS NOT NULL").await, 1);
    }

    async fn rebuilding_again_and_again_leaves_one(world: &World) {
        let shop = shop(world, "Shop").await;

        for _ in 0..4 {
            let payload = rebuild(world, &shop.connection).await;
            assert_eq!(payload["errors"], json!([]));
            assert_eq!(shop.merchant.ids(world).await, [text(&payload["webhook"]["stripeId"])]);
        }
    }

    async fn a_key_that_may_not_write_webhooks_changes_nothing(world: &World) {
        let shop = shop(world, "Shop").await;
        let (endpoints, before) = (shop.merchant.endpoints(world).await, standing(world, &shop.connection).await);
        world.stripe.grant(&shop.key, Grants::AllBut(vec![Permission::WebhookWrite]));

        let payload = rebuild(world, &shop.connection).await;

        assert_eq!(payload["errors"][0]["__typename"], "MissingPermissionsError");
        assert_eq!(payload["errors"][0]["missing"], json!([{ "resource": "Webhook Endpoints" }]));
        assert_eq!((&payload["connection"], &payload["webhook"]), (&json!(null), &json!(null)));
        assert_eq!(shop.merchant.endpoints(world).await, endpoints);
        assert_eq!(standing(world, &shop.connection).await, before);
        world.stripe.grant(&shop.key, Grants::All);
        assert_eq!(rebuild(world, &shop.connection).await["errors"], json!([]));
    }

    async fn what_cannot_be_rebuilt_says_so(world: &World) {
        let shop = shop(world, "Shop").await;
        for id in ["con_00000000000000000000000000000000", "", "imp_1"] {
            let payload = rebuild(world, id).await;
            assert_eq!(payload["errors"][0]["__typename"], "NotFoundError");
        }
        execute(world, "UPDATE connections SET auth_method = 'oauth'").await;
        let of_platform = rebuild(world, &shop.connection).await;
        execute(world, "UPDATE connections SET auth_method = 'api_key'").await;
        world.stripe.revoke_key(&shop.key);
        let refused = rebuild(world, &shop.connection).await;
        let standing = standing(world, &shop.connection).await;
        disconnect(world, &shop.connection).await;
        let ended = rebuild(world, &shop.connection).await;

        assert!(text(&of_platform["errors"][0]["message"]).contains("inlet doctor"));
        assert!(text(&refused["errors"][0]["message"]).contains("connect again with a new key"));
        assert_eq!(standing["statusReason"], "CREDENTIALS_INVALID");
        assert!(text(&ended["errors"][0]["message"]).contains("disconnected"));
        for payload in [of_platform, refused, ended] {
            assert_eq!(payload["errors"][0]["__typename"], "InvalidInputError", "{payload:#}");
        }
    }
}
