use std::{
    sync::atomic::{AtomicU32, Ordering},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

use super::Lane;
use crate::{
    ids::ConnectionId,
    state::{Ask, Budget, Budgets, Given, InProcessBudgets},
    stripe::{Endpoint, RateLimitReason, Turn, Urgency},
};

const PAGE: Duration = Duration::from_millis(300);

/// Counts what is asked of the budgets.
#[derive(Debug, Default)]
struct Counted {
    budgets: InProcessBudgets,
    asked: AtomicU32,
}

#[async_trait]
impl Budgets for Counted {
    async fn ask(&self, ask: &Ask) -> Given {
        self.asked.fetch_add(1, Ordering::Relaxed);
        // As long as a call of Redis takes.
        sleep(Duration::from_millis(1)).await;
        self.budgets.ask(ask).await
    }
}

fn budget(requests_per_second: f64, concurrency: u32) -> Budget {
    Budget {
        requests_per_second,
        endpoint_requests_per_second: 25.0,
        concurrency,
    }
}

fn charges() -> Endpoint {
    Endpoint::get("/v1/charges")
}

fn refunds() -> Endpoint {
    Endpoint::get("/v1/refunds")
}

fn lane(budgets: &Arc<Counted>, process: u128, connection: u128, budget: Budget) -> Arc<Lane> {
    let budgets: Arc<dyn Budgets> = budgets.clone();
    let connection = ConnectionId(Uuid::from_u128(connection));
    Lane::new(budgets, Uuid::from_u128(process), connection, budget)
}

fn one_lane(budget: Budget) -> (Arc<Counted>, Arc<Lane>) {
    let budgets = Arc::default();
    let lane = lane(&budgets, 1, 1, budget);
    (budgets, lane)
}

/// Requests of 300 ms, one after the other, from so many tasks a lane, until an end; when each was sent.
async fn work(lanes: &[(&Arc<Lane>, Endpoint)], tasks: usize, length: Duration) -> Vec<Instant> {
    let (sent, end) = (Arc::new(Mutex::new(Vec::new())), Instant::now() + length);
    let mut workers = JoinSet::new();
    for (lane, endpoint) in lanes {
        for _ in 0..tasks {
            let (lane, endpoint, sent) = (Arc::clone(lane), endpoint.clone(), Arc::clone(&sent));
            workers.spawn(async move {
                while Instant::now() < end {
                    let turn = lane.turn(endpoint.clone(), Urgency::InTurn).await;
                    sent.lock().unwrap().push(Instant::now());
                    sleep(PAGE).await;
                    drop(turn);
                    // As long as a page takes to be written.
                    sleep(Duration::from_millis(5)).await;
                }
            });
        }
    }
    while let Some(ended) = workers.join_next().await {
        ended.unwrap();
    }
    let mut sent = sent.lock().unwrap().clone();
    sent.retain(|at| *at < end);
    sent.sort_unstable();
    sent
}

/// The most that were sent within any span of this length.
fn most_within(length: Duration, sent: &[Instant]) -> usize {
    let within = |start: Instant| {
        let after = sent.iter().filter(|at| **at >= start);
        after.take_while(|at| **at < start + length).count()
    };
    sent.iter().map(|at| within(*at)).max().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn nearly_the_whole_budget_is_used_and_never_more() {
    for (rate, places) in [(8_u32, 8), (20, 8), (25, 10)] {
        let (budgets, lane) = one_lane(budget(f64::from(rate), places));
        let sent = work(&[(&lane, charges())], 16, Duration::from_mins(1)).await;

        let whole = usize::try_from(rate).unwrap() * 60;
        assert!(
            sent.len() * 100 >= whole * 95,
            "{} of {whole} requests",
            sent.len()
        );
        for seconds in [1, 10, 60] {
            let most = most_within(Duration::from_secs(seconds), &sent);
            let allowed = u64::from(rate) * seconds + u64::from(rate) / 4 + 1;
            assert!(
                most as u64 <= allowed,
                "{most} within {seconds} s, {allowed} allowed"
            );
        }
        let asked = budgets.asked.load(Ordering::Relaxed) as usize;
        assert!(
            asked * 100 <= sent.len() * 110,
            "{asked} questions for {} requests",
            sent.len()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn two_processes_share_a_budget_evenly() {
    let budgets = Arc::default();
    let [one, other] = [1, 2].map(|process| lane(&budgets, process, 1, budget(20.0, 8)));
    let length = Duration::from_mins(1);
    let (mine, theirs) = ([(&one, charges())], [(&other, charges())]);
    let (mine, theirs) = tokio::join!(work(&mine, 8, length), work(&theirs, 8, length));

    let mut sent = [mine.clone(), theirs.clone()].concat();
    sent.sort_unstable();
    // Each process keeps a place for the turn that it has reserved.
    assert!((1_080..=1_206).contains(&sent.len()), "{}", sent.len());
    let fewer = mine.len().min(theirs.len());
    assert!(fewer * 3 > sent.len(), "one process had {fewer} turns");
    let asked = budgets.asked.load(Ordering::Relaxed) as usize;
    assert!(
        asked < sent.len() * 2,
        "{asked} questions for {} requests",
        sent.len()
    );
}

#[tokio::test(start_paused = true)]
async fn two_processes_share_the_places_evenly() {
    let budgets = Arc::default();
    let [one, other] = [1, 2].map(|process| lane(&budgets, process, 1, budget(1_000.0, 4)));
    let length = Duration::from_secs(30);
    let mine = [(&one, charges()), (&one, refunds())];
    let theirs = [(&other, charges())];
    let (mine, theirs) = tokio::join!(work(&mine, 8, length), work(&theirs, 8, length));

    let (all, fewer) = (mine.len() + theirs.len(), mine.len().min(theirs.len()));
    assert!((300..=400).contains(&all), "{all} of 400, four at a time");
    assert!(fewer * 3 > all, "one process had {fewer} of {all} places");
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_than_there_are_places_are_under_way() {
    let (budgets, lane) = one_lane(budget(1_000.0, 2));
    let sent = work(&[(&lane, charges())], 8, Duration::from_secs(30)).await;

    assert!((190..=200).contains(&sent.len()), "{}", sent.len());
    assert!(most_within(PAGE, &sent) <= 2);
    let asked = budgets.asked.load(Ordering::Relaxed) as usize;
    assert!(
        asked < sent.len() * 5 / 4,
        "{asked} questions for {} requests",
        sent.len()
    );
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_has_a_limit_of_its_own_and_holds_up_no_other() {
    let (_, lane) = one_lane(budget(100.0, 64));
    let length = Duration::from_secs(20);
    let alone = work(&[(&lane, charges())], 32, length).await;
    let both = work(&[(&lane, charges()), (&lane, refunds())], 16, length).await;

    assert!((475..=503).contains(&alone.len()), "{}", alone.len());
    assert!((950..=1_006).contains(&both.len()), "{}", both.len());
}

/// Limits one request for this reason.
async fn limit(lane: &Arc<Lane>, endpoint: Endpoint, reason: RateLimitReason) {
    let mut turn = lane.turn(endpoint, Urgency::InTurn).await;
    turn.was_limited(Some(reason));
    drop(turn);
    sleep(Duration::from_secs(1)).await;
}

#[tokio::test(start_paused = true)]
async fn what_stripe_complains_of_is_halved_and_won_back() {
    let second = Duration::from_secs(1);
    for (reason, of_charges, of_refunds) in [
        (RateLimitReason::GlobalRate, 9..=16, 9..=16),
        (RateLimitReason::EndpointRate, 9..=16, 18..=26),
        (RateLimitReason::EndpointConcurrency, 10..=16, 10..=16),
        (RateLimitReason::ResourceSpecific, 18..=26, 18..=26),
        (RateLimitReason::Lock, 18..=26, 18..=26),
    ] {
        for (endpoint, expected) in [(charges(), of_charges), (refunds(), of_refunds)] {
            let (_, lane) = one_lane(budget(20.0, 7));
            limit(&lane, charges(), reason).await;

            let limited = work(&[(&lane, endpoint.clone())], 16, second).await.len();
            sleep(20 * second).await;
            let again = work(&[(&lane, endpoint.clone())], 16, second).await.len();

            assert!(
                expected.contains(&limited),
                "{reason:?}, {endpoint:?}: {limited}"
            );
            assert!((18..=26).contains(&again), "{reason:?}: {again}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn requests_that_were_limited_together_count_once() {
    let (_, lane) = one_lane(budget(20.0, 8));
    let mut turns = Vec::new();
    for _ in 0..6 {
        turns.push(lane.turn(charges(), Urgency::InTurn).await);
    }
    for turn in &mut turns {
        turn.was_limited(Some(RateLimitReason::GlobalRate));
    }
    drop(turns);
    sleep(Duration::from_secs(1)).await;

    let sent = work(&[(&lane, charges())], 8, Duration::from_secs(2)).await;
    assert!((18..=30).contains(&sent.len()), "{}", sent.len());
}

#[tokio::test(start_paused = true)]
async fn a_limited_connection_slows_no_other() {
    let budgets = Arc::default();
    let [slow, quick] = [1, 2].map(|connection| lane(&budgets, 1, connection, budget(20.0, 8)));
    for _ in 0..8 {
        limit(&slow, charges(), RateLimitReason::GlobalRate).await;
    }

    let length = Duration::from_secs(10);
    let (slowly, quickly) = ([(&slow, charges())], [(&quick, charges())]);
    let (slowly, quickly) = tokio::join!(work(&slowly, 8, length), work(&quickly, 8, length));
    assert!(slowly.len() < 100, "{}", slowly.len());
    assert!((190..=206).contains(&quickly.len()), "{}", quickly.len());
}

#[tokio::test(start_paused = true)]
async fn whoever_is_waited_for_does_not_wait_behind_an_import() {
    let (_, lane) = one_lane(budget(8.0, 8));
    let length = Duration::from_secs(20);
    let hurried = async {
        let mut longest = Duration::ZERO;
        sleep(Duration::from_secs(2)).await;
        for _ in 0..20 {
            let asked = Instant::now();
            drop(lane.turn(refunds(), Urgency::AtOnce).await);
            assert_eq!(asked.elapsed(), Duration::ZERO);
            drop(lane.turn(refunds(), Urgency::Soon).await);
            longest = longest.max(asked.elapsed());
            sleep(Duration::from_millis(450)).await;
        }
        longest
    };
    let import = [(&lane, charges())];
    let (sent, longest) = tokio::join!(work(&import, 16, length), hurried);

    assert!(longest < Duration::from_millis(800), "waited {longest:?}");
    // They are counted: forty requests less for the import.
    assert!((100..=124).contains(&sent.len()), "{}", sent.len());
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_given_up_gives_its_place_back() {
    let (_, lane) = one_lane(budget(1_000.0, 1));
    let held = lane.turn(charges(), Urgency::InTurn).await;
    let waiting = tokio::spawn({
        let lane = Arc::clone(&lane);
        async move { lane.turn(charges(), Urgency::InTurn).await }
    });
    sleep(Duration::from_millis(20)).await;
    waiting.abort();
    drop(held);

    timeout(
        Duration::from_secs(1),
        lane.turn(charges(), Urgency::InTurn),
    )
    .await
    .unwrap();
}
