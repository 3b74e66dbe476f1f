//! How long deliveries are kept.

use chrono::TimeDelta;
use serde_json::json;
use tests::{Tables, World, on_every_backend};

use super::{
    receiver::Receiver,
    support::{attempted, delivery, endpoint, inside, send_test},
};
use crate::connecting::ask::mutate;

async fn counts(world: &World) -> (usize, usize) {
    let tables = Tables::open(&world.database_url()).await;
    let endpoints = tables.count("notification_endpoints").await;
    let deliveries = tables.count("notification_deliveries").await;
    tables.close().await;
    (endpoints, deliveries)
}

on_every_backend! {
    #[options(inside())]
    async fn after_31_days_they_are_forgotten(world: &World) {
        let receiver = Receiver::start().await;
        let to = endpoint(world, &receiver, &["IMPORT_FAILED"]).await;
        let old = send_test(world, &to).await;
        attempted(world, &old, 1).await;
        let gateway = &world.server.app.gateway;

        world.clock.advance(TimeDelta::days(30));
        let young = send_test(world, &to).await;
        attempted(world, &young, 1).await;
        gateway.prune_notifications().await.unwrap();
        assert_eq!(counts(world).await, (1, 2));
        world.clock.advance(TimeDelta::days(1));
        gateway.prune_notifications().await.unwrap();

        assert_eq!(counts(world).await, (1, 1));
        assert_eq!(delivery(world, &old).await, json!(null));
        assert_eq!(delivery(world, &young).await["state"], "DELIVERED");
    }

    #[options(inside())]
    async fn those_of_a_deleted_endpoint_go_with_it(world: &World) {
        let receiver = Receiver::start().await;
        let to = endpoint(world, &receiver, &["IMPORT_FAILED"]).await;
        let kept = endpoint(world, &receiver, &["IMPORT_FAILED"]).await;
        for to in [&to, &to, &to, &kept] {
            let id = send_test(world, to).await;
            attempted(world, &id, 1).await;
        }

        let input = json!({ "endpointId": to.id });
        mutate(world, "deleteNotificationEndpoint", "deletedEndpointId", input).await;
        let gateway = &world.server.app.gateway;
        gateway.prune_notifications().await.unwrap();
        gateway.prune_notifications().await.unwrap();

        assert_eq!(counts(world).await, (1, 1));
    }
}
