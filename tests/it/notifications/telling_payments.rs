//! Which payments changed is told, by their ids or by the advice to read the list again.

use std::collections::BTreeSet;

use sandbox::TrafficSpec;
use serde_json::json;
use tests::{Tables, World, on_every_backend};

use super::{
    receiver::{Arrived, Receiver},
    support::{a_moment, endpoint, inside, update},
};
use crate::{connecting::ask::until, inbox::support::live};

fn ids(messages: &[Arrived]) -> BTreeSet<String> {
    let all = messages
        .iter()
        .flat_map(|one| one.body["data"]["paymentIds"].as_array().unwrap());
    all.map(|id| id.as_str().unwrap().to_owned()).collect()
}

async fn marks(world: &World) -> usize {
    let tables = Tables::open(&world.database_url()).await;
    let count = tables.count("notification_marks").await;
    tables.close().await;
    count
}

async fn every_payment(world: &World) -> BTreeSet<String> {
    let data = world
        .data("{ payments(first: 100) { nodes { id } } }", json!({}))
        .await;
    let nodes = data["payments"]["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["id"].as_str().unwrap().to_owned())
        .collect()
}

on_every_backend! {
    #[options(inside())]
    async fn payments_of_an_import_are_told_by_their_ids(world: &World) {
        let receiver = Receiver::start().await;
        let to = endpoint(world, &receiver, &["PAYMENTS_CHANGED"]).await;

        let shop = live(world, "Shop", 60).await;
        let all = every_payment(world).await;
        let arrived = receiver.wait_until(|arrived| ids(arrived) == all).await;

        assert_eq!(all.len(), 60);
        for message in &arrived {
            assert!(message.is_signed_by(&to.secret));
            assert_eq!(message.body["type"], "payments.changed");
            assert_eq!(message.body["data"]["connectionId"], *shop.connection);
            assert_eq!(message.body["data"]["resync"], false);
        }
        until("nothing is left to be told", async || marks(world).await == 0).await;
    }

    #[options(inside())]
    async fn what_events_change_is_told(world: &World) {
        let receiver = Receiver::start().await;
        let shop = live(world, "Shop", 20).await;
        let before = every_payment(world).await;
        endpoint(world, &receiver, &["PAYMENTS_CHANGED"]).await;

        world.stripe.traffic(&shop.account, TrafficSpec { events: 40, seed: 3, ..TrafficSpec::default() });
        world.stripe.delivery().settled().await;
        until("new payments", async || every_payment(world).await.len() > before.len()).await;
        let arrived = receiver.wait_until(|arrived| {
            ids(arrived).difference(&before).next().is_some()
        }).await;

        let known = every_payment(world).await;
        let told = ids(&arrived);
        assert!(told.is_subset(&known), "{told:?} are told, {known:?} are there");
    }

    #[options(inside())]
    async fn of_too_many_it_says_to_read_the_list_again(world: &World) {
        let receiver = Receiver::start().await;
        endpoint(world, &receiver, &["PAYMENTS_CHANGED"]).await;

        live(world, "Shop", 3_000).await;
        let arrived = receiver.wait_until(|arrived| {
            arrived.iter().any(|one| one.body["data"]["resync"] == true)
        }).await;

        for message in &arrived {
            let data = &message.body["data"];
            let told = data["paymentIds"].as_array().unwrap().len();
            assert!(told <= 500 && (data["resync"] == false || told == 0), "{data}");
        }
        assert!(arrived.len() < 20, "changes are gathered, and not told page by page");
    }

    #[options(inside())]
    async fn where_nobody_wants_to_know_nothing_is_noted(world: &World) {
        let receiver = Receiver::start().await;
        let to = endpoint(world, &receiver, &["IMPORT_COMPLETED"]).await;
        live(world, "First", 30).await;
        assert_eq!(marks(world).await, 0);

        update(world, &to, json!({ "eventTypes": ["PAYMENTS_CHANGED"] })).await;
        update(world, &to, json!({ "enabled": false })).await;
        live(world, "Second", 30).await;
        a_moment().await;

        assert_eq!(marks(world).await, 0);
        let told = receiver.arrived().into_iter().filter(|one| one.body["type"] == "payments.changed");
        assert_eq!(told.count(), 0);
    }
}
