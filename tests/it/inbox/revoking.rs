//! A merchant takes the access back while events arrive.

use sandbox::{Act, PaymentSpec};
use serde_json::json;
use std::time::Duration;
use tests::on_every_backend;

use super::support::{event, live, shown};

on_every_backend! {
    async fn events_of_a_disconnected_account_change_nothing(world: &World) {
        let live = live(world, "Shop", 5).await;
        let disconnect = "mutation($id: ID!) { disconnect(input: { connectionId: $id, deleteData: false }) { errors { message } } }";
        let body = event("evt_late", "charge.updated", &json!({ "id": "ch_1", "object": "charge" }), 1)
            .to_string();
        world.data(disconnect, json!({ "id": live.connection })).await;
        world.stripe.act(&live.account, Act::Pay(PaymentSpec::default())).unwrap();

        let refused = async {
            // For a few seconds another process may still know the secret; then nobody does.
            while live.deliver(world, &body).await != reqwest::StatusCode::NOT_FOUND {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), refused).await.expect("it is never refused");
        assert_eq!(shown(world, &live.connection).await.len(), 5);
    }
}
