//! What changes, over the bus: one suite for every implementation.

use std::{collections::HashSet, time::Duration};

use api::{
    ids::{ConnectionId, PaymentId, WorkspaceId},
    progress::{Bus, Change, Changed, Changes, InProcessBus, News},
};
use tokio::time::timeout;
use uuid::Uuid;

use super::{SOON, redis_bus, redis_url};

#[tokio::test]
async fn the_in_process_bus_passes_the_suite() {
    let bus = InProcessBus::new();
    suite(&bus, &bus).await;
}

#[tokio::test]
async fn the_redis_bus_passes_the_suite_within_a_process() {
    let Some(url) = redis_url() else { return };
    let bus = redis_bus(&url);
    suite(&bus, &bus).await;
}

#[tokio::test]
async fn the_redis_bus_passes_the_suite_between_processes() {
    let Some(url) = redis_url() else { return };
    let (teller, server) = (redis_bus(&url), redis_bus(&url));
    suite(&teller, &server).await;
}

/// What every bus must do, between one who tells and those who watch.
async fn suite(teller: &dyn Bus, server: &dyn Bus) {
    everyone_who_watches_is_told(teller, server).await;
    one_connection_is_watched_alone(teller, server).await;
    another_workspace_is_never_heard(teller, server).await;
    too_many_payments_are_told_as_a_resync(teller, server).await;
}

async fn everyone_who_watches_is_told(teller: &dyn Bus, server: &dyn Bus) {
    let shop = Shop::new();
    let mut connections = [
        shop.connections(server).await,
        shop.connections(server).await,
    ];
    let mut payments = [shop.payments(server).await, shop.payments(server).await];

    for round in 0..3 {
        teller.tell(shop.change(Changed::Connection));
        teller.tell(shop.paid(round * 1_200..(round + 1) * 1_200));
        for watcher in &mut connections {
            assert_eq!(some(watcher).await, [shop.connection]);
        }
        for watcher in &mut payments {
            let expected: HashSet<_> = ids(round * 1_200..(round + 1) * 1_200).collect();
            let mut told = HashSet::new();
            while told.len() < expected.len() {
                told.extend(some(watcher).await);
            }
            assert_eq!(told, expected);
        }
    }
}

async fn one_connection_is_watched_alone(teller: &dyn Bus, server: &dyn Bus) {
    let (shop, foreign) = (Shop::new(), Shop::new());
    let beside = Shop {
        connection: foreign.connection,
        ..shop
    };
    let only = [shop.connection];
    let watched = server.watch_connections(shop.workspace, Some(shop.connection));
    let mut connections = watched.await.unwrap();
    let mut payments = server
        .watch_payments(shop.workspace, Some(&only))
        .await
        .unwrap();

    // Another's changes do not fill the mailbox either.
    teller.tell(beside.change(Changed::Connection));
    teller.tell(beside.paid(0..20_000));
    teller.tell(beside.change(Changed::ManyPayments));
    teller.tell(shop.change(Changed::Connection));
    teller.tell(shop.paid(1..2));

    assert_eq!(some(&mut connections).await, [shop.connection]);
    assert_eq!(some(&mut payments).await, [payment(1)]);
}

async fn another_workspace_is_never_heard(teller: &dyn Bus, server: &dyn Bus) {
    let (ours, theirs) = (Shop::new(), Shop::new());
    let (mut connections, mut payments) =
        (ours.connections(server).await, ours.payments(server).await);
    // Others are watched by the same process, so that their messages come here.
    let (_theirs, _paid) = (
        theirs.connections(server).await,
        theirs.payments(server).await,
    );

    for count in 0..10_000 {
        teller.tell(theirs.change(Changed::Connection));
        teller.tell(theirs.paid(count..count + 1));
        if count % 1_000 == 0 {
            teller.tell(ours.change(Changed::Connection));
            teller.tell(ours.paid(count..count + 1));
            // Others have their turn.
            tokio::task::yield_now().await;
        }
    }

    let expected: HashSet<_> = (0..10).map(|count| payment(count * 1_000)).collect();
    let mut told = HashSet::new();
    while told.len() < expected.len() {
        told.extend(some(&mut payments).await);
    }
    assert_eq!(told, expected);
    assert_eq!(some(&mut connections).await, [ours.connection]);
}

async fn too_many_payments_are_told_as_a_resync(teller: &dyn Bus, server: &dyn Bus) {
    let shop = Shop::new();
    let mut watcher = shop.payments(server).await;

    teller.tell(shop.paid(0..10_001));
    assert_eq!(news(&mut watcher).await, News::Resync);

    teller.tell(shop.paid(7..8));
    while some(&mut watcher).await != [payment(7)] {}
}

/// A connection of a workspace that no other test knows.
#[derive(Clone, Copy)]
pub(super) struct Shop {
    pub(super) workspace: WorkspaceId,
    pub(super) connection: ConnectionId,
}

impl Shop {
    pub(super) fn new() -> Self {
        let ids = tests::ids();
        Self {
            workspace: ids.next().into(),
            connection: ids.next().into(),
        }
    }

    pub(super) fn change(&self, what: Changed) -> Change {
        Change {
            workspace_id: self.workspace,
            connection_id: self.connection,
            what,
        }
    }

    /// That these payments changed.
    pub(super) fn paid(&self, range: std::ops::Range<u128>) -> Change {
        self.change(Changed::Payments(ids(range).collect()))
    }

    pub(super) async fn connections(&self, bus: &dyn Bus) -> Changes<ConnectionId> {
        bus.watch_connections(self.workspace, None).await.unwrap()
    }

    pub(super) async fn payments(&self, bus: &dyn Bus) -> Changes<PaymentId> {
        bus.watch_payments(self.workspace, None).await.unwrap()
    }
}

pub(super) fn payment(number: u128) -> PaymentId {
    PaymentId(Uuid::from_u128(number))
}

fn ids(range: std::ops::Range<u128>) -> impl Iterator<Item = PaymentId> {
    range.map(payment)
}

/// What a watcher is told next.
pub(super) async fn news<Id: From<Uuid>>(watcher: &mut Changes<Id>) -> News<Id> {
    let told = timeout(SOON, watcher.next(Duration::ZERO)).await;
    told.expect("nothing was told").expect("the bus ended")
}

/// The ids that a watcher is told next.
pub(super) async fn some<Id: From<Uuid>>(watcher: &mut Changes<Id>) -> Vec<Id> {
    match news(watcher).await {
        News::Changed(ids) => ids,
        News::Resync => panic!("was told to resync"),
    }
}
