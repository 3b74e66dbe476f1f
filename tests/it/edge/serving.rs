//! `inlet serve` from its first start to its end.

use std::{os::unix::fs::PermissionsExt, time::Duration};

use sandbox::{AccountSpec, Fault, Grants, Latency, Options, Rule, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::Socket;

use super::program::{Running, run, variables};

const CONNECT: &str = "mutation($key: String!) {
    connectWithApiKey(input: { name: \"Shop\", apiKey: $key }) { connection { id } errors { message } } }";

#[tokio::test]
async fn the_first_start_needs_nothing_and_prints_one_token_once() {
    let folder = TempDir::new().unwrap();

    let mut first = Running::start(folder.path(), &[], &[]).await;
    let token = first.first_token().await;
    let viewer = first
        .ask(
            &token,
            "{ viewer { workspace { name } scopes } }",
            Value::Null,
        )
        .await;
    let rest = first.stop().await;
    let second = Running::start(folder.path(), &[], &[]).await;
    let still = second
        .ask(&token, "{ viewer { workspace { name } } }", Value::Null)
        .await;
    let of_second = second.stop().await;

    assert!(token.starts_with("inl_"), "{token}");
    assert_eq!(viewer["data"]["viewer"]["workspace"]["name"], "default");
    assert_eq!(
        viewer["data"]["viewer"]["scopes"].as_array().unwrap().len(),
        4
    );
    assert_eq!((rest.as_str(), of_second.as_str()), ("", ""));
    assert_eq!(still["data"]["viewer"]["workspace"]["name"], "default");
    let key = std::fs::metadata(folder.path().join("inlet.key")).unwrap();
    assert_eq!(
        key.permissions().mode() & 0o777,
        0o600,
        "others can read the master keys"
    );
    assert!(folder.path().join("inlet.db").exists());
}

#[tokio::test]
async fn a_taken_port_is_told() {
    let (folder, taken) = (
        TempDir::new().unwrap(),
        std::net::TcpListener::bind("127.0.0.1:0").unwrap(),
    );
    let address = taken.local_addr().unwrap().to_string();

    let ran = run(
        folder.path(),
        &variables([("INLET_SERVER__LISTEN", &address)]),
        &["serve"],
    )
    .await;

    assert!(
        !ran.ok && ran.err.contains(&address) && ran.err.contains("INLET_SERVER__LISTEN"),
        "{ran:?}"
    );
}

#[tokio::test]
async fn a_missing_key_file_is_told_before_anything_breaks() {
    let (folder, stripe) = (
        TempDir::new().unwrap(),
        Sandbox::start(Options::default()).await.unwrap(),
    );
    let key = stripe.create_key(
        &stripe.add_account(AccountSpec::with_payments(5)),
        Grants::All,
    );
    let settings = variables([("INLET_STRIPE__API_URL", &stripe.url())]);
    let mut gateway = Running::start(folder.path(), &settings, &[]).await;
    let token = gateway.first_token().await;
    let connected = gateway.ask(&token, CONNECT, json!({ "key": key })).await;
    assert_eq!(
        connected["data"]["connectWithApiKey"]["errors"],
        json!([]),
        "{connected:#}"
    );
    gateway.stop().await;

    std::fs::remove_file(folder.path().join("inlet.key")).unwrap();
    let ran = run(folder.path(), &settings, &["serve"]).await;

    assert!(!ran.ok && ran.err.contains("inlet.key"), "{ran:?}");
    assert!(
        !folder.path().join("inlet.key").exists(),
        "a new key was made that opens nothing"
    );
}

/// A gateway in the middle of an import that waits for Stripe, followed over a socket.
async fn busy(folder: &TempDir, stripe: &Sandbox, grace: &str) -> (Running, Socket) {
    let key = stripe.create_key(
        &stripe.add_account(AccountSpec::with_payments(500)),
        Grants::All,
    );
    let settings = variables([
        ("INLET_STRIPE__API_URL", &stripe.url()),
        ("INLET_SERVER__SHUTDOWN_GRACE_SECONDS", grace),
    ]);
    let mut gateway = Running::start(folder.path(), &settings, &[]).await;
    let token = gateway.first_token().await;
    let connected = gateway.ask(&token, CONNECT, json!({ "key": key })).await;
    let id = &connected["data"]["connectWithApiKey"]["connection"]["id"];
    let mut socket = Socket::open(&format!("{}/graphql/ws", gateway.url)).await;
    socket.introduce(&token).await;
    let query = "subscription($id: ID!) { importProgress(connectionId: $id) { status } }";
    socket.subscribe("1", query, json!({ "id": id })).await;
    while socket.next_of("next").await["data"]["importProgress"]["status"] != "RUNNING" {}
    (gateway, socket)
}

#[tokio::test]
async fn sigterm_ends_a_busy_gateway_within_its_grace() {
    for signal in ["-TERM", "-INT"] {
        let (folder, stripe) = (
            TempDir::new().unwrap(),
            Sandbox::start(Options::default()).await.unwrap(),
        );
        stripe
            .faults()
            .latency_on("/v1/charges", Latency::fixed(Duration::from_millis(300)));
        let (gateway, mut socket) = busy(&folder, &stripe, "20").await;

        gateway.signal(signal).await;
        let (status, took, _) = gateway.ended().await;

        assert!(status.success(), "{signal}: {status}");
        assert!(took < Duration::from_secs(12), "{signal}: it took {took:?}");
        while socket.next().await.is_ok() {}
    }
}

/// The same, with requests under way that Stripe does not answer.
async fn stuck(folder: &TempDir, stripe: &Sandbox, grace: &str) -> (Running, Socket) {
    stripe
        .faults()
        .latency_on("/v1/charges", Latency::fixed(Duration::from_millis(500)));
    let busy = busy(folder, stripe, grace).await;
    let silence = Fault::Stall {
        duration: Duration::from_mins(2),
    };
    stripe
        .faults()
        .inject(Rule::next(100, silence).on("/v1/charges"));
    while !stripe.faults().counts().contains_key("stall") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    busy
}

#[tokio::test]
async fn what_does_not_end_is_dropped_after_the_grace() {
    let (folder, stripe) = (
        TempDir::new().unwrap(),
        Sandbox::start(Options::default()).await.unwrap(),
    );
    let (gateway, _socket) = stuck(&folder, &stripe, "1").await;

    gateway.signal("-TERM").await;
    let (status, took, _) = gateway.ended().await;

    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(8), "it took {took:?}");
}

#[tokio::test]
async fn a_second_signal_does_not_wait() {
    let (folder, stripe) = (
        TempDir::new().unwrap(),
        Sandbox::start(Options::default()).await.unwrap(),
    );
    let (gateway, mut socket) = stuck(&folder, &stripe, "60").await;

    gateway.signal("-TERM").await;
    // The first has been heard when sockets are closed.
    while socket.next().await.is_ok() {}
    gateway.signal("-TERM").await;
    let (_, took, _) = gateway.ended().await;

    assert!(took < Duration::from_secs(8), "it took {took:?}");
}

#[tokio::test]
async fn after_sigterm_the_import_goes_on_at_the_next_start() {
    let (folder, stripe) = (
        TempDir::new().unwrap(),
        Sandbox::start(Options::default()).await.unwrap(),
    );
    stripe
        .faults()
        .latency_on("/v1/charges", Latency::fixed(Duration::from_millis(300)));
    let (gateway, _socket) = busy(&folder, &stripe, "20").await;
    gateway.stop().await;
    stripe.faults().clear();

    let settings = variables([("INLET_STRIPE__API_URL", &stripe.url())]);
    let again = Running::start(folder.path(), &settings, &[]).await;
    let made = run(
        folder.path(),
        &settings,
        &["token", "create", "--workspace", "default", "--name", "x"],
    )
    .await;
    let count = async || {
        again
            .ask(made.out.trim(), "{ payments { totalCount } }", Value::Null)
            .await["data"]["payments"]["totalCount"]
            .take()
    };
    while count().await != "500" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    again.stop().await;
}
