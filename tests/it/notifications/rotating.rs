//! Another secret, while messages go on.

use chrono::TimeDelta;
use serde_json::json;
use tests::{World, on_every_backend};

use super::{
    receiver::Receiver,
    support::{ENDPOINT, Endpoint, endpoint, inside, send_test, shown},
};
use crate::connecting::ask::mutate;

async fn rotate(world: &World, endpoint: &Endpoint) -> String {
    let selection = format!("secret {ENDPOINT}");
    let input = json!({ "endpointId": endpoint.id });
    let payload = mutate(world, "rotateNotificationSecret", &selection, input).await;
    assert_eq!(payload["errors"], json!([]));
    assert!(payload["endpoint"]["previousSecretUntil"].is_string());
    payload["secret"].as_str().unwrap().to_owned()
}

on_every_backend! {
    #[options(inside())]
    async fn for_a_day_both_secrets_sign(world: &World) {
        let receiver = Receiver::start().await;
        let to = endpoint(world, &receiver, &["IMPORT_COMPLETED"]).await;
        assert_eq!(shown(world, &to).await["previousSecretUntil"], json!(null));

        let new = rotate(world, &to).await;
        send_test(world, &to).await;
        let both = receiver.wait_for(1).await.remove(0);
        world.clock.advance(TimeDelta::hours(23));
        send_test(world, &to).await;
        let still = receiver.wait_for(2).await.remove(1);
        world.clock.advance(TimeDelta::hours(2));
        send_test(world, &to).await;
        let after = receiver.wait_for(3).await.remove(2);

        for message in [&both, &still] {
            assert_eq!(message.signatures.len(), 2);
            assert!(message.is_signed_by(&new) && message.is_signed_by(&to.secret));
        }
        assert_eq!(after.signatures.len(), 1);
        assert!(after.is_signed_by(&new) && !after.is_signed_by(&to.secret));
    }

    #[options(inside())]
    async fn of_three_secrets_the_oldest_ends_at_once(world: &World) {
        let receiver = Receiver::start().await;
        let to = endpoint(world, &receiver, &["IMPORT_COMPLETED"]).await;

        let second = rotate(world, &to).await;
        let third = rotate(world, &to).await;
        send_test(world, &to).await;
        let message = receiver.wait_for(1).await.remove(0);

        assert!(message.is_signed_by(&third) && message.is_signed_by(&second));
        assert!(!message.is_signed_by(&to.secret));
    }
}
