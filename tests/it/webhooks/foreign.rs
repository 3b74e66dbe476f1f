//! Endpoints that are not ours are never touched, whatever they look like.

use std::collections::BTreeSet;

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::Value;
use tests::{World, on_every_backend};

use super::support::{Merchant, disconnect, look, rebuild, shop, text};

const SCHEMES: [&str; 2] = ["http", "https"];
const HOSTS: [&str; 8] = [
    "127.0.0.1:8081",
    "127.0.0.1",
    "127.0.0.2:8080",
    "localhost:8080",
    "127.0.0.1:8080@evil.example",
    "127.0.0.1.evil.example:8080",
    "pay.example.com",
    "127.0.0.1:8080",
];
const PATHS: [&str; 8] = [
    "",
    "/",
    "/webhooks",
    "/webhooks/stripes",
    "/webhooks/stripe-old/x",
    "/webhooks%2Fstripe/x",
    "/Webhooks/stripe/x",
    "/x/webhooks/stripe/y",
];

/// Some endpoint of somebody else, most of which nearly are ours.
async fn add_foreign(world: &World, merchant: &Merchant, dice: &mut StdRng) {
    let scheme = SCHEMES.choose(dice).unwrap();
    let (host, path) = (HOSTS.choose(dice).unwrap(), PATHS.choose(dice).unwrap());
    let url = format!("{scheme}://{host}{path}?{}", dice.random::<u32>());
    let stranger = uuid::Uuid::from_u128(dice.random()).to_string();
    let mark = [("metadata[inlet_connection]", stranger.as_str())];
    let marked = dice.random_bool(0.5);
    merchant
        .add(world, &url, if marked { &mark } else { &[] })
        .await;
}

/// What is foreign: everything but these.
async fn others(world: &World, merchant: &Merchant, ours: &BTreeSet<String>) -> Vec<Value> {
    let mut all = merchant.endpoints(world).await;
    all.retain(|endpoint| !ours.contains(&text(&endpoint["id"])));
    all
}

on_every_backend! {
    async fn foreign_endpoints_stay_as_they_are_whatever_is_done(world: &World) {
        for seed in 0..6 {
            let mut dice = StdRng::seed_from_u64(seed);
            let shop = shop(world, &format!("Shop {seed}")).await;
            let mut ours: BTreeSet<_> = shop.merchant.ids(world).await.into_iter().collect();
            for _ in 0..dice.random_range(1..=15) {
                add_foreign(world, &shop.merchant, &mut dice).await;
            }
            let before = others(world, &shop.merchant, &ours).await;

            for _ in 0..4 {
                match dice.random_range(0..3) {
                    0 => look(world).await,
                    1 => {
                        if let Some(live) = shop.merchant.ids(world).await.into_iter().find(|id| ours.contains(id)) {
                            shop.merchant.disable(world, &live).await;
                        }
                    }
                    _ => {
                        let payload = rebuild(world, &shop.connection).await;
                        ours.insert(text(&payload["webhook"]["stripeId"]));
                    }
                }
                assert_eq!(others(world, &shop.merchant, &ours).await, before, "seed {seed}");
            }
            disconnect(world, &shop.connection).await;

            assert_eq!(shop.merchant.endpoints(world).await, before, "seed {seed}");
        }
    }
}
