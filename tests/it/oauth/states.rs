//! What keeps flows: one suite for every implementation.

use std::{sync::Arc, time::Duration};

use api::{
    clock::{Clock, SystemClock},
    ids::{TokenId, WorkspaceId},
    state::{InProcessStates, OAuthStates, RedisStates, StateError, StateRecord, Taken},
};
use futures_util::future::join_all;
use secrecy::SecretString;
use tests::ids;

const LONG: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_keeps_flows() {
    suite(&InProcessStates::new(Arc::new(SystemClock))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_keeps_flows() {
    let Some(url) = redis_url() else { return };
    suite(&RedisStates::connect(&url).unwrap()).await;
}

#[tokio::test]
async fn without_redis_flows_fail_soon() {
    let url = SecretString::from("redis://127.0.0.1:9/");
    let states = RedisStates::connect(&url).unwrap();
    let started = std::time::Instant::now();

    assert!(states.put("x", record(), LONG).await.is_err());

    assert!(started.elapsed() < Duration::from_secs(1));
    let wrong = RedisStates::connect(&SecretString::from("http://:secret@x"));
    assert!(matches!(wrong, Err(StateError::Address)));
}

async fn suite(states: &dyn OAuthStates) {
    a_flow_is_taken_once(states).await;
    of_many_one_takes_it(states).await;
    a_flow_ends(states).await;
}

async fn a_flow_is_taken_once(states: &dyn OAuthStates) {
    let (key, record) = (key(), record());
    assert_eq!(states.peek(&key).await.unwrap(), Taken::Unknown);
    assert_eq!(states.take(&key).await.unwrap(), Taken::Unknown);

    states.put(&key, record.clone(), LONG).await.unwrap();

    let boxed = || Box::new(record.clone());
    assert_eq!(states.peek(&key).await.unwrap(), Taken::Fresh(boxed()));
    assert_eq!(states.take(&key).await.unwrap(), Taken::Fresh(boxed()));
    assert_eq!(states.take(&key).await.unwrap(), Taken::Used(boxed()));
    assert_eq!(states.peek(&key).await.unwrap(), Taken::Used(boxed()));
}

async fn of_many_one_takes_it(states: &dyn OAuthStates) {
    let key = key();
    states.put(&key, record(), LONG).await.unwrap();

    let taken = join_all((0..50).map(|_| states.take(&key))).await;

    let fresh = taken
        .iter()
        .filter(|taken| matches!(taken, Ok(Taken::Fresh(_))))
        .count();
    let used = taken
        .iter()
        .filter(|taken| matches!(taken, Ok(Taken::Used(_))))
        .count();
    assert_eq!((fresh, used), (1, 49));
}

/// Also one that was taken: its mark ends when it would have.
async fn a_flow_ends(states: &dyn OAuthStates) {
    let (left, taken) = (key(), key());
    let short = Duration::from_millis(100);
    for key in [&left, &taken] {
        states.put(key, record(), short).await.unwrap();
    }
    states.take(&taken).await.unwrap();

    tokio::time::sleep(short * 2).await;

    for key in [&left, &taken] {
        assert_eq!(states.peek(key).await.unwrap(), Taken::Unknown);
        assert_eq!(states.take(key).await.unwrap(), Taken::Unknown);
    }
}

fn key() -> String {
    ids().next().simple().to_string()
}

fn record() -> StateRecord {
    StateRecord {
        workspace: WorkspaceId(ids().next()),
        token: TokenId(ids().next()),
        host: None,
        name: "Läden “Süd”\u{1f469}".to_owned(),
        livemode: true,
        client_id: "ca_1".to_owned(),
        return_url: Some("https://app.example/a?b=c".parse().unwrap()),
        connection: None,
        expires_at: SystemClock.now(),
        browser_hash: "00".repeat(32),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test script tells where its servers are"
)]
fn redis_url() -> Option<SecretString> {
    let url = std::env::var("TEST_REDIS_URL").ok();
    url.filter(|url| !url.is_empty()).map(SecretString::from)
}
