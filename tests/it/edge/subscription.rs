//! Following an import over graphql-transport-ws.

use std::time::Duration;

use api::app::{NewTokenOrder, create_token};
use chrono::TimeDelta;
use sandbox::{AccountSpec, Latency};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tests::{Socket, imported_objects, on_every_backend};

use super::{ask::token_of, shop::Shop};

const PROGRESS: &str = "
    subscription($id: ID!) { importProgress(connectionId: $id) {
      importId status sequence importedPayments importedObjects percentComplete paymentsPerSecond etaSeconds
      coveredSince currentTrouble updatedAt
      resources { resource status importedObjects percentComplete }
    } }";

const AGAIN: &str = "mutation($id: ID!) { startImport(input: { connectionId: $id }) { import { id } errors { message } } }";

fn progress(message: &Value) -> &Value {
    assert_eq!(message["type"], "next", "{message:#}");
    assert!(message["payload"]["errors"].is_null(), "{message:#}");
    &message["payload"]["data"]["importProgress"]
}

/// Reads one subscription until its import has succeeded; all that was told.
async fn to_the_end(socket: &mut Socket, id: &str) -> Vec<Value> {
    let mut told = Vec::new();
    loop {
        let message = socket.next().await.unwrap();
        if message["id"] != id {
            continue;
        }
        let progress = progress(&message).clone();
        let over = progress["status"] == "SUCCEEDED";
        told.push(progress);
        if over {
            return told;
        }
    }
}

fn number(value: &Value) -> i64 {
    value.as_str().unwrap().parse().unwrap()
}

/// The errors of an operation that never began.
pub(super) async fn refusal(socket: &mut Socket) -> Value {
    let message = socket.next().await.unwrap();
    assert_eq!(message["type"], "error", "{message:#}");
    let errors = message["payload"].clone();
    assert!(
        errors[0]["extensions"]["requestId"]
            .as_str()
            .unwrap()
            .starts_with("req_"),
        "{errors:#}"
    );
    errors
}

