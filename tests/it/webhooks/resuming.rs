//! A rebuilding that was cut off is taken up where it was.

use chrono::TimeDelta;
use serde_json::json;
use tests::{World, on_every_backend};

use super::support::{Shop, count, execute, look, rebuild, shop, standing, text};

/// Rebuilds, and forgets everything that was learnt since Stripe was asked: as if the process had died then.
async fn died_before_storing(world: &World, shop: &Shop) -> String {
    let made = text(&rebuild(world, &shop.connection).await["webhook"]["stripeId"]);
    let back = format!(
        "UPDATE webhook_endpoints SET state = 'creating', stripe_id = NULL, secret_sealed = NULL, lease_until = NULL
         WHERE stripe_id = '{made}'"
    );
    assert_eq!(execute(world, &back).await, 1);
    let old = "UPDATE webhook_endpoints SET state = 'live', retiring_until = NULL WHERE state = 'retiring'";
    assert_eq!(execute(world, old).await, 1);
    made
}

on_every_backend! {
    async fn the_same_endpoint_and_secret_come_back(world: &World) {
        let shop = shop(world, "Shop").await;
        let made = died_before_storing(world, &shop).await;

        let payload = rebuild(world, &shop.connection).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["webhook"]["stripeId"], made.as_str());
        assert_eq!(shop.merchant.ids(world).await, [made]);
        assert_eq!(count(world, "webhook_endpoints WHERE state = 'live' AND secret_sealed IS NOT NULL").await, 1);
        assert_eq!(count(world, "webhook_endpoints WHERE state = 'creating'").await, 0);
    }

    async fn one_that_was_removed_meanwhile_is_not_taken_for_standing(world: &World) {
        let shop = shop(world, "Shop").await;
        let made = died_before_storing(world, &shop).await;
        shop.merchant.delete(world, &made).await;

        let payload = rebuild(world, &shop.connection).await;

        assert_eq!(payload["errors"], json!([]));
        let new = text(&payload["webhook"]["stripeId"]);
        assert_ne!(new, made);
        assert_eq!(shop.merchant.ids(world).await, [new]);
    }

    async fn a_key_older_than_a_day_is_not_used_again(world: &World) {
        let shop = shop(world, "Shop").await;
        let made = died_before_storing(world, &shop).await;
        world.clock.advance(TimeDelta::hours(25));
        world.stripe.clear_requests();

        let payload = rebuild(world, &shop.connection).await;

        assert_eq!(payload["errors"], json!([]));
        let new = text(&payload["webhook"]["stripeId"]);
        assert_ne!(new, made);
        assert_eq!(shop.merchant.ids(world).await, [new]);
    }

    async fn what_a_dead_maker_left_is_cleared_away_by_the_steward(world: &World) {
        let shop = shop(world, "Shop").await;
        let made = died_before_storing(world, &shop).await;

        look(world).await;
        let after = standing(world, &shop.connection).await;

        // The one before was removed already, so the steward made another.
        let left = shop.merchant.ids(world).await;
        assert!(!left.contains(&made), "{left:?}");
        assert_eq!(after["webhook"]["status"], "ACTIVE");
        assert_eq!(left, [text(&after["webhook"]["stripeId"])]);
        assert_eq!(count(world, "webhook_endpoints WHERE state = 'creating'").await, 0);
    }

    async fn a_maker_that_is_at_it_is_not_disturbed(world: &World) {
        let shop = shop(world, "Shop").await;
        let made = died_before_storing(world, &shop).await;
        let at_it = "UPDATE webhook_endpoints SET lease_until = '2999-01-01 00:00:00+00:00' WHERE state = 'creating'";
        execute(world, at_it).await;

        look(world).await;
        assert_eq!(shop.merchant.ids(world).await, [made.as_str()]);
        let payload = rebuild(world, &shop.connection).await;

        assert_eq!(payload["errors"][0]["__typename"], "StripeUnavailableError");
        assert!(payload["errors"][0]["retryAfterSeconds"].is_number());
        assert_eq!(shop.merchant.ids(world).await, [made]);
    }
}
