//! The requests of one connection in this process: they wait here, and one task asks for their turns.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, oneshot},
    time::{Instant, sleep_until},
};
use uuid::Uuid;

use super::waiting::{Waiter, Waiting};
use crate::{
    ids::ConnectionId,
    state::{About, Ask, Budget, Budgets, Complaint, Given, Reply},
    stripe::{Endpoint, RateLimitReason, Turn, Urgency},
};

/// How often a process that has places says that it lives, and how long it keeps them for the next request.
const HEARTBEAT: Duration = Duration::from_millis(1_500);

/// Where others are at work, a place that is not used again within this time is given to them.
const GATHER: Duration = Duration::from_millis(25);

/// How often to ask for places that others have.
const LOOK: Duration = Duration::from_millis(200);

/// After so long a turn is asked for again, whatever was learnt: the rate may have been won back.
const LATEST: Duration = Duration::from_secs(1);

/// Where the requests of a connection wait for their turns.
pub(in crate::domain) struct Lane {
    budgets: Arc<dyn Budgets>,
    process: Uuid,
    connection: ConnectionId,
    budget: Budget,
    waiting: Mutex<Waiting>,
    stirred: Notify,
}

/// The right to one request; gives its place back when dropped.
pub(in crate::domain) struct LaneTurn {
    lane: Arc<Lane>,
    endpoint: Endpoint,
    began: Instant,
}

/// What follows an answer.
struct Next {
    /// There is no turn before.
    at: Option<Instant>,
    /// When to ask again without news.
    until: Instant,
    /// Others are at work too.
    is_shared: bool,
}

impl Lane {
    /// A lane where nobody waits.
    pub(in crate::domain) fn new(
        budgets: Arc<dyn Budgets>,
        process: Uuid,
        connection: ConnectionId,
        budget: Budget,
    ) -> Arc<Self> {
        Arc::new(Self {
            budgets,
            process,
            connection,
            budget,
            waiting: Mutex::default(),
            stirred: Notify::new(),
        })
    }

    /// Waits for a request's turn.
    pub(in crate::domain) async fn turn(
        self: &Arc<Self>,
        endpoint: Endpoint,
        urgency: Urgency,
    ) -> LaneTurn {
        if urgency == Urgency::AtOnce {
            return self.out_of_turn(endpoint);
        }
        let asked = Instant::now();
        let (give, given) = oneshot::channel();
        self.with(|waiting| {
            waiting.push(Waiter {
                endpoint: endpoint.clone(),
                urgency,
                give,
            });
        });
        self.stir();
        match given.await {
            Ok((at, mut turn)) => {
                sleep_until(at).await;
                turn.began = Instant::now();
                metrics::histogram!("inlet_stripe_turn_wait_seconds").record(asked.elapsed());
                turn
            }
            // Whoever hands out turns has died; a request that nobody counts is better than one that is never made.
            Err(_) => self.out_of_turn(endpoint),
        }
    }

    fn out_of_turn(self: &Arc<Self>, endpoint: Endpoint) -> LaneTurn {
        self.with(|waiting| {
            waiting.out_of_turn += 1;
            waiting.under_way += 1;
        });
        self.stir();
        self.begin(endpoint)
    }

    fn begin(self: &Arc<Self>, endpoint: Endpoint) -> LaneTurn {
        LaneTurn {
            lane: Arc::clone(self),
            endpoint,
            began: Instant::now(),
        }
    }

    /// Wakes the task that hands out turns, or starts it.
    fn stir(self: &Arc<Self>) {
        let was_served = self.with(|waiting| std::mem::replace(&mut waiting.is_served, true));
        if !was_served {
            tokio::spawn(Arc::clone(self).serve());
        }
        self.stirred.notify_one();
    }

    /// Hands out turns until nobody waits and nothing is under way.
    async fn serve(self: Arc<Self>) {
        let mut serving = Serving(Some(&self));
        while let Some((ask, waiters)) = self.question() {
            let given = self.budgets.ask(&ask).await;
            let next = self.hand_out(&given, waiters);
            if let Some(at) = next.at {
                sleep_until(at).await;
            }
            self.rest(next).await;
        }
        serving.0 = None;
    }

