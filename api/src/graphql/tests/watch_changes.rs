//! Subscriptions to what changes.

use std::{collections::BTreeSet, time::Duration};

use futures_util::{StreamExt, stream::BoxStream};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{
    watch::expiring,
    world::{World, code, id},
};
use crate::{
    auth::Scope,
    ids::{ConnectionId, PaymentId, WorkspaceId},
};

const CONNECTIONS: &str =
    "subscription($id: ID) { connectionUpdated(connectionId: $id) { id name } }";
const CHANGED: &str =
    "subscription($filter: PaymentFilter) { paymentsChanged(filter: $filter) { id stripeId } }";

/// Changes something until the watcher, which begins with its first look, has heard of it.
async fn first<F: Future<Output = ()>>(
    told: &mut BoxStream<'static, Json>,
    change: impl Fn() -> F,
) -> Json {
    let again = async {
        loop {
            change().await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        answer = told.next() => answer.unwrap(),
        () = again => unreachable!("it never ends"),
    }
}

/// What was told last before a silence.
async fn until_silent(told: &mut BoxStream<'static, Json>) -> Vec<Json> {
    let mut answers = Vec::new();
    while let Ok(answer) = tokio::time::timeout(Duration::from_millis(300), told.next()).await {
        answers.push(answer.unwrap());
    }
    answers
}

fn payments(answer: &Json) -> Vec<&str> {
    let rows = answer["data"]["paymentsChanged"].as_array();
    let rows = rows.unwrap_or_else(|| panic!("{answer:#}"));
    rows.iter().map(|row| row["id"].as_str().unwrap()).collect()
}

/// Ids of payments that are not there.
fn none_of_ours(count: u128) -> Vec<PaymentId> {
    (0..count)
        .map(|id| PaymentId(Uuid::from_u128(id)))
        .collect()
}

async fn rename(world: &World, name: &str) {
    let caller = world.caller(&Scope::ALL);
    let gateway = &world.gateway;
    gateway
        .rename_connection(&caller, world.ours.connection, name)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_change_of_a_connection_is_told_with_its_state() {
    let world = World::new().await;
    let (ours, caller) = (id(world.ours.connection), world.caller(&Scope::ALL));

    for only in [json!({}), json!({ "id": ours })] {
        let mut told = world.watch(caller.clone(), CONNECTIONS, only);
        let answer = first(&mut told, || rename(&world, "One")).await;
        let connection = |name| json!({ "connectionUpdated": { "id": ours, "name": name } });
        assert_eq!(answer["data"], connection("One"));
        until_silent(&mut told).await;

        for name in ["Two", "Three", "Four"] {
            rename(&world, name).await;
        }
        let answers = until_silent(&mut told).await;
        assert_eq!(answers.len(), 1, "{answers:#?}");
        assert_eq!(answers[0]["data"], connection("Four"));
    }
}

#[tokio::test]
async fn another_workspace_is_not_heard() {
    let world = World::new().await;
    let (ours, theirs) = (&world.ours, &world.theirs);
    let gateway = &world.gateway;
    let caller = world.caller(&Scope::ALL);
    let mut connections = world.watch(caller.clone(), CONNECTIONS, json!({}));
    let mut changed = world.watch(caller, CHANGED, json!({}));
    let tell = |workspace: WorkspaceId, connection: ConnectionId, payment: PaymentId| async move {
        gateway.connection_changed(workspace, connection);
        gateway.payments_changed(workspace, connection, &[payment]);
    };
    let own = || tell(ours.workspace, ours.connection, ours.payments[0]);
    first(&mut connections, own).await;
    first(&mut changed, own).await;

    for count in 0..10_000 {
        let payment = theirs.payments[count % theirs.payments.len()];
        tell(theirs.workspace, theirs.connection, payment).await;
        // Also where somebody told of another's things in our name.
        tell(ours.workspace, theirs.connection, payment).await;
        if count % 100 == 0 {
            own().await;
        }
    }

    for answer in until_silent(&mut connections).await {
        assert_eq!(
            answer["data"]["connectionUpdated"]["id"],
            id(ours.connection)
        );
    }
    for answer in until_silent(&mut changed).await {
        assert_eq!(payments(&answer), [id(ours.payments[0])]);
    }
}

#[tokio::test]
async fn exactly_the_payments_that_a_filter_lets_through_are_told() {
    let world = World::new().await;
    let ours = &world.ours;
    let all: BTreeSet<String> = ours.payments.iter().map(|payment| id(*payment)).collect();
    // Two payments each carry one id at Stripe.
    let some: BTreeSet<String> = [6, 7, 14, 15]
        .map(|age| id(PaymentId::of(ours.connection, &format!("ch_{age}"))))
        .into();
    let cases = [
        (json!(null), all.clone()),
        (json!({}), all.clone()),
        (json!({ "connectionIds": [id(ours.connection)] }), all),
        (json!({ "currencies": ["USD"] }), BTreeSet::new()),
        (
            json!({ "connectionIds": [id(world.theirs.connection)] }),
            BTreeSet::new(),
        ),
        (json!({ "connectionIds": [] }), BTreeSet::new()),
        (json!({ "stripeIds": ["ch_3", "ch_7", "ch_none"] }), some),
    ];

    for (filter, expected) in cases {
        let variables = json!({ "filter": filter });
        let caller = world.caller(&Scope::ALL);
        let mut told = world.watch(caller, CHANGED, variables);
        let mut ids = none_of_ours(500);
        ids.extend(&ours.payments);
        let tell = async || {
            let gateway = &world.gateway;
            gateway.payments_changed(ours.workspace, ours.connection, &ids);
        };
        let again = async {
            loop {
                tell().await;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let mut heard = BTreeSet::new();
        tokio::select! {
            () = again => {}
            () = async {
                while heard.len() < expected.len() {
                    let answer = told.next().await.unwrap();
                    assert!(!payments(&answer).is_empty());
                    heard.extend(payments(&answer).into_iter().map(str::to_owned));
                }
            } => {}
        }
        assert_eq!(heard, expected, "{filter}");
        if expected.is_empty() {
            tell().await;
            let answers = until_silent(&mut told).await;
            assert_eq!(answers, Vec::<Json>::new(), "{filter}");
        }
    }
}

#[tokio::test]
async fn who_is_too_slow_is_told_to_begin_again() {
    let world = World::new().await;
    let ours = &world.ours;
    let gateway = &world.gateway;
    let tell = |ids: Vec<PaymentId>| async move {
        gateway.payments_changed(ours.workspace, ours.connection, &ids);
    };
    let caller = world.caller(&Scope::ALL);
    let mut told = world.watch(caller, CHANGED, json!({}));
    first(&mut told, || tell(ours.payments.clone())).await;
    until_silent(&mut told).await;

    tell(none_of_ours(9_990)).await;
    tell(ours.payments[..10].to_vec()).await;
    let answers = until_silent(&mut told).await;
    let heard: usize = answers.iter().map(|answer| payments(answer).len()).sum();
    assert_eq!(heard, 10);

    tell(none_of_ours(10_000)).await;
    tell(ours.payments[..1].to_vec()).await;
    let answers: Vec<_> = told.collect().await;
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert_eq!(code(&answers[0]), "RESYNC_REQUIRED");
    assert!(answers[0]["data"].is_null());
}

#[tokio::test]
async fn silent_streams_end_with_their_token() {
    let world = World::new().await;
    for query in [CONNECTIONS, CHANGED] {
        let caller = expiring(&world.caller(&Scope::ALL), 200);
        let answers: Vec<_> = world.watch(caller, query, json!({})).collect().await;
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert_eq!(code(&answers[0]), "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn a_batch_weighs_as_much_as_a_page() {
    let world = World::new().await;
    let wide = (0..60).map(|alias| {
        format!("f{alias}: connection {{ payments(first: 10) {{ nodes {{ id }} }} }}")
    });
    let query = format!(
        "subscription {{ paymentsChanged {{ {} }} }}",
        wide.collect::<Vec<_>>().join(" ")
    );

    let told = world.watch(world.caller(&Scope::ALL), &query, json!({}));
    let answers: Vec<_> = told.collect().await;

    assert_eq!(answers.len(), 1);
    assert_eq!(code(&answers[0]), "QUERY_TOO_COMPLEX");
}
