//! Progress over the subscription: from the current state to the end, never back.

use std::time::Duration;

use sandbox::{AccountSpec, Grants, Latency, Permission};
use serde_json::{Value, json};
use tests::{Socket, World, on_every_backend};

use super::support::{number, settings, shop, some_payments, start_import};

const WATCH: &str = "
    subscription Watch($id: ID!) {
      importProgress(connectionId: $id) {
        importId status sequence importedPayments importedObjects percentComplete
        paymentsPerSecond etaSeconds coveredSince currentTrouble updatedAt
        resources { resource status importedObjects percentComplete }
      }
    }";

async fn watch(world: &World, connection: &str) -> Socket {
    let mut socket = world.socket().await;
    socket
        .subscribe("1", WATCH, json!({ "id": connection }))
        .await;
    socket
}

async fn next(socket: &mut Socket) -> Value {
    let mut payload = socket.next_of("next").await;
    assert!(payload.get("errors").is_none(), "{payload:#}");
    payload["data"]["importProgress"].take()
}

fn has_ended(progress: &Value) -> bool {
    progress["status"] != "QUEUED" && progress["status"] != "RUNNING"
}

/// What comes until an import has ended.
async fn to_the_end(socket: &mut Socket) -> Vec<Value> {
    let mut seen = vec![next(socket).await];
    while !has_ended(seen.last().unwrap()) {
        seen.push(next(socket).await);
    }
    seen
}

fn percent(progress: &Value) -> f64 {
    progress["percentComplete"].as_f64().unwrap()
}

/// Each point is later than the one before, and nothing in it has gone back.
fn assert_only_forward(seen: &[Value]) {
    for pair in seen.windows(2) {
        let (earlier, later) = (&pair[0], &pair[1]);
        let message = || format!("{earlier:#}\nthen\n{later:#}");
        assert_eq!(earlier["importId"], later["importId"], "{}", message());
        assert!(
            number(&later["sequence"]) > number(&earlier["sequence"]),
            "{}",
            message()
        );
        for field in ["importedPayments", "importedObjects"] {
            assert!(
                number(&later[field]) >= number(&earlier[field]),
                "{field}: {}",
                message()
            );
        }
        assert!(percent(later) >= percent(earlier), "{}", message());
        let since = |progress: &Value| progress["coveredSince"].as_str().map(str::to_owned);
        if let Some(before) = since(earlier) {
            assert!(
                since(later).is_some_and(|since| since <= before),
                "{}",
                message()
            );
        }
    }
    for progress in seen {
        let resources = progress["resources"].as_array().unwrap();
        let sum: i64 = resources
            .iter()
            .map(|resource| number(&resource["importedObjects"]))
            .sum();
        assert_eq!(sum, number(&progress["importedObjects"]), "{progress:#}");
        assert!((0.0..=100.0).contains(&percent(progress)), "{progress:#}");
        assert!(
            percent(progress) < 100.0 || progress["status"] == "SUCCEEDED",
            "{progress:#}"
        );
    }
}

fn assert_succeeded(last: &Value, payments: i64) {
    assert_eq!(last["status"], "SUCCEEDED", "{last:#}");
    assert!((percent(last) - 100.0).abs() < f64::EPSILON);
    assert_eq!(number(&last["importedPayments"]), payments);
    assert_eq!(
        (&last["currentTrouble"], &last["etaSeconds"]),
        (&json!(null), &json!(null))
    );
    for resource in last["resources"].as_array().unwrap() {
        assert_eq!(resource["status"], "SUCCEEDED");
        assert!((percent(resource) - 100.0).abs() < f64::EPSILON);
    }
}

on_every_backend! {
    #[options(settings(&[("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "60")]))]
    async fn progress_rises_to_its_end_and_a_second_import_goes_on_in_the_same_stream(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(1_500)).await;
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(20)));
        let mut socket = watch(world, &shop.connection).await;
        let past = next(&mut socket).await;

        start_import(world, &shop.connection, json!({})).await;
        let first = to_the_end(&mut socket).await;
        start_import(world, &shop.connection, json!({})).await;
        let second = to_the_end(&mut socket).await;

        assert_eq!(past["status"], "SUCCEEDED", "the import of the empty account was the newest one");
        for seen in [&first, &second] {
            assert!(seen.len() >= 4, "{} points show too little", seen.len());
            assert_only_forward(seen);
            assert_succeeded(seen.last().unwrap(), 1_500);
            assert!(seen.iter().any(|progress| progress["paymentsPerSecond"].as_f64() > Some(0.0)));
        }
        assert_ne!(past["importId"], first[0]["importId"]);
        assert_ne!(first[0]["importId"], second[0]["importId"]);
    }

    #[options(settings(&[("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "60")]))]
    async fn whoever_comes_in_the_middle_begins_with_the_current_state(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(1_500)).await;
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(20)));
        start_import(world, &shop.connection, json!({})).await;
        let middle = some_payments(world, &shop.connection).await;

        let mut socket = watch(world, &shop.connection).await;
        let seen = to_the_end(&mut socket).await;
        let mut late = watch(world, &shop.connection).await;
        let last = next(&mut late).await;

        let state = &middle["progress"];
        assert_eq!(seen[0]["importId"], middle["id"]);
        assert!(number(&seen[0]["sequence"]) >= number(&state["sequence"]));
        assert!(number(&seen[0]["importedPayments"]) >= number(&state["importedPayments"]));
        assert_only_forward(&seen);
        assert_succeeded(seen.last().unwrap(), 1_500);
        assert_eq!(last, *seen.last().unwrap(), "afterwards the end is the current state");
    }

    #[options(settings(&[("INLET_IMPORT__CONCURRENCY", "1")]))]
    async fn the_percentage_does_not_fall_when_a_resource_is_left_out_halfway(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(1_500)).await;
        // One request at a time, so that the payment intents can be looked at halfway.
        world.stripe.faults().latency_on("/v1/payment_intents", Latency::fixed(Duration::from_millis(150)));
        let resources = json!({ "resources": ["DISPUTES", "PAYMENT_INTENTS"] });
        start_import(world, &shop.connection, resources).await;
        let mut socket = watch(world, &shop.connection).await;
        let mut seen = Vec::new();
        while seen.last().is_none_or(|last: &Value| percent(&last["resources"][1]) < 30.0) {
            let progress = next(&mut socket).await;
            if progress["resources"].as_array().unwrap().len() == 2 {
                assert!(!has_ended(&progress), "the import is too quick for this test");
                seen.push(progress);
            }
        }

        world.stripe.grant(&shop.key, Grants::AllBut(vec![Permission::PaymentIntentRead]));
        seen.extend(to_the_end(&mut socket).await);

        let last = seen.last().unwrap();
        assert_eq!(last["status"], "SUCCEEDED", "{last:#}");
        assert_eq!(last["resources"][1]["status"], "CANCELED", "{last:#}");
        assert_only_forward(&seen);
    }

    async fn an_unknown_connection_has_no_progress(world: &World) {
        let mut socket = world.socket().await;

        let unknown = "con_00000000000000000000000000000000";
        socket.subscribe("1", WATCH, json!({ "id": unknown })).await;
        let errors = socket.next_of("error").await;

        let error = &errors[0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{errors:#}");
        assert_eq!(error["message"], "There is no such connection.");
    }
}
