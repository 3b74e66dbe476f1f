//! The rounds of one backend.

use std::time::{Duration, Instant};

use api::{app::Role, inbox};
use tests::{Backend, Tables, World, WorldOptions};
use tokio_util::sync::CancellationToken;

use crate::{
    bare,
    events::Shop,
    load::{Took, rate, send},
};

/// Events of a round.
const EVENTS: usize = 20_000;

/// Events of the bare handler's round.
const FEW: usize = 5_000;

/// How often to look whether everything is applied.
const LOOK: Duration = Duration::from_millis(25);

pub(crate) async fn run(name: &str, backend: Backend) {
    let options = WorldOptions {
        // Nothing is applied until the bench says so.
        role: Some(Role::Api),
        ..WorldOptions::default()
    };
    let world = World::start(backend, options).await;
    let shop = Shop::connect(&world).await;
    let store = world.server.app.gateway.store();
    println!("{name} {}", conditions(&world).await);

    let bare = bare::serve(store.clone(), &shop).await;
    let took = send(bare, shop.deliveries(bare::PATH, 0..FEW, now(&world))).await;
    let single = took.rate();
    print("bare handler, a statement an event", &took);

    let took = deliver(&world, &shop, 0).await;
    print("to the durable 200, nothing applied meanwhile", &took);
    println!("    {:.1} times the bare handler", took.rate() / single);

    let started = Instant::now();
    let ending = CancellationToken::new();
    let engine = start_engine(&world, &ending);
    applied(&world, &shop).await;
    println!("  applied: {:.0} events/s", rate(EVENTS, started.elapsed()));

    let started = Instant::now();
    let took = deliver(&world, &shop, EVENTS).await;
    print("to the durable 200, applied meanwhile", &took);
    applied(&world, &shop).await;
    println!(
        "    until the last one was applied: {:.0} events/s",
        rate(EVENTS, started.elapsed())
    );

    let tables = Tables::open(&world.database_url()).await;
    let payments = tables.count("payments").await;
    assert_eq!(payments, 2 * EVENTS, "payments of as many events");
    tables.close().await;
    ending.cancel();
    engine.await.expect("an engine that ends");
    world.end().await;
}

async fn deliver(world: &World, shop: &Shop, first: usize) -> Took {
    let events = first..first + EVENTS;
    let requests = shop.deliveries(&shop.path(), events, now(world));
    send(world.server.address, requests).await
}

fn start_engine(world: &World, ending: &CancellationToken) -> tokio::task::JoinHandle<()> {
    let settings = inbox::Settings {
        lease: Duration::from_secs(30),
        recovery_interval: Duration::from_mins(5),
    };
    let engine = inbox::Engine::new(world.server.app.gateway.clone(), settings);
    tokio::spawn(engine.run(ending.clone()))
}

/// Waits until no event of the shop is pending.
async fn applied(world: &World, shop: &Shop) {
    let store = world.server.app.gateway.store();
    loop {
        let counts = store.count_inbox(shop.workspace, shop.connection).await;
        let counts = counts.expect("a database");
        assert_eq!(counts.dead, 0, "events were given up");
        if counts.pending == 0 {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn now(world: &World) -> i64 {
    world.server.app.gateway.clock().now().timestamp()
}

/// What the figures depend on.
async fn conditions(world: &World) -> String {
    let url = world.database_url();
    let tables = Tables::open(&url).await;
    let sql = if url.starts_with("sqlite:") {
        "SELECT sqlite_version() || ', synchronous=FULL'"
    } else {
        "SELECT current_setting('server_version') || ', fsync=' || current_setting('fsync')
         || ', synchronous_commit=' || current_setting('synchronous_commit')"
    };
    let conditions = tables.texts(sql).await.concat();
    tables.close().await;
    conditions
}

fn print(what: &str, took: &Took) {
    let (rate, p50, p99) = (took.rate(), took.quantile(50), took.quantile(99));
    println!("  {what}: {rate:.0} events/s, p50 {p50:.1} ms, p99 {p99:.1} ms");
}
