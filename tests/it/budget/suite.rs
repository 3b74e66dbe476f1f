//! What every implementation does. Times are judged by counts with room for a busy machine.

use std::time::Duration;

use api::state::{About, Ask, Budget, Budgets, InProcessBudgets, RedisBudgets, Reply, Want};
use futures_util::future::join;

use super::{Asker, WIDE, later, redis_url, turns, want};

macro_rules! on_every_implementation {
    ($(async fn $name:ident($budgets:ident: &dyn Budgets) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn test($budgets: &dyn Budgets) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_process() {
                test(&InProcessBudgets::new()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_redis() {
                let Some(url) = redis_url() else { return };
                test(&RedisBudgets::connect(&url).unwrap()).await;
            }
        }
    )+};
}

const HALF: Duration = Duration::from_millis(500);

on_every_implementation! {
    async fn all_processes_together_keep_to_the_rate(budgets: &dyn Budgets) {
        let budget = Budget { requests_per_second: 100.0, ..WIDE };
        let [one, other] = Asker::some(budgets, budget);

        let length = 2 * HALF;
        let (mine, theirs) = join(
            one.turns_within(length, "GET /v1/charges"),
            other.turns_within(length, "GET /v1/refunds"),
        ).await;

        // A quarter of a second may be made up for.
        assert!((80..=127).contains(&(mine + theirs)), "{mine} and {theirs} within a second");
        assert!(mine > 20 && theirs > 20, "{mine} and {theirs}");
    }

    async fn turns_do_not_lie_far_ahead(budgets: &dyn Budgets) {
        let budget = Budget { requests_per_second: 10.0, ..WIDE };
        let [asker] = Asker::some(budgets, budget);

        let first = asker.charges(0, 20).await;
        let second = asker.charges(0, 20).await;

        assert!((1..=4).contains(&turns(&first).len()), "{first:?}");
        assert!(matches!(first.replies[19], Reply::Later(_)), "{first:?}");
        // One is reserved, however far the others are.
        assert_eq!(turns(&second).len(), 1, "{second:?}");
        assert!(turns(&second)[0] <= Duration::from_millis(150), "{second:?}");
    }

    async fn places_are_given_once_and_shared_fairly(budgets: &dyn Budgets) {
        let budget = Budget { concurrency: 4, ..WIDE };
        let [one, other] = Asker::some(budgets, budget);

        let given = one.charges(0, 10).await;
        assert_eq!(turns(&given).len(), 4);
        assert_eq!(given.replies[4..], [Reply::Full; 6]);
        assert_eq!(given.processes, 1);

        let refused = other.charges(0, 10).await;
        assert_eq!(refused.replies, [Reply::Full; 10]);
        assert_eq!(refused.processes, 2);

        // The first gives three back: one of them is its own, since it may have half of the places.
        let again = one.charges(1, 10).await;
        assert_eq!(turns(&again).len(), 1);
        let at_last = other.charges(0, 10).await;
        assert_eq!(turns(&at_last).len(), 2);
    }

    async fn a_single_place_goes_round(budgets: &dyn Budgets) {
        let budget = Budget { concurrency: 1, ..WIDE };
        let [one, other] = Asker::some(budgets, budget);
        assert_eq!(turns(&one.charges(0, 2).await).len(), 1);
        assert_eq!(other.charges(0, 2).await.replies, [Reply::Full; 2]);

        // Whoever waits longer comes first.
        assert_eq!(one.charges(0, 2).await.replies, [Reply::Full; 2]);
        assert_eq!(turns(&other.charges(0, 2).await).len(), 1);
        assert_eq!(other.charges(0, 2).await.replies, [Reply::Full; 2]);
        assert_eq!(turns(&one.charges(0, 2).await).len(), 1);
    }

    async fn urgent_requests_need_no_place_but_take_one(budgets: &dyn Budgets) {
        let budget = Budget { concurrency: 2, ..WIDE };
        let [one, other] = Asker::some(budgets, budget);
        assert_eq!(turns(&one.charges(0, 2).await).len(), 2);

        let urgent = Want { waits_for_place: false, ..want("GET /v1/charges/{id}") };
        let given = other.ask_for(0, &[urgent.clone(), urgent, want("GET /v1/charges")]).await;

        assert_eq!(turns(&given).len(), 2);
        assert_eq!(given.replies[2], Reply::Full);
    }

    async fn places_of_the_dead_are_free_soon(budgets: &dyn Budgets) {
        let budget = Budget { concurrency: 2, ..WIDE };
        let [dead, heir] = Asker::some(budgets, budget);
        assert_eq!(turns(&dead.charges(0, 2).await).len(), 2);
        assert_eq!(heir.charges(0, 2).await.replies, [Reply::Full; 2]);

        tokio::time::sleep(Duration::from_millis(5_200)).await;

        assert_eq!(turns(&heir.charges(0, 2).await).len(), 2);
    }

    async fn an_endpoint_has_a_limit_of_its_own(budgets: &dyn Budgets) {
        let budget = Budget { endpoint_requests_per_second: 25.0, ..WIDE };
        let [asker] = Asker::some(budgets, budget);
        let wants: Vec<_> = [want("GET /v1/charges"), want("GET /v1/refunds")]
            .into_iter()
            .cycle()
            .take(40)
            .collect();

        let given = asker.ask_for(0, &wants).await;
        let of = |place: usize| {
            let mine = given.replies.iter().skip(place).step_by(2);
            mine.filter(|reply| matches!(reply, Reply::Turn(_))).count()
        };
        assert_eq!(of(0), of(1));
        assert!((2..=5).contains(&of(0)), "{given:?}");
        assert!(later(&given).unwrap() < Duration::from_millis(100), "{given:?}");

        let sent = asker.turns_within(HALF, "GET /v1/charges").await;
        assert!((8..=16).contains(&sent), "{sent} within half a second");
    }

    async fn what_one_process_learns_slows_all(budgets: &dyn Budgets) {
        let budget = Budget { requests_per_second: 100.0, concurrency: 8, ..WIDE };
        let [one, other] = Asker::some(budgets, budget);
        one.complain(About::Rate).await;
        // Within the same second it says nothing new.
        other.complain(About::Rate).await;
        one.complain(About::Places).await;

        let given = other.charges(4, 4).await;
        assert_eq!(given.replies, [Reply::Full; 4]);
        let sent = other.turns_within(HALF, "GET /v1/charges").await;
        assert!((20..=44).contains(&sent), "{sent} within half a second");
    }

    async fn a_limited_endpoint_is_slowed_alone(budgets: &dyn Budgets) {
        let budget = Budget { requests_per_second: 40.0, ..WIDE };
        let [asker] = Asker::some(budgets, budget);
        let endpoint = "GET /v1/charges";
        asker.complain(About::Endpoint { endpoint: endpoint.into(), most_per_second: None }).await;

        let slow = asker.turns_within(HALF, endpoint).await;
        let quick = asker.turns_within(HALF, "GET /v1/refunds").await;

        assert!((8..=16).contains(&slow), "{slow} within half a second");
        assert!((16..=32).contains(&quick), "{quick} within half a second");
    }

    async fn those_that_wait_wait_for_those_that_did_not(budgets: &dyn Budgets) {
        let budget = Budget { requests_per_second: 20.0, ..WIDE };
        let [asker] = Asker::some(budgets, budget);
        let ask = Ask { out_of_turn: 16, ..asker.ask.clone() };
        budgets.ask(&ask).await;

        // Five of them are made up for, the rest take about half a second.
        let given = asker.charges(0, 1).await;
        let wait = turns(&given)[0];
        assert!((300..=560).contains(&wait.as_millis()), "{wait:?}");
    }
}
