//! The progress bus: one suite for every implementation, and what only Redis can do.

use std::{sync::Arc, time::Duration};

use api::{
    ids::{ConnectionId, ImportId, SystemEntropy, WorkspaceId},
    progress::{
        BusError, InProcessBus, ProgressBus, ProgressEvent, ProgressSubscription, RedisBus, Signal,
    },
};
use redis::ConnectionAddr;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

const SOON: Duration = Duration::from_secs(5);
const QUIET: Duration = Duration::from_millis(100);

#[tokio::test]
async fn the_in_process_bus_passes_the_suite() {
    suite(&InProcessBus::new()).await;
}

#[tokio::test]
async fn the_redis_bus_passes_the_suite() {
    let Some(url) = redis_url() else { return };
    suite(&redis_bus(&url)).await;
}

#[tokio::test]
async fn redis_carries_progress_between_processes() {
    let Some(url) = redis_url() else { return };
    let (importer, server) = (redis_bus(&url), redis_bus(&url));
    let import = Import::new();
    let mut watcher = import.watch(&server).await;

    importer.publish(import.event(1)).await.unwrap();
    assert_eq!(next(&mut watcher).await, import.changed(1));
    drop(watcher);

    // Watched again, by another subscription to the same channel.
    let mut watcher = import.watch(&server).await;
    importer.publish(import.event(2)).await.unwrap();
    assert_eq!(next(&mut watcher).await, import.changed(2));
}

#[tokio::test]
async fn a_lost_connection_ends_in_a_resync() {
    let Some(url) = redis_url() else { return };
    let link = Link::to(&url).await;
    let (importer, server) = (redis_bus(&url), redis_bus(&link.url));
    let import = Import::new();
    let mut watcher = import.watch(&server).await;

    link.up.send_replace(false);
    importer.publish(import.event(1)).await.unwrap();
    is_silent(&mut watcher).await;
    let refused = server.subscribe(import.workspace, import.connection).await;
    assert!(matches!(refused, Err(BusError::TimedOut)));

    link.up.send_replace(true);
    assert_eq!(next(&mut watcher).await, Signal::Resync);
    importer.publish(import.event(2)).await.unwrap();
    assert_eq!(next(&mut watcher).await, import.changed(2));
}

