//! The bus, on every implementation.

mod changes;
mod changes_over_redis;
mod progress;

use std::{sync::Arc, time::Duration};

use api::{
    ids::SystemEntropy,
    progress::{BusError, RedisBus},
};
use secrecy::{ExposeSecret, SecretString};

const SOON: Duration = Duration::from_secs(5);
const QUIET: Duration = Duration::from_millis(100);

#[tokio::test]
async fn a_wrong_redis_url_is_refused_without_being_shown() {
    let refused =
        RedisBus::connect(&"http://:pw@cache".into(), Arc::new(SystemEntropy)).unwrap_err();

    assert!(matches!(refused, BusError::Address));
    assert!(!format!("{refused} {refused:?}").contains("pw"));
}

fn redis_bus(url: &SecretString) -> RedisBus {
    RedisBus::connect(url, Arc::new(SystemEntropy)).unwrap()
}

fn client(url: &SecretString) -> redis::Client {
    redis::Client::open(url.expose_secret()).unwrap()
}

/// A port that was free a moment ago.
fn unused_redis_url() -> SecretString {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("redis://{}", listener.local_addr().unwrap()).into()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test runner says where Redis is"
)]
fn redis_url() -> Option<SecretString> {
    let url = std::env::var("TEST_REDIS_URL").ok();
    if url.is_none() {
        eprintln!("skipped: TEST_REDIS_URL is not set");
    }
    url.map(SecretString::from)
}
