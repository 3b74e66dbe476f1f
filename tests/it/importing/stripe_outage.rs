//! While Stripe is away an import says so and waits; when it is back the import goes on.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use sandbox::{AccountSpec, Fault, Latency, Rule};
use serde_json::json;
use tests::{Backend, World, WorldOptions, on_every_backend};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use super::support::{
    assert_exactly_the_ledger, import_when, payments, settings, shop, some_payments, standing,
    start_import,
};

on_every_backend! {
    async fn an_outage_is_told_while_it_lasts_and_then_forgotten(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(1_500)).await;
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(30)));
        start_import(world, &shop.connection, json!({})).await;
        some_payments(world, &shop.connection).await;

        world.stripe.faults().down(true);
        let troubled = import_when(world, &shop.connection, |import| {
            !import["progress"]["currentTrouble"].is_null()
        })
        .await;
        world.stripe.faults().down(false);
        let better = import_when(world, &shop.connection, |import| {
            import["progress"]["currentTrouble"].is_null()
        })
        .await;
        let import = world.imported(&shop.connection).await;

        let trouble = troubled["progress"]["currentTrouble"].as_str().unwrap();
        assert_eq!(troubled["status"], "RUNNING");
        assert!(trouble.contains("cannot be reached"), "{trouble}");
        assert!(payments(&better) >= payments(&troubled));
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(payments(&import), 1_500);
        assert_eq!(standing(world, &shop.connection).await["status"], "ACTIVE");
        let ledger = world.stripe.ledger(&shop.account);
        assert_exactly_the_ledger(&world.database_url(), &ledger).await;
    }

    #[options(settings(&[("INLET_IMPORT__CONCURRENCY", "1")]))]
    async fn a_limit_is_told_as_a_limit(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(2_500)).await;
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(40)));
        start_import(world, &shop.connection, json!({ "resources": ["CHARGES"] })).await;
        some_payments(world, &shop.connection).await;

        let limited = Rule::next(3, Fault::rate_limited("global-rate"));
        world.stripe.faults().inject(limited.on("/v1/charges"));
        let troubled = import_when(world, &shop.connection, |import| {
            !import["progress"]["currentTrouble"].is_null()
        })
        .await;
        let import = world.imported(&shop.connection).await;

        let trouble = troubled["progress"]["currentTrouble"].as_str().unwrap();
        assert!(trouble.contains("limiting"), "{trouble}");
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(payments(&import), 2_500);
    }
}

/// What lies between the gateway and Stripe, and can be cut.
struct Link {
    address: SocketAddr,
    stripe: Arc<OnceLock<String>>,
    carrying: JoinHandle<()>,
}

impl Link {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stripe = Arc::new(OnceLock::new());
        let carrying = tokio::spawn(carry(listener, Arc::clone(&stripe)));
        Self {
            address,
            stripe,
            carrying,
        }
    }

    /// Breaks every connection and refuses new ones.
    async fn cut(&mut self) {
        self.carrying.abort();
        assert!((&mut self.carrying).await.is_err());
    }

    async fn mend(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.carrying = tokio::spawn(carry(listener, Arc::clone(&self.stripe)));
    }
}

async fn carry(listener: TcpListener, stripe: Arc<OnceLock<String>>) {
    let mut connections = JoinSet::new();
    loop {
        let (mut near, _) = listener.accept().await.unwrap();
        let stripe = stripe.get().unwrap().clone();
        connections.spawn(async move {
            let mut far = TcpStream::connect(stripe).await.unwrap();
            copy_bidirectional(&mut near, &mut far).await
        });
    }
}

async fn an_import_waits_for_a_stripe_that_is_gone(backend: Backend) {
    let mut link = Link::open().await;
    let variables = vec![("INLET_STRIPE__API_URL", format!("http://{}", link.address))];
    let world = World::start(
        backend,
        WorldOptions {
            variables,
            ..WorldOptions::default()
        },
    )
    .await;
    link.stripe
        .set(world.stripe.url().replace("http://", ""))
        .unwrap();
    let shop = shop(&world, "Shop", AccountSpec::with_payments(1_500)).await;
    world
        .stripe
        .faults()
        .latency(Latency::fixed(Duration::from_millis(30)));
    start_import(&world, &shop.connection, json!({})).await;
    some_payments(&world, &shop.connection).await;

    link.cut().await;
    let troubled = import_when(&world, &shop.connection, |import| {
        !import["progress"]["currentTrouble"].is_null()
    })
    .await;
    link.mend().await;
    let import = world.imported(&shop.connection).await;

    assert_eq!(troubled["status"], "RUNNING");
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    assert_eq!(import["progress"]["currentTrouble"], json!(null));
    assert_eq!(payments(&import), 1_500);
    let ledger = world.stripe.ledger(&shop.account);
    assert_exactly_the_ledger(&world.database_url(), &ledger).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_waits_for_a_stripe_that_nobody_reaches_on_sqlite() {
    an_import_waits_for_a_stripe_that_is_gone(Backend::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_waits_for_a_stripe_that_nobody_reaches_on_postgres() {
    let Some(backend) = Backend::shared().await else {
        return;
    };
    an_import_waits_for_a_stripe_that_is_gone(backend).await;
}