#[tokio::test]
async fn channels_are_left_with_their_last_watcher() {
    let Some(url) = redis_url() else { return };
    let server = redis_bus(&url);
    let import = Import::new();
    let watchers = [import.watch(&server).await, import.watch(&server).await];
    assert_eq!(subscribers(&url, &import).await, 1);

    drop(watchers);

    let left = async {
        while subscribers(&url, &import).await != 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(SOON, left).await.unwrap();
}

#[tokio::test]
async fn what_is_no_event_of_the_channel_is_not_delivered() {
    let Some(url) = redis_url() else { return };
    let (importer, server) = (redis_bus(&url), redis_bus(&url));
    let (import, foreign) = (Import::new(), Import::new());
    let mut watcher = import.watch(&server).await;
    let mut admin = client(&url)
        .get_multiplexed_async_connection()
        .await
        .unwrap();

    let foreign = serde_json::to_vec(&foreign.event(1)).unwrap();
    for message in [b"no event".as_slice(), &foreign] {
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(import.channel()).arg(message);
        publish.query_async::<()>(&mut admin).await.unwrap();
    }
    importer.publish(import.event(1)).await.unwrap();

    assert_eq!(next(&mut watcher).await, import.changed(1));
}

#[tokio::test]
async fn without_redis_the_bus_fails_soon() {
    let nowhere = unused_redis_url();
    let bus = redis_bus(&nowhere);
    let import = Import::new();
    let start = std::time::Instant::now();

    assert!(bus.ping().await.is_err());
    assert!(bus.publish(import.event(1)).await.is_err());
    let refused = bus.subscribe(import.workspace, import.connection).await;

    assert!(matches!(refused, Err(BusError::TimedOut)));
    assert!(start.elapsed() < SOON);
}

#[tokio::test]
async fn a_wrong_redis_url_is_refused_without_being_shown() {
    let refused =
        RedisBus::connect(&"http://:pw@cache".into(), Arc::new(SystemEntropy)).unwrap_err();

    assert!(matches!(refused, BusError::Address));
    assert!(!format!("{refused} {refused:?}").contains("pw"));
}

/// What every bus must do.
async fn suite(bus: &dyn ProgressBus) {
    everyone_who_watches_is_told(bus).await;
    a_reader_that_is_late_sees_the_latest(bus).await;
    an_older_sequence_never_follows_a_newer_one(bus).await;
    nobody_else_is_told(bus).await;
    what_nobody_watches_is_published_all_the_same(bus).await;
}

async fn everyone_who_watches_is_told(bus: &dyn ProgressBus) {
    let import = Import::new();
    let mut watchers = [import.watch(bus).await, import.watch(bus).await];

    for sequence in 1..=3 {
        bus.publish(import.event(sequence)).await.unwrap();
        for watcher in &mut watchers {
            assert_eq!(next(watcher).await, import.changed(sequence));
        }
    }
}

async fn a_reader_that_is_late_sees_the_latest(bus: &dyn ProgressBus) {
    let import = Import::new();
    let mut watcher = import.watch(bus).await;

    for sequence in 1..=500 {
        bus.publish(import.event(sequence)).await.unwrap();
    }

    assert_eq!(next(&mut watcher).await, import.changed(500));
    is_silent(&mut watcher).await;
}

async fn an_older_sequence_never_follows_a_newer_one(bus: &dyn ProgressBus) {
    let (import, other) = (Import::new(), Import::new());
    let other = Import {
        run: other.run,
        ..import
    };
    let mut watcher = import.watch(bus).await;

    bus.publish(import.event(2)).await.unwrap();
    assert_eq!(next(&mut watcher).await, import.changed(2));
    for late in [1, 2] {
        bus.publish(import.event(late)).await.unwrap();
    }
    is_silent(&mut watcher).await;

    // Another import of the connection counts for itself.
    bus.publish(other.event(1)).await.unwrap();
    assert_eq!(next(&mut watcher).await, other.changed(1));
    is_silent(&mut watcher).await;
}

async fn nobody_else_is_told(bus: &dyn ProgressBus) {
    let (import, foreign) = (Import::new(), Import::new());
    let other_workspace = Import {
        workspace: foreign.workspace,
        ..import
    };
    let other_connection = Import {
        connection: foreign.connection,
        ..import
    };
    let mut watcher = import.watch(bus).await;

    for elsewhere in [other_workspace, other_connection, foreign] {
        bus.publish(elsewhere.event(9)).await.unwrap();
    }

    is_silent(&mut watcher).await;
    bus.publish(import.event(1)).await.unwrap();
    assert_eq!(next(&mut watcher).await, import.changed(1));
}

async fn what_nobody_watches_is_published_all_the_same(bus: &dyn ProgressBus) {
    let import = Import::new();
    drop(import.watch(bus).await);

    bus.publish(import.event(1)).await.unwrap();
    let mut watcher = import.watch(bus).await;
    bus.publish(import.event(2)).await.unwrap();

    // The first may still have been under way to the watcher that left.
    while next(&mut watcher).await != import.changed(2) {}
}

/// An import of a connection of a workspace that no other test knows.
#[derive(Clone, Copy)]
struct Import {
    workspace: WorkspaceId,
    connection: ConnectionId,
    run: ImportId,
}

impl Import {
    fn new() -> Self {
        let ids = tests::ids();
        Self {
            workspace: ids.next().into(),
            connection: ids.next().into(),
            run: ids.next().into(),
        }
    }

    fn event(&self, sequence: i64) -> ProgressEvent {
        ProgressEvent {
            workspace_id: self.workspace,
            connection_id: self.connection,
            import_id: self.run,
            sequence,
            payload: format!(r#"{{"sequence":{sequence},"error":"Zahlung \"ü\""}}"#),
        }
    }

    fn changed(&self, sequence: i64) -> Signal {
        Signal::Changed(Arc::new(self.event(sequence)))
    }

    fn channel(&self) -> String {
        format!("inlet:progress:{}:{}", self.workspace, self.connection)
    }

    async fn watch(&self, bus: &dyn ProgressBus) -> ProgressSubscription {
        bus.subscribe(self.workspace, self.connection)
            .await
            .unwrap()
    }
}

/// A way to Redis that can be cut.
struct Link {
    url: SecretString,
    up: watch::Sender<bool>,
}

impl Link {
    async fn to(url: &SecretString) -> Self {
        let ConnectionAddr::Tcp(host, port) = client(url).get_connection_info().addr().clone()
        else {
            panic!("TEST_REDIS_URL must be of the form redis://host:port");
        };
        let target = format!("{host}:{port}");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap().to_string();
        let (up, state) = watch::channel(true);
        let url = url.expose_secret().replacen(&target, &here, 1).into();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, target.clone(), state.clone()));
            }
        });
        Self { url, up }
    }
}

/// Carries bytes both ways while the link is up.
async fn carry(mut client: TcpStream, target: String, mut up: watch::Receiver<bool>) {
    if !*up.borrow() {
        return;
    }
    let mut server = TcpStream::connect(target).await.unwrap();
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = up.wait_for(|up| !*up) => {}
    }
}

async fn next(watcher: &mut ProgressSubscription) -> Signal {
    let told = timeout(SOON, watcher.next()).await;
    told.expect("nothing was told").expect("the bus ended")
}

async fn is_silent(watcher: &mut ProgressSubscription) {
    let told = timeout(QUIET, watcher.next()).await;
    assert!(told.is_err(), "was told {told:?}");
}

async fn subscribers(url: &SecretString, import: &Import) -> i64 {
    let mut admin = client(url)
        .get_multiplexed_async_connection()
        .await
        .unwrap();
    let mut count = redis::cmd("PUBSUB");
    count.arg("NUMSUB").arg(import.channel());
    let (_, count): (String, i64) = count.query_async(&mut admin).await.unwrap();
    count
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
