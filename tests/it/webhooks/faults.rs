//! Stripe's trouble while webhooks are made.

use sandbox::{AccountSpec, Fault, Rule};
use serde_json::json;
use tests::on_every_backend;

use super::support::{Merchant, connect, count, execute, look, rebuild, shop, standing, text};

const PATH: &str = "/v1/webhook_endpoints";

on_every_backend! {
    async fn a_creation_whose_answer_is_lost_is_asked_for_again_and_made_once(world: &World) {
        for fault in [Fault::TruncatedBody, Fault::ConnectionReset, Fault::InvalidJson, Fault::BadGateway] {
            let (account, key) = world.account(AccountSpec::with_payments(1));
            // The probe, the list, and then the creation.
            world.stripe.faults().inject(Rule::every(3, fault.clone()).on(PATH));

            let payload = connect(world, &format!("{fault:?}"), &key, None).await;
            world.stripe.faults().clear();

            assert_eq!(payload["errors"], json!([]), "{fault:?}");
            let made = text(&payload["connection"]["webhook"]["stripeId"]);
            assert_eq!(Merchant::of(world, &account).ids(world).await, [made], "{fault:?}");
        }
    }

    async fn a_rebuilding_whose_answer_is_lost_makes_one_endpoint(world: &World) {
        for fault in [Fault::TruncatedBody, Fault::ConnectionReset] {
            let shop = shop(world, &format!("{fault:?}")).await;
            world.stripe.faults().inject(Rule::every(2, fault.clone()).on(PATH));

            let payload = rebuild(world, &shop.connection).await;
            world.stripe.faults().clear();

            assert_eq!(payload["errors"], json!([]), "{fault:?}");
            assert_eq!(shop.merchant.ids(world).await, [text(&payload["webhook"]["stripeId"])], "{fault:?}");
        }
    }

    async fn a_stripe_that_is_away_changes_nothing(world: &World) {
        let shop = shop(world, "Shop").await;
        let (before, endpoints) = (standing(world, &shop.connection).await, shop.merchant.endpoints(world).await);

        world.stripe.faults().down(true);
        let payload = rebuild(world, &shop.connection).await;
        look(world).await;
        world.stripe.faults().down(false);

        assert_eq!(payload["errors"][0]["__typename"], "StripeUnavailableError");
        assert_eq!(standing(world, &shop.connection).await, before);
        assert_eq!(shop.merchant.endpoints(world).await, endpoints);
        assert_eq!(rebuild(world, &shop.connection).await["errors"], json!([]));
        assert_eq!(shop.merchant.ids(world).await.len(), 1);
    }

    async fn a_failure_that_stripe_keeps_is_not_asked_for_again(world: &World) {
        let shop = shop(world, "Shop").await;
        world.stripe.faults().inject(Rule::every(2, Fault::ServerError).on(PATH));

        let failed = rebuild(world, &shop.connection).await;
        world.stripe.faults().clear();
        let payload = rebuild(world, &shop.connection).await;

        assert_eq!(failed["errors"][0]["__typename"], "StripeUnavailableError", "{failed:#}");
        assert_eq!(payload["errors"], json!([]));
        assert_eq!(shop.merchant.ids(world).await, [text(&payload["webhook"]["stripeId"])]);
    }

    async fn an_account_that_is_not_stored_keeps_no_webhook(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(1));
        // The audit entry is the last thing that connecting writes.
        execute(world, "ALTER TABLE audit_log RENAME TO audit_away").await;

        let answer = world.graphql(
            "mutation($input: ConnectWithApiKeyInput!) { connectWithApiKey(input: $input) { connection { id } } }",
            json!({ "input": { "name": "Shop", "apiKey": key } }),
        ).await;
        execute(world, "ALTER TABLE audit_away RENAME TO audit_log").await;

        assert!(answer["errors"].is_array(), "{answer:#}");
        assert_eq!(count(world, "connections").await, 0);
        assert_eq!(count(world, "webhook_endpoints").await, 0);
        assert!(Merchant::of(world, &account).ids(world).await.is_empty());
        assert_eq!(connect(world, "Shop", &key, None).await["errors"], json!([]));
    }
}