on_every_backend! {
    async fn an_import_is_followed_from_where_it_stands_to_its_end(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(700));
        world.stripe.faults().latency_on("/v1/", Latency::fixed(Duration::from_millis(100)));
        let connection = world.connect("Shop", &key).await;
        let mut socket = world.socket().await;

        socket.subscribe("1", PROGRESS, json!({ "id": connection })).await;
        let told = to_the_end(&mut socket, "1").await;

        assert!(told.len() > 3, "the import was not followed: {told:#?}");
        for pair in told.windows(2) {
            assert!(number(&pair[0]["sequence"]) < number(&pair[1]["sequence"]));
            assert!(number(&pair[0]["importedObjects"]) <= number(&pair[1]["importedObjects"]));
            assert!(pair[0]["percentComplete"].as_f64() <= pair[1]["percentComplete"].as_f64(), "{pair:#?}");
        }
        for before in &told[..told.len() - 1] {
            assert!(before["percentComplete"].as_f64().unwrap() < 100.0, "{before:#}");
        }
        let (end, ledger) = (told.last().unwrap(), world.stripe.ledger(&account));
        assert_eq!(end["percentComplete"], 100.0);
        assert_eq!(number(&end["importedPayments"]), 700);
        assert_eq!(end["etaSeconds"], Value::Null);
        assert_eq!(end["currentTrouble"], Value::Null);
        let count = |resource: &str| {
            let all = end["resources"].as_array().unwrap();
            let one = all.iter().find(|one| one["resource"] == resource).unwrap();
            assert_eq!((&one["status"], &one["percentComplete"]), (&json!("SUCCEEDED"), &json!(100.0)));
            usize::try_from(number(&one["importedObjects"])).unwrap()
        };
        for (resource, objects) in imported_objects(&ledger) {
            assert_eq!(count(resource), objects, "{resource}");
        }
        assert!(told.iter().any(|one| one["paymentsPerSecond"].as_f64().is_some_and(|rate| rate > 0.0)));
        assert!(told.iter().any(|one| one["coveredSince"].is_string()));
    }

    async fn an_import_that_is_over_is_told_at_once_and_the_next_goes_on(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(60)).await;
        let mut socket = world.socket().await;

        socket.subscribe("1", PROGRESS, json!({ "id": shop.connection })).await;
        let first = to_the_end(&mut socket, "1").await;
        let again = world.data(AGAIN, json!({ "id": shop.connection })).await;
        let second = to_the_end(&mut socket, "1").await;

        assert_eq!(first.len(), 1);
        let id = &again["startImport"]["import"]["id"];
        assert!(id.is_string(), "{again:#}");
        assert!(second.iter().all(|progress| progress["importId"] == *id && progress["importId"] != first[0]["importId"]));
    }

    async fn two_imports_on_one_socket_do_not_mix(world: &World) {
        let shops = [
            Shop::open(world, "One", AccountSpec::with_payments(40)).await,
            Shop::open(world, "Two", AccountSpec::with_payments(70).seed(2)).await,
        ];
        let mut socket = world.socket().await;

        for (id, shop) in ["one", "two"].iter().zip(&shops) {
            socket.subscribe(id, PROGRESS, json!({ "id": shop.connection })).await;
            let told = to_the_end(&mut socket, id).await;
            assert_eq!(number(&told[0]["importedPayments"]), if *id == "one" { 40 } else { 70 });
        }
        // One is completed by the client: from then on only the other is told.
        socket.send(json!({ "id": "one", "type": "complete" })).await;
        for shop in &shops {
            world.data(AGAIN, json!({ "id": shop.connection })).await;
            world.imported(&shop.connection).await;
        }
        let mut of_two = Vec::new();
        loop {
            let message = socket.next().await.unwrap();
            if message["id"] == "one" {
                assert_eq!(message["type"], "complete", "told after the end: {message:#}");
                continue;
            }
            of_two.push(progress(&message).clone());
            if of_two.last().unwrap()["status"] == "SUCCEEDED" { break }
        }
        assert_eq!(number(&of_two.last().unwrap()["importedPayments"]), 70);
    }

    async fn an_unknown_connection_is_an_error_of_the_operation_alone(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(30)).await;
        let mut socket = world.socket().await;

        for unknown in ["con_0123456789abcdef0123456789abcdef", "x", ""] {
            socket.subscribe("1", PROGRESS, json!({ "id": unknown })).await;
            let errors = refusal(&mut socket).await;
            assert_eq!(errors[0]["extensions"]["code"], "BAD_USER_INPUT");
        }
        socket.subscribe("1", PROGRESS, json!({ "id": shop.connection })).await;
        assert_eq!(to_the_end(&mut socket, "1").await.len(), 1);
    }

    async fn a_subscription_ends_with_its_token(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(30)).await;
        let order = NewTokenOrder {
            workspace: "default".to_owned(), name: "brief".to_owned(), scopes: Vec::new(),
            expires_in: Some(Duration::from_hours(1)),
        };
        let brief = create_token(&world.server.app, order).await.unwrap();
        let mut socket = Socket::open(&world.url("/graphql/ws")).await;
        socket.introduce(brief.expose_secret()).await;
        socket.subscribe("1", PROGRESS, json!({ "id": shop.connection })).await;
        to_the_end(&mut socket, "1").await;

        world.clock.advance(TimeDelta::hours(2));
        world.data(AGAIN, json!({ "id": shop.connection })).await;

        assert_eq!(socket.closed().await, Some(4403));
        world.imported(&shop.connection).await;
    }

    async fn a_subscription_needs_its_scope(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(30)).await;
        let token = token_of(world, "default", &["PAYMENTS_READ"]).await;
        let mut socket = Socket::open(&world.url("/graphql/ws")).await;
        socket.introduce(&token).await;

        socket.subscribe("1", PROGRESS, json!({ "id": shop.connection })).await;

        assert_eq!(refusal(&mut socket).await[0]["extensions"]["code"], "FORBIDDEN");
    }
}
