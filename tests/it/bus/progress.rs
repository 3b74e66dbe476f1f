//! The progress of imports over the bus: one suite for every implementation, and what only Redis can do.

use std::{sync::Arc, time::Duration};

use api::{
    ids::{ConnectionId, ImportId, WorkspaceId},
    progress::{Bus, BusError, InProcessBus, ProgressEvent, ProgressSubscription, Signal},
};
use secrecy::SecretString;
use tests::RedisLink;
use tokio::time::timeout;

use super::{QUIET, SOON, client, redis_bus, redis_url, unused_redis_url};

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

    importer.publish_progress(import.event(1)).await.unwrap();
    assert_eq!(next(&mut watcher).await, import.changed(1));
    drop(watcher);

    // Watched again, by another subscription to the same channel.
    let mut watcher = import.watch(&server).await;
    importer.publish_progress(import.event(2)).await.unwrap();
    assert_eq!(next(&mut watcher).await, import.changed(2));
}

#[tokio::test]
async fn a_lost_connection_ends_in_a_resync() {
    let Some(url) = redis_url() else { return };
    let link = RedisLink::to(&url).await;
    let (importer, server) = (redis_bus(&url), redis_bus(&link.url));
    let import = Import::new();
    let mut watcher = import.watch(&server).await;

    link.cut();
    importer.publish_progress(import.event(1)).await.unwrap();
    is_silent(&mut watcher).await;
    let refused = server
        .watch_progress(import.workspace, import.connection)
        .await;
    assert!(matches!(refused, Err(BusError::TimedOut)));

    link.mend();
    assert_eq!(next(&mut watcher).await, Signal::Resync);
    importer.publish_progress(import.event(2)).await.unwrap();
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
    importer.publish_progress(import.event(1)).await.unwrap();

    assert_eq!(next(&mut watcher).await, import.changed(1));
}

#[tokio::test]
async fn without_redis_the_bus_fails_soon() {
    let nowhere = unused_redis_url();
    let bus = redis_bus(&nowhere);
    let import = Import::new();
    let start = std::time::Instant::now();

    assert!(bus.ping().await.is_err());
    assert!(bus.publish_progress(import.event(1)).await.is_err());
    let refused = bus
        .watch_progress(import.workspace, import.connection)
        .await;

    assert!(matches!(refused, Err(BusError::TimedOut)));
    assert!(start.elapsed() < SOON);
}

/// What every bus must do.
async fn suite(bus: &dyn Bus) {
    everyone_who_watches_is_told(bus).await;
    a_reader_that_is_late_sees_the_latest(bus).await;
    an_older_sequence_never_follows_a_newer_one(bus).await;
    nobody_else_is_told(bus).await;
    what_nobody_watches_is_published_all_the_same(bus).await;
}

async fn everyone_who_watches_is_told(bus: &dyn Bus) {
    let import = Import::new();
    let mut watchers = [import.watch(bus).await, import.watch(bus).await];

    for sequence in 1..=3 {
        bus.publish_progress(import.event(sequence)).await.unwrap();
        for watcher in &mut watchers {
            assert_eq!(next(watcher).await, import.changed(sequence));
        }
    }
}

async fn a_reader_that_is_late_sees_the_latest(bus: &dyn Bus) {
    let import = Import::new();
    let mut watcher = import.watch(bus).await;

    for sequence in 1..=500 {
        bus.publish_progress(import.event(sequence)).await.unwrap();
    }

    assert_eq!(next(&mut watcher).await, import.changed(500));
    is_silent(&mut watcher).await;
}

async fn an_older_sequence_never_follows_a_newer_one(bus: &dyn Bus) {
    let (import, other) = (Import::new(), Import::new());
    let other = Import {
        run: other.run,
        ..import
    };
    let mut watcher = import.watch(bus).await;

    bus.publish_progress(import.event(2)).await.unwrap();
    assert_eq!(next(&mut watcher).await, import.changed(2));
    for late in [1, 2] {
        bus.publish_progress(import.event(late)).await.unwrap();
    }
    is_silent(&mut watcher).await;

    // Another import of the connection counts for itself.
    bus.publish_progress(other.event(1)).await.unwrap();
    assert_eq!(next(&mut watcher).await, other.changed(1));
    is_silent(&mut watcher).await;
}

async fn nobody_else_is_told(bus: &dyn Bus) {
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
        bus.publish_progress(elsewhere.event(9)).await.unwrap();
    }

    is_silent(&mut watcher).await;
    bus.publish_progress(import.event(1)).await.unwrap();
    assert_eq!(next(&mut watcher).await, import.changed(1));
}

async fn what_nobody_watches_is_published_all_the_same(bus: &dyn Bus) {
    let import = Import::new();
    drop(import.watch(bus).await);

    bus.publish_progress(import.event(1)).await.unwrap();
    let mut watcher = import.watch(bus).await;
    bus.publish_progress(import.event(2)).await.unwrap();

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

    async fn watch(&self, bus: &dyn Bus) -> ProgressSubscription {
        bus.watch_progress(self.workspace, self.connection)
            .await
            .unwrap()
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
