//! How an import divides its history: few requests too many, nothing twice, whatever the history looks like.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use api::storage::{PageRows, WindowState, WindowStep};
use reqwest::Url;
use sandbox::{AccountSpec, History, Latency, RequestRecord};
use serde_json::json;
use tests::{World, ids, on_every_backend};

use super::support::{
    Queue, assert_exactly_the_ledger, cancel_import, payments, settings, shop, some_payments,
    start_import,
};

/// What was asked of the list of charges by an import, without what connecting asked.
async fn charges_asked(world: &World, spec: AccountSpec) -> Vec<RequestRecord> {
    let count = spec.payments;
    let shop = shop(world, "Shop", spec).await;
    world.stripe.clear_requests();
    start_import(world, &shop.connection, json!({})).await;
    let import = world.imported(&shop.connection).await;

    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    assert_eq!(payments(&import), i64::try_from(count).unwrap());
    let ledger = world.stripe.ledger(&shop.account);
    assert_exactly_the_ledger(&world.database_url(), &ledger).await;
    let mut asked = world.asked();
    asked.retain(|request| request.path == "/v1/charges");
    asked
}

/// The spans that were asked for, each by its first page.
fn spans(asked: &[RequestRecord]) -> Vec<(i64, i64)> {
    let firsts = asked
        .iter()
        .filter(|request| !request.query.contains("starting_after"));
    let span = |request: &RequestRecord| {
        let url = Url::parse(&format!("http://stripe/?{}", request.query)).unwrap();
        let pairs: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        let number = |name: &str| pairs.get(name).map(|value| value.parse::<i64>().unwrap());
        (
            number("created[gte]").unwrap_or(0),
            number("created[lt]").unwrap(),
        )
    };
    firsts.map(span).collect()
}

/// Every page is asked for once, and the pages are not many more than they must be.
async fn few_requests_too_many(world: &World, shape: History) {
    let asked = charges_asked(world, AccountSpec::with_payments(2_500).shape(shape)).await;

    let (least, made) = (25, asked.len());
    assert!(made >= least, "{made} requests");
    assert!(
        made <= least * 2,
        "{made} requests where {least} are enough"
    );
    let distinct: BTreeSet<_> = asked.iter().map(|request| &request.query).collect();
    assert_eq!(distinct.len(), made, "a page was asked for twice");
}

on_every_backend! {
    async fn an_even_history_takes_few_requests_too_many(world: &World) {
        few_requests_too_many(world, History::Uniform).await;
    }

    async fn a_crowded_hour_takes_few_requests_too_many(world: &World) {
        few_requests_too_many(world, History::OneHour).await;
    }

    async fn a_crowded_second_takes_few_requests_too_many(world: &World) {
        few_requests_too_many(world, History::OneSecond).await;
    }

    async fn years_of_nothing_take_few_requests_too_many(world: &World) {
        few_requests_too_many(world, History::OldThenNothing).await;
    }

    async fn an_empty_account_takes_one_request_a_resource(world: &World) {
        let asked = charges_asked(world, AccountSpec::default()).await;

        assert_eq!(asked.len(), 1);
    }

    #[options(settings(&[("INLET_IMPORT__CONCURRENCY", "24")]))]
    async fn no_two_windows_are_of_the_same_time(world: &World) {
        let spec = AccountSpec::with_payments(3_000).shape(History::Uniform);
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(20)));

        // The first page, and the search for the begin, have no start.
        let mut spans = spans(&charges_asked(world, spec).await);

        spans.retain(|(from, _)| *from != 0);
        assert!(spans.len() > 2, "{} windows show too little", spans.len());
        // Each one ends where another one was cut.
        // A page is asked for again where it could not be written.
        spans.sort_unstable();
        spans.dedup();
        let ends: BTreeSet<_> = spans.iter().map(|(_, to)| *to).collect();
        assert_eq!(ends.len(), spans.len(), "two windows end at one time: {spans:?}");
    }

    async fn a_window_is_divided_only_while_none_waits(world: &World) {
        let queue = Queue::of_windows(world, 2).await;
        let held = queue.take(ids().next(), 0, 1).await.remove(0);
        let cut = Queue::at(-1_800);
        let divide = |cursor: &str| {
            let older = world.server.app.gateway.older_parts(&held, &[cut]);
            Queue::dividing(cursor, older)
        };
        let commit = async |step: WindowStep| {
            let page = queue.store.commit_page(&held, step, PageRows::default(), Queue::at(1)).await;
            page.unwrap().was_divided
        };

        let while_one_waits = commit(divide("ch_1")).await;
        let other = queue.take(ids().next(), 0, 1).await.len();
        let while_none_does = commit(divide("ch_2")).await;
        let again = commit(divide("ch_3")).await;

        assert_eq!((while_one_waits, other, while_none_does, again), (false, 1, true, false));
        let (_, windows) = queue.now().await;
        let newer = windows.iter().find(|window| window.id == held.id).unwrap();
        let older = windows.iter().find(|window| window.to_at == cut).unwrap();
        assert_eq!((newer.from_at, older.from_at), (Some(cut), held.from_at));
        assert_eq!(older.state, WindowState::Pending);
        assert_eq!(windows.len(), 3);
    }

    #[options(settings(&[("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "2"), ("INLET_IMPORT__CONCURRENCY", "4")]))]
    async fn whoever_waits_for_a_turn_asks_nothing_after_a_cancel(world: &World) {
        let shop = shop(world, "Shop", AccountSpec::with_payments(2_000)).await;
        start_import(world, &shop.connection, json!({ "resources": ["CHARGES"] })).await;
        let import = some_payments(world, &shop.connection).await;

        cancel_import(world, import["id"].as_str().unwrap()).await;
        // A request that was on its way, and one second as promised.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let asked = world.asked().len();
        tokio::time::sleep(Duration::from_secs(3)).await;

        assert_eq!(world.asked().len(), asked, "Stripe is still asked");
    }
}
