//! Endpoints to which nothing is sent any more, and what becomes of their messages.

use chrono::TimeDelta;
use serde_json::json;
use tests::on_every_backend;

use super::{
    receiver::{Receiver, Reply},
    support::{
        a_moment, attempted, delivery, endpoint, inside, redeliver, send_test, shown, update,
    },
};
use crate::connecting::ask::mutate;

on_every_backend! {
    #[options(inside())]
    async fn an_endpoint_that_is_gone_is_disabled_with_all_that_waits(world: &World) {
        let receiver = Receiver::start().await;
        receiver.answer_next(Reply::Status(500));
        receiver.answer_next(Reply::Status(500));
        receiver.answer_next(Reply::Status(410));
        let to = endpoint(world, &receiver, &["IMPORT_COMPLETED"]).await;

        let waiting = send_test(world, &to).await;
        attempted(world, &waiting, 1).await;
        world.clock.advance(TimeDelta::seconds(7));
        // It is not due for five minutes now.
        attempted(world, &waiting, 2).await;
        let last = send_test(world, &to).await;
        let refused = attempted(world, &last, 1).await;

        assert_eq!((&refused["state"], &refused["attempts"][0]["statusCode"]), (&json!("FAILED"), &json!(410)));
        assert_eq!(delivery(world, &waiting).await["state"], "FAILED");
        let gone = shown(world, &to).await;
        assert_eq!((&gone["enabled"], &gone["disabledReason"]), (&json!(false), &json!("GONE")));
        assert!(gone["disabledAt"].is_string());
        let input = json!({ "endpointId": to.id });
        let refused = mutate(world, "sendTestNotification", "delivery { id }", input).await;
        assert_eq!(refused["errors"][0]["__typename"], "InvalidInputError");
        assert_eq!(redeliver(world, &waiting).await["errors"][0]["path"], json!(["input", "deliveryId"]));

        let enabled = update(world, &to, json!({ "enabled": true })).await;
        redeliver(world, &waiting).await;
        let delivered = attempted(world, &waiting, 3).await;

        assert_eq!((&enabled["enabled"], &enabled["disabledReason"], &enabled["disabledAt"]), (&json!(true), &json!(null), &json!(null)));
        assert_eq!(delivered["state"], "DELIVERED");
    }

    #[options(inside())]
    async fn an_endpoint_that_fails_for_five_days_is_disabled(world: &World) {
        let receiver = Receiver::start().await;
        receiver.answer(Reply::Status(500));
        let to = endpoint(world, &receiver, &["IMPORT_COMPLETED"]).await;
        let first = send_test(world, &to).await;
        attempted(world, &first, 1).await;

        world.clock.advance(TimeDelta::hours(119));
        attempted(world, &first, 2).await;
        assert_eq!(shown(world, &to).await["enabled"], true);
        world.clock.advance(TimeDelta::hours(1));
        attempted(world, &first, 3).await;

        let failing = shown(world, &to).await;
        assert_eq!((&failing["enabled"], &failing["disabledReason"]), (&json!(false), &json!("FAILING")));
        assert_eq!(delivery(world, &first).await["state"], "FAILED");
    }

    #[options(inside())]
    async fn what_waits_for_a_disabled_or_deleted_endpoint_is_given_up(world: &World) {
        let receiver = Receiver::start().await;
        receiver.answer(Reply::With(503, "retry-after", "300".to_owned()));
        let disabled = endpoint(world, &receiver, &["IMPORT_COMPLETED"]).await;
        let deleted = endpoint(world, &receiver, &["IMPORT_COMPLETED"]).await;
        let (of_disabled, of_deleted) = (send_test(world, &disabled).await, send_test(world, &deleted).await);
        attempted(world, &of_disabled, 1).await;
        attempted(world, &of_deleted, 1).await;

        let off = update(world, &disabled, json!({ "enabled": false })).await;
        let input = json!({ "endpointId": deleted.id });
        let gone = mutate(world, "deleteNotificationEndpoint", "deletedEndpointId", input.clone()).await;
        let again = mutate(world, "deleteNotificationEndpoint", "deletedEndpointId", input).await;
        world.clock.advance(TimeDelta::minutes(10));
        a_moment().await;

        assert_eq!(off["disabledReason"], "BY_USER");
        assert_eq!((&gone["deletedEndpointId"], &gone["errors"]), (&json!(deleted.id), &json!([])));
        assert_eq!(again["errors"][0]["__typename"], "NotFoundError");
        assert_eq!(receiver.arrived().len(), 2, "one attempt each");
        assert_eq!(delivery(world, &of_disabled).await["state"], "FAILED");
        assert_eq!(shown(world, &deleted).await, json!(null));
        let listed = world.data("{ notificationEndpoints { id } }", json!({})).await;
        assert_eq!(listed["notificationEndpoints"], json!([{ "id": disabled.id }]));
        assert_eq!(redeliver(world, &of_deleted).await["errors"][0]["__typename"], "NotFoundError");
    }
}
