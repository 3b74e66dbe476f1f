//! Messages are what the Standard Webhooks specification says.

use chrono::{DateTime, Utc};
use serde_json::json;
use tests::{Tables, on_every_backend};

use super::{
    receiver::{Receiver, Reply},
    support::{attempted, endpoint, inside, send_test},
};
use crate::connecting::ask::mutate;

on_every_backend! {
    #[options(inside())]
    async fn a_test_arrives_signed_and_is_written_down(world: &World) {
        let receiver = Receiver::start().await;
        receiver.answer(Reply::Status(204));
        let to = endpoint(world, &receiver, &["IMPORT_COMPLETED"]).await;

        let id = send_test(world, &to).await;
        let arrived = receiver.wait_for(1).await.remove(0);
        let delivery = attempted(world, &id, 1).await;

        assert_eq!((&*arrived.id, &*arrived.content_type), (&*id, "application/json"));
        assert!(arrived.is_signed_by(&to.secret), "{arrived:#?}");
        assert_eq!(arrived.signatures.len(), 1);
        let now = world.server.app.gateway.clock().now().timestamp();
        assert!((now - 60..=now).contains(&arrived.timestamp));
        assert_eq!(arrived.body, json!({
            "version": 1, "type": "notification.test", "timestamp": arrived.body["timestamp"],
            "data": { "endpointId": to.id },
        }));
        let told: DateTime<Utc> = arrived.body["timestamp"].as_str().unwrap().parse().unwrap();
        let created: DateTime<Utc> = delivery["createdAt"].as_str().unwrap().parse().unwrap();
        assert_eq!(told.timestamp_millis(), created.timestamp_millis());

        assert_eq!(delivery["state"], "DELIVERED");
        assert_eq!(delivery["eventType"], "notification.test");
        assert_eq!(delivery["endpoint"]["id"], *to.id);
        assert_eq!((&delivery["connection"], &delivery["nextAttemptAt"]), (&json!(null), &json!(null)));
        assert!(delivery["settledAt"].is_string());
        let attempt = &delivery["attempts"][0];
        assert_eq!((&attempt["statusCode"], &attempt["error"]), (&json!(204), &json!(null)));
        assert!(attempt["durationMs"].as_i64().unwrap() < 2_000);
    }

    #[options(inside())]
    async fn a_secret_is_shown_once_and_sealed_at_rest(world: &World) {
        let receiver = Receiver::start().await;
        let to = endpoint(world, &receiver, &["IMPORT_COMPLETED"]).await;
        let input = json!({ "endpointId": to.id });
        let rotated = mutate(world, "rotateNotificationSecret", "secret", input).await;
        let new = rotated["secret"].as_str().unwrap();

        assert!(to.secret.starts_with("whsec_") && new.starts_with("whsec_"));
        assert_ne!(to.secret, new);
        let tables = Tables::open(&world.database_url()).await;
        for table in ["notification_endpoints", "audit_log"] {
            for row in tables.rows(table, &[]).await {
                for secret in [&to.secret, new] {
                    let text = &secret["whsec_".len()..];
                    let bytes = hex::encode(text);
                    let row = row.to_lowercase();
                    assert!(!row.contains(&text.to_lowercase()) && !row.contains(&bytes), "{table} tells it");
                }
            }
        }
        tables.close().await;
        let gateway = &world.server.app.gateway;
        gateway.verify_credentials().await.unwrap();
        let resealed = gateway.reseal_credentials().await.unwrap();
        assert_eq!(resealed.notification_secrets, 0, "the first key sealed them already");
    }
}
