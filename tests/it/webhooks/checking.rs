//! The steward's look: what is switched off or cut down at Stripe.

use chrono::TimeDelta;
use sandbox::{Fault, Grants, Permission, Rule};
use serde_json::json;
use tests::on_every_backend;

use super::support::{look, rebuild, shop, standing};

on_every_backend! {
    async fn a_look_costs_one_read_and_is_taken_every_few_hours(world: &World) {
        let shop = shop(world, "Shop").await;
        let gateway = &world.server.app.gateway;
        let before = standing(world, &shop.connection).await;
        world.stripe.clear_requests();
        let looks = || world.asked().iter().filter(|it| it.path.starts_with("/v1/webhook")).count();

        gateway.check_webhooks().await.unwrap();
        let at_once = looks();
        world.clock.advance(TimeDelta::hours(7));
        gateway.check_webhooks().await.unwrap();
        gateway.check_webhooks().await.unwrap();
        let later = looks();
        world.clock.advance(TimeDelta::hours(7));
        tokio::join!(
            async { gateway.check_webhooks().await.unwrap() },
            async { gateway.check_webhooks().await.unwrap() },
        );

        assert_eq!((at_once, later, looks()), (0, 1, 2));
        assert_eq!(standing(world, &shop.connection).await, before);
    }

    async fn what_was_switched_off_is_switched_on_once(world: &World) {
        let shop = shop(world, "Shop").await;
        let ours = shop.merchant.ids(world).await;
        shop.merchant.disable(world, &ours[0]).await;

        look(world).await;
        let once = (shop.merchant.endpoints(world).await[0]["status"].clone(), standing(world, &shop.connection).await);
        shop.merchant.disable(world, &ours[0]).await;
        look(world).await;
        let twice = (shop.merchant.endpoints(world).await[0]["status"].clone(), standing(world, &shop.connection).await);
        let rebuilt = rebuild(world, &shop.connection).await;

        assert_eq!(once.0, "enabled");
        assert_eq!((&once.1["status"], &once.1["webhook"]["status"]), (&json!("ACTIVE"), &json!("ACTIVE")));
        assert_eq!(twice.0, "disabled");
        assert_eq!(twice.1["status"], "ACTION_REQUIRED");
        assert_eq!(twice.1["statusReason"], "WEBHOOK_DISABLED");
        assert!(twice.1["statusMessage"].as_str().unwrap().contains("rebuild the webhook"), "{:#}", twice.1);
        assert_eq!(twice.1["webhook"]["status"], "DISABLED");
        assert_eq!(rebuilt["connection"]["status"], "ACTIVE");
    }

    async fn one_that_is_enabled_by_hand_counts_again(world: &World) {
        let shop = shop(world, "Shop").await;
        let ours = shop.merchant.ids(world).await;
        for _ in 0..2 {
            shop.merchant.disable(world, &ours[0]).await;
            look(world).await;
        }
        shop.merchant.change(world, &ours[0], &[("disabled", "false")]).await;

        look(world).await;

        let connection = standing(world, &shop.connection).await;
        assert_eq!((&connection["status"], &connection["webhook"]["status"]), (&json!("ACTIVE"), &json!("ACTIVE")));
    }

    async fn missing_event_types_are_added_or_shown(world: &World) {
        let shop = shop(world, "Shop").await;
        let ours = shop.merchant.ids(world).await;
        let cut = [("enabled_events[]", "charge.failed"), ("enabled_events[]", "customer.created")];
        shop.merchant.change(world, &ours[0], &cut).await;
        // The list is answered, and what is to mend it is not.
        world.stripe.faults().inject(Rule::every(2, Fault::EmptyForbidden).on("/v1/webhook_endpoints"));

        look(world).await;
        world.stripe.faults().clear();
        let shown = standing(world, &shop.connection).await;
        look(world).await;
        let mended = standing(world, &shop.connection).await;

        let missing = shown["webhook"]["missingEventTypes"].as_array().unwrap();
        assert_eq!((&shown["webhook"]["status"], missing.len()), (&json!("ACTIVE"), 55));
        assert!(missing.contains(&json!("charge.refunded")));
        assert_eq!(mended["webhook"]["missingEventTypes"], json!([]));
        let events = shop.merchant.endpoints(world).await[0]["enabled_events"].as_array().unwrap().clone();
        assert_eq!(events.len(), 57);
        assert!(events.contains(&json!("customer.created")));
    }

    async fn a_permission_that_was_lost_is_noticed_and_found_again(world: &World) {
        let shop = shop(world, "Shop").await;
        world.stripe.grant(&shop.key, Grants::AllBut(vec![Permission::WebhookRead, Permission::WebhookWrite]));

        look(world).await;
        let lost = standing(world, &shop.connection).await;
        world.stripe.grant(&shop.key, Grants::All);
        look(world).await;
        let found = standing(world, &shop.connection).await;

        assert_eq!((&lost["status"], &lost["statusReason"]), (&json!("ACTION_REQUIRED"), &json!("PERMISSIONS_MISSING")));
        assert!(lost["statusMessage"].as_str().unwrap().contains("Webhook Endpoints"));
        assert_eq!((&found["status"], &found["statusReason"]), (&json!("ACTIVE"), &json!(null)));
    }

    async fn a_refused_key_is_noticed(world: &World) {
        let shop = shop(world, "Shop").await;
        world.stripe.revoke_key(&shop.key);

        look(world).await;

        let connection = standing(world, &shop.connection).await;
        assert_eq!(connection["statusReason"], "CREDENTIALS_INVALID");
        assert_eq!(connection["webhook"]["status"], "ACTIVE");
    }
}
