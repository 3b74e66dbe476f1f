//! What does not arrive is sent again, on the schedule of the specification.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tests::{WorldOptions, on_every_backend};

use super::{
    receiver::{Receiver, Reply},
    support::{a_moment, attempted, delivery, endpoint, inside, redeliver, send_test, shown},
};

/// A world in which an attempt may take ten seconds.
fn patient() -> WorldOptions {
    let mut options = inside();
    let timeout = (
        "INLET_NOTIFICATIONS__REQUEST_TIMEOUT_SECONDS",
        "10".to_owned(),
    );
    options.variables.retain(|(name, _)| *name != timeout.0);
    options.variables.push(timeout);
    options
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

on_every_backend! {
    #[options(inside())]
    async fn it_is_sent_again_under_the_same_id_until_it_arrives(world: &World) {
        let receiver = Receiver::start().await;
        let elsewhere = Receiver::start().await;
        receiver.answer_next(Reply::Status(500));
        receiver.answer_next(Reply::With(307, "location", elsewhere.url()));
        receiver.answer_next(Reply::Silence);
        let to = endpoint(world, &receiver, &["IMPORT_COMPLETED"]).await;

        let id = send_test(world, &to).await;
        let first = attempted(world, &id, 1).await;
        world.clock.advance(TimeDelta::seconds(7));
        attempted(world, &id, 2).await;
        assert!(shown(world, &to).await["failingSince"].is_string());
        world.clock.advance(TimeDelta::minutes(6));
        attempted(world, &id, 3).await;
        world.clock.advance(TimeDelta::minutes(40));
        let last = attempted(world, &id, 4).await;

        assert_eq!(first["state"], "PENDING");
        let pause = time(&first["nextAttemptAt"]) - time(&first["attempts"][0]["at"]);
        assert!((5..=8).contains(&pause.num_seconds()), "{pause}");
        assert_eq!(last["state"], "DELIVERED");
        let of = |name: &str| {
            let attempts = last["attempts"].as_array().unwrap();
            attempts.iter().map(|attempt| attempt[name].clone()).collect::<Vec<_>>()
        };
        assert_eq!(of("statusCode"), [json!(500), json!(307), json!(null), json!(200)]);
        let errors = of("error");
        assert_eq!(errors[0], "HTTP status 500.");
        assert_eq!(errors[1], "HTTP status 307: redirects are not followed.");
        assert_eq!(errors[2], "There was no answer in time.");
        assert_eq!(errors[3], json!(null));
        let arrived = receiver.arrived();
        assert_eq!(arrived.len(), 4);
        assert!(arrived.iter().all(|one| one.id == id && one.text == arrived[0].text));
        assert!(arrived.iter().all(|one| one.is_signed_by(&to.secret)));
        assert!(arrived.is_sorted_by(|one, next| one.timestamp < next.timestamp));
        assert_eq!(elsewhere.arrived().len(), 0);
        assert_eq!(shown(world, &to).await["failingSince"], json!(null));
    }

    #[options(inside())]
    async fn after_ten_attempts_it_is_given_up_and_can_be_sent_again(world: &World) {
        let receiver = Receiver::start().await;
        receiver.answer(Reply::Status(503));
        let to = endpoint(world, &receiver, &["IMPORT_COMPLETED"]).await;

        let id = send_test(world, &to).await;
        for attempt in 1..10 {
            let waiting = attempted(world, &id, attempt).await;
            assert_eq!(waiting["state"], "PENDING", "after {attempt} attempts");
            let now = world.server.app.gateway.clock().now();
            world.clock.advance(time(&waiting["nextAttemptAt"]) - now);
        }
        let failed = attempted(world, &id, 10).await;
        world.clock.advance(TimeDelta::days(1));
        a_moment().await;
        assert_eq!((&failed["state"], &failed["nextAttemptAt"]), (&json!("FAILED"), &json!(null)));
        assert_eq!(receiver.arrived().len(), 10, "it was given up");

        receiver.answer(Reply::Status(200));
        let again = redeliver(world, &id).await;
        assert_eq!(again["errors"], json!([]));
        let delivered = attempted(world, &id, 11).await;

        assert_eq!(delivered["state"], "DELIVERED");
        assert_eq!(receiver.wait_for(11).await[10].id, id);
    }

    #[options(inside())]
    async fn one_that_arrived_can_be_sent_again_too(world: &World) {
        let receiver = Receiver::start().await;
        let to = endpoint(world, &receiver, &["IMPORT_COMPLETED"]).await;
        let id = send_test(world, &to).await;
        attempted(world, &id, 1).await;

        redeliver(world, &id).await;
        let twice = attempted(world, &id, 2).await;

        assert_eq!(twice["state"], "DELIVERED");
        let arrived = receiver.wait_for(2).await;
        assert_eq!((&arrived[0].id, &arrived[0].text), (&arrived[1].id, &arrived[1].text));
        assert_eq!(redeliver(world, "ntf_0123456789abcdef0123456789abcdef").await["errors"][0]["__typename"], "NotFoundError");
        assert_eq!(redeliver(world, &to.id).await["errors"][0]["__typename"], "NotFoundError");
    }

    #[options(inside())]
    async fn who_asks_for_time_is_left_alone(world: &World) {
        let receiver = Receiver::start().await;
        receiver.answer_next(Reply::With(429, "retry-after", "3600".to_owned()));
        let to = endpoint(world, &receiver, &["IMPORT_COMPLETED"]).await;

        let first = send_test(world, &to).await;
        let paused = attempted(world, &first, 1).await;
        let second = send_test(world, &to).await;
        world.clock.advance(TimeDelta::minutes(59));
        a_moment().await;
        assert_eq!(receiver.arrived().len(), 1, "it asked for an hour");
        assert_eq!(delivery(world, &second).await["attempts"], json!([]));
        world.clock.advance(TimeDelta::minutes(2));
        attempted(world, &first, 2).await;
        attempted(world, &second, 1).await;

        let pause = time(&paused["nextAttemptAt"]) - time(&paused["attempts"][0]["at"]);
        assert!((3_600..3_610).contains(&pause.num_seconds()), "{pause}");
    }

    #[options(patient())]
    async fn a_slow_endpoint_holds_up_no_other(world: &World) {
        let (slow, quick) = (Receiver::start().await, Receiver::start().await);
        slow.answer(Reply::Silence);
        let to_slow = endpoint(world, &slow, &["IMPORT_COMPLETED"]).await;
        let to_quick = endpoint(world, &quick, &["IMPORT_COMPLETED"]).await;

        for _ in 0..12 {
            send_test(world, &to_slow).await;
        }
        slow.wait_for(4).await;
        let began = tokio::time::Instant::now();
        send_test(world, &to_quick).await;
        quick.wait_for(1).await;

        assert_eq!(slow.arrived().len(), 4, "four at once, and the others wait");
        assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    }
}
