//! Following an export.

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::support::{cancel, export, ordered, ready};
use crate::edge::{Shop, token_of};

const WATCH: &str =
    "subscription($id: ID!) { exportUpdated(id: $id) { id status rows downloadUrl } }";

/// Everything that is told, until the stream ends.
async fn told(world: &World, id: &str) -> Vec<Value> {
    let mut socket = world.socket().await;
    socket.subscribe("1", WATCH, json!({ "id": id })).await;
    let mut told = Vec::new();
    loop {
        let mut message = socket.next().await.unwrap();
        if message["type"] == "complete" {
            return told;
        }
        assert_eq!(message["type"], "next", "{message:#}");
        told.push(message["payload"]["data"]["exportUpdated"].take());
    }
}

on_every_backend! {
    async fn an_export_is_followed_to_its_end(world: &World) {
        Shop::open(world, "Shop", AccountSpec::with_payments(2_200)).await;
        let id = ordered(world, json!({ "format": "CSV" })).await;

        let told = told(world, &id).await;

        let rows = |export: &Value| export["rows"].as_str().unwrap().parse::<u64>().unwrap();
        assert!(told.is_sorted_by(|one, next| rows(one) <= rows(next)), "{told:#?}");
        let (last, before) = told.split_last().unwrap();
        assert_eq!((&last["status"], &last["rows"]), (&json!("READY"), &json!("2200")));
        assert!(last["downloadUrl"].is_string());
        assert!(before.iter().all(|export| export["status"] != "READY" && export["downloadUrl"].is_null()));
    }

    async fn one_that_has_ended_is_told_at_once(world: &World) {
        let id = ordered(world, json!({ "format": "CSV" })).await;
        ready(world, &id).await;

        let first = told(world, &id).await;
        cancel(world, &id).await;
        let second = told(world, &id).await;

        assert_eq!((first.len(), &first[0]["status"]), (1, &json!("READY")));
        assert_eq!((second.len(), &second[0]["status"]), (1, &json!("CANCELED")));
    }

    async fn what_is_not_ours_is_not_told(world: &World) {
        let id = ordered(world, json!({ "format": "CSV" })).await;
        ready(world, &id).await;
        let stranger = token_of(world, "elsewhere", &[]).await;
        let mut socket = tests::Socket::open(&world.url("/graphql/ws")).await;
        socket.introduce(&stranger).await;

        let mut answers = Vec::new();
        for id in [&id, "exp_00000000000000000000000000000000", "x"] {
            socket.subscribe("1", WATCH, json!({ "id": id })).await;
            let mut errors = socket.next_of("error").await;
            errors[0]["extensions"]["requestId"].take();
            answers.push(errors);
        }

        assert_eq!(answers[0][0]["extensions"]["code"], "BAD_USER_INPUT");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        assert_eq!(export(world, &id).await["status"], "READY");
    }
}
