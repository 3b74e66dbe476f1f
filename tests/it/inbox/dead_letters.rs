//! An event that can never be applied is given up and shown, and keeps nothing else back.

use chrono::TimeDelta;
use reqwest::StatusCode;
use sandbox::{Act, PaymentSpec, Resource};
use serde_json::json;
use std::time::Duration;
use tests::on_every_backend;

use super::support::{event, live, settled, shown, states};

on_every_backend! {
    async fn a_poisonous_event_is_given_up_and_the_others_go_on(world: &World) {
        let live = live(world, "Shop", 5).await;
        let gateway = &world.server.app.gateway;
        let now = gateway.clock().now().timestamp();
        // Neither the event's body nor the object itself can be understood.
        let poison = json!({ "id": "ch_poison", "object": "charge", "created": now, "amount": "much" });
        world.stripe.insert_raw(&live.account, Resource::Charge, "ch_poison", now, poison.to_string());
        let body = event("evt_poison", "charge.updated", &poison, now).to_string();
        assert_eq!(live.deliver(world, &body).await, StatusCode::OK);

        let paid = world.stripe.act(&live.account, Act::Pay(PaymentSpec::default())).unwrap();
        let waiting = async {
            while states(world).await.get("dead") != Some(&1) {
                // Its pauses grow: time goes on.
                world.clock.advance(TimeDelta::minutes(5));
                world.stripe.advance(TimeDelta::minutes(5));
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("it is never given up");
        settled(world).await;
        assert!(shown(world, &live.connection).await.contains_key(&paid.id));

        let dead = gateway.dead_events(10).await.unwrap();
        assert_eq!(dead[0].stripe_id, "evt_poison");
        assert_eq!(dead[0].reason.as_deref(), Some("the object cannot be understood"));

        // Stripe's object is mended, and the operator tries again.
        let good = world.stripe.ledger(&live.account).charge_ids;
        let good = good.iter().find(|id| *id != "ch_poison").unwrap();
        let mut mended = world.stripe.object(&live.account, Resource::Charge, good).unwrap();
        mended["id"] = json!("ch_poison");
        world.stripe.insert_raw(&live.account, Resource::Charge, "ch_poison", now, mended.to_string());
        assert_eq!(gateway.retry_events(None).await.unwrap(), 1);
        settled(world).await;

        assert!(shown(world, &live.connection).await.contains_key("ch_poison"));
        assert_eq!(states(world).await.get("dead"), None);
    }
}
