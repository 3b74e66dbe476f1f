//! Subscriptions.

use chrono::{TimeDelta, Utc};
use futures_util::StreamExt;
use serde_json::json;

use super::world::{World, code, id, unknown};
use crate::{
    auth::{Caller, Scope},
    ids::ConnectionId,
};

const PROGRESS: &str = "subscription($id: ID!) { importProgress(connectionId: $id) {
    importId status sequence percentComplete resources { resource status importedObjects } } }";

#[tokio::test]
async fn progress_is_told_at_once() {
    let world = World::new().await;
    let variables = json!({ "id": id(world.ours.connection) });
    let mut told = world.watch(world.caller(&[Scope::ConnectionsRead]), PROGRESS, variables);

    let first = told.next().await.unwrap();
    let progress = &first["data"]["importProgress"];
    assert_eq!(progress["importId"], id(world.ours.import));
    assert_eq!(
        (&progress["status"], &progress["percentComplete"]),
        (&json!("SUCCEEDED"), &json!(100.0))
    );
    assert_eq!(progress["resources"][0]["resource"], "CHARGES");
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused_and_over() {
    let world = World::new().await;
    let all = world.caller(&Scope::ALL);
    let ours = id(world.ours.connection);
    let one = "subscription($id: ID) { connectionUpdated(connectionId: $id) { id } }";
    let payments = "subscription($id: ID!) { paymentsChanged(filter: { connectionIds: [$id], bins: [\"\u{0}\"] }) { id } }";

    for (caller, query, id, expected) in [
        (
            all.clone(),
            PROGRESS,
            unknown::<ConnectionId>(),
            "BAD_USER_INPUT",
        ),
        (
            all.clone(),
            PROGRESS,
            id(world.theirs.connection),
            "BAD_USER_INPUT",
        ),
        (all.clone(), PROGRESS, "x".to_owned(), "BAD_USER_INPUT"),
        (
            world.caller(&[Scope::PaymentsRead]),
            PROGRESS,
            ours.clone(),
            "FORBIDDEN",
        ),
        (
            expiring(&all, -1),
            PROGRESS,
            ours.clone(),
            "UNAUTHENTICATED",
        ),
        (
            all.clone(),
            one,
            unknown::<ConnectionId>(),
            "BAD_USER_INPUT",
        ),
        (
            all.clone(),
            one,
            id(world.theirs.connection),
            "BAD_USER_INPUT",
        ),
        (all.clone(), one, String::new(), "BAD_USER_INPUT"),
        (
            world.caller(&[Scope::PaymentsRead]),
            one,
            ours.clone(),
            "FORBIDDEN",
        ),
        (all.clone(), payments, ours.clone(), "BAD_USER_INPUT"),
        (
            world.caller(&[Scope::ConnectionsRead]),
            payments,
            ours.clone(),
            "FORBIDDEN",
        ),
    ] {
        let variables = json!({ "id": id });
        let answers: Vec<_> = world.watch(caller, query, variables).collect().await;
        assert_eq!(answers.len(), 1);
        assert_eq!(
            (code(&answers[0]), &answers[0]["data"]),
            (expected, &json!(null)),
            "{query}"
        );
        assert_eq!(answers[0]["errors"][0]["extensions"]["requestId"], "req_1");
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let world = World::new().await;
    let caller = expiring(&world.caller(&Scope::ALL), 200);
    let variables = json!({ "id": id(world.ours.connection) });

    let answers: Vec<_> = world.watch(caller, PROGRESS, variables).collect().await;
    assert_eq!(answers.len(), 2, "{answers:?}");
    assert_eq!(code(&answers[1]), "UNAUTHENTICATED");
}

/// The caller, with a token that ends in so many milliseconds.
pub(super) fn expiring(caller: &Caller, millis: i64) -> Caller {
    #[expect(
        clippy::disallowed_methods,
        reason = "the world goes by the system's clock"
    )]
    let now = Utc::now();
    Caller {
        expires_at: Some(now + TimeDelta::milliseconds(millis)),
        ..caller.clone()
    }
}
