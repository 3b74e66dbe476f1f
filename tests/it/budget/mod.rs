//! The request budgets of connections: one suite for every implementation, and what happens while Redis is away.

mod away;
mod suite;

use std::time::Duration;

use api::{
    ids::ConnectionId,
    state::{About, Ask, Budget, Budgets, Complaint, Given, Reply, Want},
};
use secrecy::SecretString;
use tests::ids;

/// Quick, wide, and with endpoints that are not in the way.
const WIDE: Budget = Budget {
    requests_per_second: 1_000.0,
    endpoint_requests_per_second: 1_000.0,
    concurrency: 100,
};

/// A process that asks on behalf of one connection.
struct Asker<'a> {
    budgets: &'a dyn Budgets,
    ask: Ask,
}

impl<'a> Asker<'a> {
    /// So many processes at work for a new connection.
    fn some<const N: usize>(budgets: &'a dyn Budgets, budget: Budget) -> [Self; N] {
        let connection = ConnectionId(ids().next());
        [(); N].map(|()| Self {
            budgets,
            ask: Ask {
                connection,
                process: ids().next(),
                budget,
                under_way: 0,
                out_of_turn: 0,
                complaints: Vec::new(),
                wants: Vec::new(),
            },
        })
    }

    /// Asks for so many turns of charges, so many requests being under way.
    async fn charges(&self, under_way: u32, count: usize) -> Given {
        self.ask_for(under_way, &vec![want("GET /v1/charges"); count])
            .await
    }

    async fn ask_for(&self, under_way: u32, wants: &[Want]) -> Given {
        let ask = Ask {
            under_way,
            wants: wants.to_vec(),
            ..self.ask.clone()
        };
        self.budgets.ask(&ask).await
    }

    /// Stripe limited a request that was sent just now.
    async fn complain(&self, about: About) {
        let complaint = Complaint {
            about,
            age: Duration::ZERO,
        };
        let ask = Ask {
            complaints: vec![complaint],
            ..self.ask.clone()
        };
        self.budgets.ask(&ask).await;
    }

    /// Requests that nothing but the rate holds back, for so long; how many were sent.
    async fn turns_within(&self, length: Duration, endpoint: &str) -> usize {
        let end = tokio::time::Instant::now() + length;
        let mut sent = 0;
        while tokio::time::Instant::now() < end {
            let given = self.ask_for(0, &[(); 16].map(|()| want(endpoint))).await;
            let asked = tokio::time::Instant::now();
            let turn = |wait: Duration| asked + wait;
            sent += turns(&given)
                .iter()
                .filter(|wait| turn(**wait) < end)
                .count();
            let last = turns(&given).into_iter().max();
            let pause = last.unwrap_or_else(|| later(&given).unwrap_or_default());
            tokio::time::sleep_until(turn(pause.max(Duration::from_millis(1))).min(end)).await;
        }
        sent
    }
}

fn want(endpoint: &str) -> Want {
    Want {
        endpoint: endpoint.into(),
        most_per_second: None,
        waits_for_place: true,
    }
}

/// How long the turns lie ahead that were given.
fn turns(given: &Given) -> Vec<Duration> {
    let turn = |reply: &Reply| match reply {
        Reply::Turn(wait) => Some(*wait),
        _ => None,
    };
    given.replies.iter().filter_map(turn).collect()
}

/// When to ask again.
fn later(given: &Given) -> Option<Duration> {
    let later = |reply: &Reply| match reply {
        Reply::Later(wait) => Some(*wait),
        _ => None,
    };
    given.replies.iter().filter_map(later).min()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test script tells where its servers are"
)]
fn redis_url() -> Option<SecretString> {
    let url = std::env::var("TEST_REDIS_URL").ok();
    let url = url.filter(|url| !url.is_empty());
    if url.is_none() {
        eprintln!("skipped: TEST_REDIS_URL is not set");
    }
    url.map(SecretString::from)
}
