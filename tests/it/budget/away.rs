//! While Redis is away, imports go on with a part of the budget.

use std::time::{Duration, Instant};

use api::state::{About, Budget, RedisBudgets, StateError};
use secrecy::SecretString;
use tests::RedisLink;

use super::{Asker, WIDE, redis_url, turns};

const BUDGET: Budget = Budget {
    requests_per_second: 100.0,
    concurrency: 8,
    ..WIDE
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_a_process_keeps_to_half_of_the_budget() {
    // Nobody listens there.
    let budgets = RedisBudgets::connect(&SecretString::from("redis://127.0.0.1:9/")).unwrap();
    let [asker] = Asker::some(&budgets, BUDGET);

    let started = Instant::now();
    let given = asker.charges(0, 10).await;
    assert!(started.elapsed() < Duration::from_secs(2), "{started:?}");
    assert_eq!(turns(&given).len(), 4, "half of the places: {given:?}");

    let sent = asker
        .turns_within(Duration::from_secs(1), "GET /v1/charges")
        .await;
    assert!((20..=64).contains(&sent), "{sent} within a second");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_stay_below_the_budget_while_redis_is_away_and_share_it_again() {
    let Some(url) = redis_url() else { return };
    let link = RedisLink::to(&url).await;
    let [mine, theirs] = [(); 2].map(|()| RedisBudgets::connect(&link.url).unwrap());
    let [one, mut other] = Asker::some(&mine, BUDGET);
    other.budgets = &theirs;
    for asker in [&one, &other, &one] {
        asker.charges(1, 1).await;
    }
    assert_eq!(one.charges(1, 0).await.processes, 2);

    link.cut();
    // Both notice it, and then know that there are two.
    for asker in [&one, &other] {
        asker.charges(1, 0).await;
    }
    let second = Duration::from_secs(1);
    let (a, b) = tokio::join!(
        one.turns_within(second, "GET /v1/charges"),
        other.turns_within(second, "GET /v1/charges")
    );
    assert!((30..=90).contains(&(a + b)), "{a} and {b} within a second");
    let alone = one.charges(0, 8).await;
    assert!(turns(&alone).len() <= 2, "two of eight places: {alone:?}");

    link.mend();
    let found = async {
        while one.charges(1, 0).await.processes != 2 || other.charges(1, 0).await.processes != 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), found)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_learnt_is_known_when_redis_goes_away() {
    let Some(url) = redis_url() else { return };
    let link = RedisLink::to(&url).await;
    let budgets = RedisBudgets::connect(&link.url).unwrap();
    let [asker] = Asker::some(&budgets, BUDGET);
    asker.charges(1, 0).await;
    asker.complain(About::Rate).await;

    link.cut();
    asker.charges(1, 0).await;
    let sent = asker
        .turns_within(Duration::from_millis(500), "GET /v1/charges")
        .await;

    // Half of the budget, and half of that.
    assert!((5..=30).contains(&sent), "{sent} within half a second");
}

#[tokio::test]
async fn a_wrong_address_is_refused_without_being_shown() {
    let refused = RedisBudgets::connect(&SecretString::from("http://:secret@x")).unwrap_err();

    assert!(matches!(refused, StateError::Address));
    assert!(!format!("{refused} {refused:?}").contains("secret"));
}
