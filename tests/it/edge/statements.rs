//! How many statements an operation needs does not grow with its page. Counted on PostgreSQL, where a proxy can see
//! them; both databases are asked through the same code.

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{Backend, World, WorldOptions};

use super::{counting_proxy::CountingProxy, shop::Shop};

/// The tables that operations read.
const TABLES: [&str; 4] = [
    "\"payments\"",
    "\"refunds\"",
    "\"disputes\"",
    "\"connections\"",
];

/// A world whose statements are counted; none without PostgreSQL.
async fn counted() -> Option<(World, CountingProxy)> {
    let backend = Backend::shared().await?;
    let proxy = CountingProxy::before(&backend.database_url()).await;
    let variables = vec![("INLET_DATABASE__URL", proxy.url.clone())];
    Some((
        World::start(
            backend,
            WorldOptions {
                variables,
                ..WorldOptions::default()
            },
        )
        .await,
        proxy,
    ))
}

/// The statements of one operation, besides those that find out who asks. The engines read now and then too, which adds
/// to some runs: the run with the fewest is the operation's own.
async fn statements(
    world: &World,
    proxy: &CountingProxy,
    query: &str,
    variables: Value,
) -> Vec<String> {
    let mut fewest: Option<Vec<String>> = None;
    for _ in 0..5 {
        let run = one_run(world, proxy, query, variables.clone()).await;
        if fewest
            .as_ref()
            .is_none_or(|fewest| run.len() < fewest.len())
        {
            fewest = Some(run);
        }
    }
    fewest.unwrap_or_default()
}

async fn one_run(
    world: &World,
    proxy: &CountingProxy,
    query: &str,
    variables: Value,
) -> Vec<String> {
    proxy.take();
    world.data(query, variables).await;
    let read = |statement: &String| {
        statement.starts_with("SELECT")
            && TABLES
                .iter()
                .any(|table| statement.contains(&format!("FROM {table}")))
    };
    proxy.take().into_iter().filter(read).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_payments_needs_few_statements_however_many_payments_it_has() {
    let Some((world, proxy)) = counted().await else {
        return;
    };
    let shop = Shop::open(&world, "Shop", AccountSpec::with_payments(600)).await;
    let other = Shop::open(&world, "Other", AccountSpec::with_payments(100).seed(2)).await;
    world.summed_up().await;
    let query = "query($n: Int!) { payments(first: $n, orderBy: { field: AMOUNT }) { nodes {
        id stripeId amount { amount } metadata method { card { brand } } outcome { type }
        connection { id name account { stripeId } } refunds(first: 10) { nodes { id amount { amount } } }
        disputes { id status } } } }";

    let one = statements(&world, &proxy, query, json!({ "n": 1 })).await;
    let fifty = statements(&world, &proxy, query, json!({ "n": 50 })).await;
    let hundred = statements(&world, &proxy, query, json!({ "n": 100 })).await;

    // The page, its connections, its refunds and its disputes.
    for (page, payments) in [(one, 1), (fifty, 50), (hundred, 100)] {
        let read = TABLES.map(|table| {
            let from = format!("FROM {table}");
            // Of the payments only the page: fees and sums are looked after meanwhile, in other orders.
            let own = |statement: &&String| {
                statement.contains(&from)
                    && (table != TABLES[0] || statement.contains("\"amount_thousandths\" DESC"))
            };
            page.iter().filter(own).count()
        });
        assert_eq!(
            read, [1; 4],
            "statements on {TABLES:?} for {payments} payments"
        );
    }
    drop((shop, other));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_total_is_counted_only_when_asked_for() {
    let Some((world, proxy)) = counted().await else {
        return;
    };
    let shop = Shop::open(&world, "Shop", AccountSpec::with_payments(60)).await;
    world.summed_up().await;

    let without = statements(&world, &proxy, "{ payments { nodes { id } } }", json!({})).await;
    let with = statements(
        &world,
        &proxy,
        "{ payments { totalCount nodes { id } } }",
        json!({}),
    )
    .await;

    assert_eq!(without.len(), 1, "{without:#?}");
    assert_eq!(with.len(), 2, "{with:#?}");
    drop(shop);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_payments_by_id_are_read_at_once() {
    let Some((world, proxy)) = counted().await else {
        return;
    };
    let shop = Shop::open(&world, "Shop", AccountSpec::with_payments(100)).await;
    world.summed_up().await;
    let ids = world
        .data("{ payments(first: 100) { nodes { id } } }", json!({}))
        .await;
    let ids: Vec<_> = ids["payments"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["id"].clone())
        .collect();
    let query =
        "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Payment { connection { name } } } }";

    let read = statements(&world, &proxy, query, json!({ "ids": ids })).await;

    // The library looks at a long list little by little, and what it has not looked at has not asked yet.
    assert!(read.len() <= 25, "{} statements: {read:#?}", read.len());
    drop(shop);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_connections_with_their_imports_is_read_at_once() {
    let Some((world, proxy)) = counted().await else {
        return;
    };
    for seed in 1..=6 {
        Shop::open(
            &world,
            &format!("Shop {seed}"),
            AccountSpec::with_payments(3).seed(seed),
        )
        .await;
    }
    let query = "query($n: Int!) { connections(first: $n) { nodes { name latestImport { status connection { name } } } } }";

    proxy.take();
    let one = statements(&world, &proxy, query, json!({ "n": 1 })).await;
    let six = statements(&world, &proxy, query, json!({ "n": 6 })).await;

    assert!(!one.is_empty());
    assert_eq!(six.len(), one.len(), "{six:#?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sums_need_as_many_statements_however_many_rows_they_have() {
    let Some((world, proxy)) = counted().await else {
        return;
    };
    for seed in 1..=5 {
        let spec = AccountSpec::with_payments(100).seed(seed);
        Shop::open(&world, &format!("Shop {seed}"), spec).await;
        world.summed_up().await;
    }
    // By BIN, so that payments themselves are added up.
    let query = "query($filter: PaymentFilter!, $interval: TimeInterval) {
        paymentStats(filter: $filter, interval: $interval, groupBy: [BIN, CONNECTION, STATUS]) { attempts fees { amount } dimensions { label } } }";
    let one = world
        .data("{ connections(first: 1) { nodes { id } } }", json!({}))
        .await;
    let one = json!({ "filter": { "connectionIds": [one["connections"]["nodes"][0]["id"]] } });
    let all = json!({ "filter": {}, "interval": "DAY" });
    let rows = async |variables: &Value| {
        let stats = world.data(query, variables.clone()).await;
        stats["paymentStats"].as_array().unwrap().len()
    };

    let (few, many) = (rows(&one).await, rows(&all).await);
    let of_few = statements(&world, &proxy, query, one).await;
    let of_many = statements(&world, &proxy, query, all).await;

    assert!(few > 0 && many > 4 * few, "{few} and {many} rows");
    for statements in [of_few, of_many] {
        let having = |text: &str| {
            let having = statements
                .iter()
                .filter(|statement| statement.contains(text));
            having.count()
        };
        // The sums of payments, of refunds and of disputes.
        assert_eq!(having("GROUP BY"), 3, "{statements:#?}");
        // The names of the connections.
        assert_eq!(having("\"connections\".\"id\" IN"), 1, "{statements:#?}");
    }
    world.end().await;
}
