//! Whatever order events, pages and fetches come in, the end is Stripe's state.

use sandbox::{DeliveryFaults, Latency, TrafficSpec};
use serde_json::json;
use std::time::Duration;
use tests::on_every_backend;

use super::support::{assert_like_stripe, live, settled};

const IMPORT: &str = "
    mutation($id: ID!) {
      startImport(input: { connectionId: $id }) { import { id } errors { message } }
    }";

/// Lives of many payments with deliveries in any order, some twice, while the account is imported again.
async fn lives(world: &tests::World, seed: u64) {
    let live = live(world, &format!("Shop {seed}"), 50).await;
    world.stripe.delivery().mode(DeliveryFaults {
        duplicate: 0.3,
        reorder: true,
        drop: 0.0,
        delay: Latency::fixed(Duration::from_millis(seed % 3 * 40)),
    });

    let started = world.data(IMPORT, json!({ "id": live.connection })).await;
    assert_eq!(started["startImport"]["errors"], json!([]));
    let made = world.stripe.traffic(
        &live.account,
        TrafficSpec {
            events: 300,
            seed,
            ..TrafficSpec::default()
        },
    );
    world.imported(&live.connection).await;
    settled(world).await;

    assert!(made.events.len() >= 300, "{} events", made.events.len());
    assert_like_stripe(world, &live).await;
}

on_every_backend! {
    async fn any_order_of_events_and_pages_ends_in_stripes_state(world: &World) {
        for seed in 0..4 {
            lives(world, seed).await;
        }
    }
}
