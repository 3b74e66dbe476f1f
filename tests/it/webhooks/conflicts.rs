//! Older endpoints that point at this gateway.

use sandbox::AccountSpec;
use serde_json::json;
use tests::on_every_backend;

use super::support::{
    HERE, Merchant, connect, inner, look, rebuild, shop, standing, stripe_ids, text,
};

on_every_backend! {
    async fn an_older_endpoint_is_reported_and_the_import_runs(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(3));
        let merchant = Merchant::of(world, &account);
        let old = merchant.add(world, "HTTP://127.0.0.1:8080/webhooks/%73tripe/", &[]).await;

        let payload = connect(world, "Shop", &key, None).await;
        let id = text(&payload["connection"]["id"]);
        let import = world.imported(&id).await;
        let connection = standing(world, &id).await;

        let error = &payload["errors"][0];
        assert_eq!(error["__typename"], "WebhookAlreadyExistsError");
        assert_eq!(error["path"], json!(["input", "apiKey"]));
        assert!(error["message"].as_str().unwrap().contains("Rebuild the webhook"), "{error}");
        assert_eq!(stripe_ids(&error["endpoints"]), [old.as_str()]);
        assert_eq!(import["status"], "SUCCEEDED");
        // Not mended by an import that went well.
        for connection in [&payload["connection"], &connection] {
            assert_eq!(connection["status"], "ACTION_REQUIRED", "{connection:#}");
            assert_eq!(connection["statusReason"], "WEBHOOK_CONFLICT");
            assert_eq!(connection["webhook"]["status"], "CONFLICT");
            assert_eq!(connection["webhook"]["stripeId"], json!(null));
            assert_eq!(stripe_ids(&connection["webhook"]["conflictingEndpoints"]), [old.as_str()]);
        }
        assert_eq!(merchant.ids(world).await, [old], "nothing was made or removed");
    }

    async fn rebuilding_is_the_way_out(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(3));
        let merchant = Merchant::of(world, &account);
        let old = merchant.add(world, &format!("{HERE}/webhooks/stripe/0193a5f0-0000-7000-8000-000000000001"), &[]).await;
        let id = text(&connect(world, "Shop", &key, None).await["connection"]["id"]);

        let payload = rebuild(world, &id).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(stripe_ids(&payload["removed"]), [old]);
        assert_eq!(payload["connection"]["status"], "ACTIVE");
        assert_eq!(payload["connection"]["statusReason"], json!(null));
        assert_eq!(payload["connection"]["webhook"]["conflictingEndpoints"], json!([]));
        assert_eq!(payload["webhook"]["status"], "ACTIVE");
        assert_eq!(merchant.ids(world).await, [text(&payload["webhook"]["stripeId"])]);
    }

    async fn removing_it_by_hand_is_the_other(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(3));
        let merchant = Merchant::of(world, &account);
        let old = merchant.add(world, &format!("{HERE}/webhooks/stripe"), &[]).await;
        let id = text(&connect(world, "Shop", &key, None).await["connection"]["id"]);

        look(world).await;
        let while_there = standing(world, &id).await;
        merchant.delete(world, &old).await;
        look(world).await;
        let mended = standing(world, &id).await;

        assert_eq!(while_there["webhook"]["status"], "CONFLICT");
        assert_eq!((&mended["status"], &mended["webhook"]["status"]), (&json!("ACTIVE"), &json!("ACTIVE")));
        assert_eq!(merchant.ids(world).await, [text(&mended["webhook"]["stripeId"])]);
    }

    async fn an_endpoint_that_names_one_of_our_connections_is_known_by_its_host(world: &World) {
        let one = shop(world, "One").await;
        let marked = inner(&one.connection).to_string();
        let mark = [("metadata[inlet_connection]", marked.as_str())];
        let moved = one.merchant.add(world, "http://127.0.0.1:9999/elsewhere", &mark).await;
        let foreign = one.merchant.add(world, "http://127.0.0.2:8080/elsewhere", &mark).await;
        let unknown = [("metadata[inlet_connection]", "0193a5f0-0000-7000-8000-000000000001")];
        let unmarked = one.merchant.add(world, "http://127.0.0.1:9999/other", &unknown).await;

        look(world).await;
        let connection = standing(world, &one.connection).await;
        let payload = rebuild(world, &one.connection).await;

        assert_eq!(stripe_ids(&connection["webhook"]["conflictingEndpoints"]), [moved.as_str()]);
        assert!(stripe_ids(&payload["removed"]).contains(&moved));
        let left = one.merchant.ids(world).await;
        assert!(left.contains(&foreign) && left.contains(&unmarked) && left.len() == 3, "{left:?}");
    }

    async fn one_that_appears_later_is_noticed_while_events_still_arrive(world: &World) {
        let shop = shop(world, "Shop").await;
        let ours = shop.merchant.ids(world).await;
        let copy = shop.merchant.add(world, &format!("{HERE}/webhooks/stripe/copy"), &[]).await;

        look(world).await;
        let connection = standing(world, &shop.connection).await;

        assert_eq!(connection["statusReason"], "WEBHOOK_CONFLICT");
        assert_eq!(connection["webhook"]["stripeId"], ours[0].as_str());
        assert_eq!(stripe_ids(&connection["webhook"]["conflictingEndpoints"]), [copy]);
    }

    async fn a_platforms_own_endpoint_is_none_of_a_connections(world: &World) {
        let shop = shop(world, "Shop").await;
        let platform = shop.merchant.add(world, &format!("{HERE}/webhooks/stripe"), &[("connect", "true")]).await;

        look(world).await;
        let connection = standing(world, &shop.connection).await;
        rebuild(world, &shop.connection).await;

        assert_eq!(connection["status"], "ACTIVE");
        assert!(shop.merchant.ids(world).await.contains(&platform));
    }
}
