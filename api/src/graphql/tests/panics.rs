//! A panic of ours is one error with an id, and nothing else of it is told (FAULTS 57).

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use serde_json::{Value as Json, json};

use super::world::{World, code, id};
use crate::{
    auth::Scope,
    clock::{Clock, SystemClock},
};

const QUERY: &str =
    "{ payments(first: 2) { nodes { id } } connections { nodes { id } } viewer { scopes } }";

const MUTATION: &str = "mutation { createApiToken(input: { name: \"x\", scopes: [PAYMENTS_READ] }) { secret errors { message } } }";

const WATCH: &str =
    "subscription($id: ID!) { importProgress(connectionId: $id) { importId status } }";

/// A clock that counts who asks it, and panics at one of the calls.
#[derive(Default)]
struct FaultyClock {
    asked: AtomicUsize,
    panics_at: AtomicUsize,
}

impl FaultyClock {
    /// Counts anew; none panics where `call` is zero.
    fn panic_at(&self, call: usize) {
        self.asked.store(0, Ordering::SeqCst);
        self.panics_at.store(call, Ordering::SeqCst);
    }
}

impl Clock for FaultyClock {
    fn now(&self) -> DateTime<Utc> {
        let call = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        assert_ne!(call, self.panics_at.load(Ordering::SeqCst), "panic_canary");
        SystemClock.now()
    }
}

fn assert_is_a_fault(answer: &Json) {
    assert_eq!(code(answer), "INTERNAL", "{answer}");
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0]["extensions"]["requestId"], "req_1");
    assert_eq!(answer["data"], Json::Null);
    assert!(!answer.to_string().contains("canary"), "{answer}");
}

#[tokio::test]
async fn a_panic_of_a_resolver_or_around_them_is_one_error() {
    let clock = Arc::new(FaultyClock::default());
    let world = World::at(clock.clone()).await;

    for query in [QUERY, MUTATION] {
        clock.panic_at(0);
        let good = world.ask(query, json!({})).await;
        assert_eq!(good["errors"], Json::Null, "{good}");
        // The first look at the clock and the last one are for the cost, around the resolvers.
        let calls = clock.asked.load(Ordering::SeqCst);
        assert!(calls > 2, "{query}");
        for call in 1..=calls {
            clock.panic_at(call);
            assert_is_a_fault(&world.ask(query, json!({})).await);
            clock.panic_at(0);
            let again = world.ask(query, json!({})).await;
            assert_eq!(again["errors"], Json::Null, "{again}");
        }
    }
}

#[tokio::test]
async fn a_panic_ends_a_subscription() {
    let clock = Arc::new(FaultyClock::default());
    let world = World::at(clock.clone()).await;
    let watch = || {
        let variables = json!({ "id": id(world.ours.connection) });
        world.watch(world.caller(&[Scope::ConnectionsRead]), WATCH, variables)
    };

    // While its cost is taken, and while it is told.
    for call in [1, 2] {
        clock.panic_at(call);
        let mut told = watch();
        assert_is_a_fault(&told.next().await.unwrap());
        assert_eq!(told.next().await, None);
    }

    clock.panic_at(0);
    let first = watch().next().await.unwrap();
    assert_eq!(
        first["data"]["importProgress"]["importId"],
        id(world.ours.import)
    );
}
