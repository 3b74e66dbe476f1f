//! Connecting makes the webhook.

use std::collections::BTreeSet;

use sandbox::{AccountSpec, Grants, Permission};
use serde_json::json;
use tests::{WorldOptions, on_every_backend};

use super::support::{HERE, Merchant, connect, count, inner, shop, standing, text};

on_every_backend! {
    async fn connecting_makes_one_endpoint_with_everything_it_needs(world: &World) {
        let shop = shop(world, "Shop").await;

        let endpoints = shop.merchant.endpoints(world).await;
        let connection = standing(world, &shop.connection).await;

        let [endpoint] = &endpoints[..] else { panic!("{endpoints:#?}") };
        let id = inner(&shop.connection).to_string();
        assert_eq!(text(&endpoint["url"]), format!("{HERE}/webhooks/stripe/{id}"));
        assert_eq!(endpoint["api_version"], "2026-07-29.dahlia");
        assert_eq!(endpoint["metadata"]["inlet_connection"], id);
        assert_eq!(endpoint["status"], "enabled");
        assert!(endpoint["description"].as_str().unwrap().contains("Inlet"));
        let events = endpoint["enabled_events"].as_array().unwrap();
        let distinct: BTreeSet<_> = events.iter().map(|event| event.as_str().unwrap()).collect();
        assert_eq!((events.len(), distinct.len()), (56, 56));
        assert!(distinct.contains("charge.updated") && !distinct.contains("*"));

        assert_eq!((&connection["status"], &connection["statusReason"]), (&json!("ACTIVE"), &json!(null)));
        let webhook = &connection["webhook"];
        assert_eq!(webhook["status"], "ACTIVE");
        assert_eq!(webhook["url"], endpoint["url"]);
        assert_eq!(webhook["stripeId"], endpoint["id"]);
        assert_eq!(webhook["conflictingEndpoints"], json!([]));
        assert_eq!(webhook["missingEventTypes"], json!([]));
        assert_eq!(webhook["lastEventAt"], json!(null));
        assert!(webhook["createdAt"].is_string());
    }

    async fn the_import_takes_what_was_before_the_webhook(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(3));

        connect(world, "Shop", &key, None).await;

        let made = world.asked().into_iter().find(|request| {
            request.method == "POST" && request.path == "/v1/webhook_endpoints" && request.status == 200
        });
        let made = made.unwrap();
        assert!(made.idempotency_key.is_some());
        let before = format!("imports WHERE queued_at < '{}'", made.at.format("%F %T%.6f"));
        assert_eq!(count(world, &before).await, 0, "the import of {account} begins before its webhook");
        assert_eq!(count(world, "imports").await, 1);
    }

    async fn a_key_that_may_only_read_webhooks_is_refused_and_leaves_nothing(world: &World) {
        let (account, _) = world.account(AccountSpec::default());
        let key = world.stripe.create_key(&account, Grants::AllBut(vec![Permission::WebhookWrite]));

        let payload = connect(world, "Shop", &key, None).await;

        assert_eq!(payload["connection"], json!(null));
        assert_eq!(payload["errors"][0]["__typename"], "MissingPermissionsError");
        assert_eq!(payload["errors"][0]["missing"], json!([{ "resource": "Webhook Endpoints" }]));
        assert_eq!(Merchant::of(world, &account).endpoints(world).await, Vec::<serde_json::Value>::new());
    }

    async fn an_address_that_stripe_refuses_connects_without_a_webhook(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(3).live());

        let payload = connect(world, "Shop", &key, None).await;
        let id = text(&payload["connection"]["id"]);
        let import = world.imported(&id).await;

        assert_eq!(payload["errors"], json!([]));
        let connection = standing(world, &id).await;
        assert_eq!(connection["status"], "ACTION_REQUIRED");
        assert_eq!(connection["statusReason"], "WEBHOOK_MISSING");
        let words = connection["statusMessage"].as_str().unwrap();
        assert!(words.contains("INLET_SERVER__PUBLIC_URL") && words.contains("https"), "{words}");
        assert_eq!(connection["webhook"]["status"], "MISSING");
        assert_eq!(connection["webhook"]["stripeId"], json!(null));
        assert_eq!(import["status"], "SUCCEEDED");
        assert!(Merchant::of(world, &account).endpoints(world).await.is_empty());
    }

    #[options(WorldOptions { variables: vec![("INLET_SERVER__PUBLIC_URL", "https://example.com/inlet".to_owned())], ..WorldOptions::default() })]
    async fn the_public_url_may_have_a_path(world: &World) {
        let shop = shop(world, "Shop").await;

        let endpoints = shop.merchant.endpoints(world).await;

        let id = inner(&shop.connection);
        assert_eq!(text(&endpoints[0]["url"]), format!("https://example.com/inlet/webhooks/stripe/{id}"));
    }
}
