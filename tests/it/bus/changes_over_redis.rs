//! What changes, over Redis alone: lost connections, and messages that are none.

use std::time::{Duration, Instant};

use api::progress::{Bus, BusError, Changed, News};
use tests::RedisLink;
use tokio::time::timeout;

use super::{
    QUIET, SOON,
    changes::{Shop, news, payment, some},
    client, redis_bus, redis_url, unused_redis_url,
};

#[tokio::test]
async fn a_lost_connection_ends_in_a_resync_of_all_that_is_watched() {
    let Some(url) = redis_url() else { return };
    let link = RedisLink::to(&url).await;
    let (teller, server) = (redis_bus(&url), redis_bus(&link.url));
    let shop = Shop::new();
    let (mut connections, mut payments) = (
        shop.connections(&server).await,
        shop.payments(&server).await,
    );

    link.cut();
    while server.watch_payments(shop.workspace, None).await.is_ok() {}
    teller.tell(shop.change(Changed::Connection));
    teller.tell(shop.paid(0..1));
    teller.flush().await.unwrap();
    link.mend();

    assert_eq!(news(&mut connections).await, News::Resync);
    assert_eq!(news(&mut payments).await, News::Resync);
    teller.tell(shop.paid(1..2));
    assert_eq!(some(&mut payments).await, [payment(1)]);
}

#[tokio::test]
async fn what_cannot_be_sent_is_kept_until_it_can() {
    let Some(url) = redis_url() else { return };
    let link = RedisLink::to(&url).await;
    let (teller, server) = (redis_bus(&link.url), redis_bus(&url));
    let shop = Shop::new();
    let (mut connections, mut payments) = (
        shop.connections(&server).await,
        shop.payments(&server).await,
    );

    link.cut();
    while teller.ping().await.is_ok() {}
    teller.tell(shop.change(Changed::Connection));
    teller.tell(shop.paid(0..1));
    assert!(matches!(teller.flush().await, Err(BusError::TimedOut)));
    link.mend();

    let soon = Duration::from_secs(20);
    assert_eq!(
        timeout(soon, connections.next(Duration::ZERO))
            .await
            .unwrap(),
        Some(News::Changed(vec![shop.connection]))
    );
    assert_eq!(some(&mut payments).await, [payment(0)]);
}

#[tokio::test]
async fn a_process_is_not_told_again_what_it_told() {
    let Some(url) = redis_url() else { return };
    let server = redis_bus(&url);
    let shop = Shop::new();
    let mut watcher = shop.connections(&server).await;

    server.tell(shop.change(Changed::Connection));
    assert_eq!(some(&mut watcher).await, [shop.connection]);
    server.flush().await.unwrap();

    let told = timeout(QUIET, watcher.next(Duration::ZERO)).await;
    assert!(told.is_err(), "was told {told:?}");
}

#[tokio::test]
async fn what_is_no_change_of_the_channel_is_not_delivered() {
    let Some(url) = redis_url() else { return };
    let (teller, server) = (redis_bus(&url), redis_bus(&url));
    let (shop, foreign) = (Shop::new(), Shop::new());
    let mut watcher = shop.connections(&server).await;
    let mut admin = client(&url)
        .get_multiplexed_async_connection()
        .await
        .unwrap();

    let letter = |change| serde_json::json!({ "from": 1, "change": change }).to_string();
    let messages = [
        "no change".to_owned(),
        letter(foreign.change(Changed::Connection)),
        letter(shop.change(Changed::ManyPayments)),
    ];
    for message in messages {
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(format!("inlet:connections:{}", shop.workspace));
        publish.arg(message);
        publish.query_async::<()>(&mut admin).await.unwrap();
    }
    teller.tell(shop.change(Changed::Connection));

    assert_eq!(some(&mut watcher).await, [shop.connection]);
}

#[tokio::test]
async fn channels_are_left_with_their_last_watcher() {
    let Some(url) = redis_url() else { return };
    let server = redis_bus(&url);
    let shop = Shop::new();
    let channel = format!("inlet:payments:{}", shop.workspace);
    let mut admin = client(&url)
        .get_multiplexed_async_connection()
        .await
        .unwrap();
    let mut subscribers = async || {
        let mut count = redis::cmd("PUBSUB");
        count.arg("NUMSUB").arg(&channel);
        let (_, count): (String, i64) = count.query_async(&mut admin).await.unwrap();
        count
    };
    let watchers = [shop.payments(&server).await, shop.payments(&server).await];
    assert_eq!(subscribers().await, 1);

    drop(watchers);

    let left = async {
        while subscribers().await != 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(SOON, left).await.unwrap();
}

#[tokio::test]
async fn without_redis_watching_fails_soon_and_telling_waits_for_nothing() {
    let bus = redis_bus(&unused_redis_url());
    let shop = Shop::new();
    let start = Instant::now();

    for _ in 0..1_000 {
        bus.tell(shop.paid(0..1_000));
    }
    let connections = bus.watch_connections(shop.workspace, None).await;
    let payments = bus.watch_payments(shop.workspace, None).await;

    assert!(matches!(connections, Err(BusError::TimedOut)));
    assert!(matches!(payments, Err(BusError::TimedOut)));
    assert!(start.elapsed() < SOON);
}