    /// What to ask next; none when there is nothing left to do, and then nobody serves any more.
    fn question(&self) -> Option<(Ask, Vec<Waiter>)> {
        self.with(|waiting| {
            let waiters = waiting.take();
            let is_idle = waiters.is_empty() && waiting.under_way == 0 && !waiting.has_news();
            if is_idle && waiting.has_said_idle {
                waiting.is_served = false;
                return None;
            }
            waiting.has_said_idle = is_idle;
            waiting.freed = 0;
            let ask = Ask {
                connection: self.connection,
                process: self.process,
                budget: self.budget,
                under_way: waiting.under_way,
                out_of_turn: std::mem::take(&mut waiting.out_of_turn),
                complaints: std::mem::take(&mut waiting.complaints),
                wants: waiters.iter().map(Waiter::want).collect(),
            };
            Some((ask, waiters))
        })
    }

    fn hand_out(self: &Arc<Self>, given: &Given, waiters: Vec<Waiter>) -> Next {
        let now = Instant::now();
        let (mut left, mut turn, mut later) = (Vec::new(), None, None);
        for (waiter, reply) in waiters.into_iter().zip(&given.replies) {
            match reply {
                Reply::Turn(wait) => {
                    turn = turn.max(Some(now + *wait));
                    self.with(|waiting| waiting.under_way += 1);
                    // Where it was given up meanwhile, the place comes back with the turn.
                    let _ = waiter.give.send((now + *wait, self.begin(waiter.endpoint)));
                    continue;
                }
                Reply::Later(wait) => {
                    let at = now + (*wait).clamp(Duration::from_millis(1), LATEST);
                    later = Some(later.map_or(at, |soonest: Instant| soonest.min(at)));
                }
                Reply::Full => {}
            }
            left.push(waiter);
        }
        let is_full = !left.is_empty() && later.is_none();
        self.with(|waiting| {
            waiting.is_full = is_full && waiting.freed == 0;
            waiting.put_back(left);
        });
        let patience = if is_full && given.processes > 1 {
            LOOK
        } else {
            HEARTBEAT
        };
        Next {
            at: turn.or(later),
            until: now + patience,
            is_shared: given.processes > 1,
        }
    }

    /// Waits for news; a place that was given back is news to others only.
    async fn rest(&self, next: Next) {
        let mut until = next.until;
        loop {
            let (has_news, was_freed) = self.with(|waiting| {
                let has_news = waiting.has_news() || waiting.has_said_idle;
                (has_news, waiting.freed > 0)
            });
            if has_news {
                return;
            }
            if was_freed && next.is_shared {
                until = until.min(Instant::now() + GATHER);
            }
            tokio::select! {
                () = self.stirred.notified() => {}
                () = sleep_until(until) => return,
            }
        }
    }

    fn with<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> T {
        change(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Should the task that hands out turns die, those that wait hear of it, and the next request starts another.
struct Serving<'a>(Option<&'a Lane>);

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        if let Some(lane) = self.0 {
            lane.with(|waiting| {
                waiting.is_served = false;
                drop(waiting.take());
            });
        }
    }
}

impl Turn for LaneTurn {
    fn was_limited(&mut self, reason: Option<RateLimitReason>) {
        metrics::counter!("inlet_stripe_limited_total").increment(1);
        let Some(about) = about(reason, &self.endpoint) else {
            return;
        };
        let complaint = Complaint {
            about,
            age: self.began.elapsed(),
        };
        self.lane.with(|waiting| waiting.complaints.push(complaint));
    }
}

impl Drop for LaneTurn {
    fn drop(&mut self) {
        self.lane.with(|waiting| {
            waiting.under_way -= 1;
            waiting.freed += 1;
            waiting.is_full = false;
        });
        // As long as something is under way, somebody hands out turns.
        self.lane.stirred.notify_one();
    }
}

/// What there was too much of, by what Stripe says (Stripe contract section 6.1); nothing lasting where it is about one
/// object.
fn about(reason: Option<RateLimitReason>, endpoint: &Endpoint) -> Option<About> {
    match reason {
        Some(RateLimitReason::ResourceSpecific | RateLimitReason::Lock) => None,
        Some(RateLimitReason::EndpointRate) => Some(About::Endpoint {
            endpoint: endpoint.name().clone(),
            most_per_second: endpoint.most_per_second(),
        }),
        Some(reason) if reason.is_concurrency() => Some(About::Places),
        _ => Some(About::Rate),
    }
}
