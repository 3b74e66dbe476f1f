//! One case from its start to its report.

use std::time::Duration;

use sandbox::{AccountSpec, Grants, Latency, Ledger, Options, Sandbox};
use tests::{Backend, Tables};

use crate::{
    case::{Case, Database},
    gateway::Gateways,
    process::{cpu_micros, memory_now, parent, peak_memory},
    report::{Asked, Report},
    truth,
};

/// How often to look whether an import has ended; its own times are what counts.
const LOOK: Duration = Duration::from_millis(200);

/// An account at Stripe and its connection.
struct Shop {
    account: String,
    connection: String,
}

/// Imports as the case says, compares what is stored with the truth, and reports.
pub(crate) async fn run(case: &Case) -> Report {
    let backend = match case.database {
        Database::Sqlite => Backend::embedded(),
        Database::Postgres => Backend::shared()
            .await
            .expect("a PostgreSQL: use scripts/with-services"),
    };
    let stripe = Sandbox::start(Options::default()).await.expect("a Stripe");
    let gateways = Gateways::start(case, &backend, &stripe).await;
    let shops = connect(case, &stripe, &gateways).await;
    let ledgers: Vec<Ledger> = shops
        .iter()
        .map(|shop| stripe.ledger(&shop.account))
        .collect();

    stripe.faults().latency(Latency::fixed(case.latency));
    stripe.clear_requests();
    let database = database_process(&backend).await;
    let mut report = Report::begin(case, &ledgers);
    let used = |gateways: &Gateways| {
        let own: u64 = gateways.processes().into_iter().map(cpu_micros).sum();
        let stripes = cpu_micros(std::process::id()) - own;
        [own, database.map_or(0, cpu_micros), stripes]
    };
    report.memory_before = most(&gateways, memory_now);
    let before = used(&gateways);
    for shop in &shops {
        gateways.import(&shop.connection, &case.resources).await;
    }
    report.took = tokio::select! {
        took = ended(&gateways, &shops) => took,
        () = report.live.during.ask(&gateways) => unreachable!("it is asked without an end"),
    };
    let after = used(&gateways);
    report.peak_memory = most(&gateways, peak_memory);
    for (place, micros) in report.cpu_micros.iter_mut().enumerate() {
        *micros = after[place] - before[place];
    }
    report.live.after.ask_afterwards(&gateways).await;
    report.asked = Asked::of(case, &stripe.requests());
    truth::assert_exact(case, &backend.database_url(), &ledgers).await;
    gateways.end().await;
    backend.end().await;
    report
}

/// Connects accounts while they are empty, so that the import of everything that follows has nothing to do; then they
/// get their history.
async fn connect(case: &Case, stripe: &Sandbox, gateways: &Gateways) -> Vec<Shop> {
    let mut shops = Vec::new();
    for number in 0..case.connections {
        let spec = case.account(number);
        let account = stripe.add_account(AccountSpec {
            payments: 0,
            ..spec.clone()
        });
        let key = stripe.create_key(&account, Grants::All);
        let connection = gateways.connect(&format!("Shop {number}"), &key).await;
        shops.push(Shop {
            account,
            connection,
        });
    }
    ended(gateways, &shops).await;
    for (number, shop) in shops.iter().enumerate() {
        stripe.fill(&shop.account, &case.account(number));
    }
    shops
}

/// Waits until the latest imports have ended well; from the first one's begin to the last one's end.
async fn ended(gateways: &Gateways, shops: &[Shop]) -> Duration {
    let (mut begin, mut end) = (i64::MAX, 0);
    for shop in shops {
        loop {
            let import = gateways.latest_import(&shop.connection).await;
            if let Some(finished_at) = import.finished_at {
                assert_eq!(import.status, "SUCCEEDED");
                begin = begin.min(import.queued_at);
                end = end.max(finished_at);
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
    }
    Duration::from_millis(u64::try_from(end - begin).unwrap_or_default())
}

/// The process that all of PostgreSQL's others are children of; none for SQLite, which is in the gateway.
async fn database_process(backend: &Backend) -> Option<u32> {
    let url = backend.database_url();
    if url.starts_with("sqlite:") {
        return None;
    }
    let tables = Tables::open(&url).await;
    let own = tables.texts("SELECT pg_backend_pid()::text").await.concat();
    let server = parent(own.parse().expect("a process id"));
    tables.close().await;
    Some(server.expect("a PostgreSQL on this machine"))
}

fn most(gateways: &Gateways, memory: fn(u32) -> u64) -> u64 {
    let all = gateways.processes().into_iter().map(memory);
    all.max().unwrap_or_default()
}
