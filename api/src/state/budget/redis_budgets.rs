use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use redis::{Script, aio::ConnectionManager};
use secrecy::SecretString;
use serde::Serialize;
use tokio::time::{Instant, timeout};

use super::{
    ask::{
        AHEAD, About, Ask, Budget, Budgets, CATCH_UP, Complaint, ENDPOINT_CATCH_UP, FIRST_AHEAD,
        Given, LEASE, MOST_OUT_OF_TURN, ONE_COMPLAINT, RISE, Reply, SLOWEST, Want, endpoint_rates,
    },
    in_process::InProcessBudgets,
};
use crate::{
    ids::ConnectionId,
    state::{StateError, redis::connect},
};

/// An import waits so long for Redis, then goes on with its own share.
const ANSWER: Duration = Duration::from_millis(500);

/// How long Redis is left alone after it did not answer.
const AWAY: Duration = Duration::from_secs(1);

/// Keys that nobody has used for this long are gone; by then everything is won back.
const FORGOTTEN: Duration = Duration::from_mins(1);

/// What the keys of this version start with.
const PREFIX: &str = "inlet:1:budget:";

const SCRIPT: &str = include_str!("budget.lua");

/// Budgets that several processes share, each question being one call of Redis.
///
/// While Redis is away, each process keeps to a share of its own: the budget divided by one more than the processes that
/// were at work when it was last heard of. So imports go on, and all together stay below the budget.
pub struct RedisBudgets {
    connection: ConnectionManager,
    script: Script,
    away_until: Mutex<Option<Instant>>,
    own: InProcessBudgets,
    /// How many were at work when Redis last answered.
    processes: Mutex<HashMap<ConnectionId, u32>>,
}

impl RedisBudgets {
    /// Budgets in this Redis (6 or newer), which need not be up yet.
    ///
    /// Must be called within a Tokio runtime.
    pub fn connect(url: &SecretString) -> Result<Self, StateError> {
        Ok(Self {
            connection: connect(url, ANSWER)?,
            script: Script::new(SCRIPT),
            away_until: Mutex::default(),
            own: InProcessBudgets::new(),
            processes: Mutex::default(),
        })
    }

    async fn ask_redis(&self, ask: &Ask) -> Result<Given, StateError> {
        let json = serde_json::to_string(&Told::of(ask))?;
        let mut connection = self.connection.clone();
        let mut call = self.script.prepare_invoke();
        // The braces keep both keys of a connection together in a cluster.
        call.key(format!("{PREFIX}{{{}}}:books", ask.connection));
        call.key(format!("{PREFIX}{{{}}}:work", ask.connection));
        call.arg(json);
        let answer = timeout(ANSWER, call.invoke_async(&mut connection)).await;
        let answer: Vec<i64> = answer.map_err(|_| StateError::TimedOut)??;
        given(&answer, ask.wants.len()).ok_or(StateError::Answer)
    }

    fn is_away(&self) -> bool {
        let until = *self
            .away_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Notes whether Redis answers; says so where that has changed.
    fn note(&self, failure: Option<&StateError>) {
        let until = failure.map(|_| Instant::now() + AWAY);
        let mut away = self
            .away_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match (away.is_some(), failure) {
            (false, Some(error)) => {
                tracing::warn!(%error, "budgets are not shared: imports go on with a part of them");
            }
            (true, None) => tracing::info!("budgets are shared again"),
            _ => {}
        }
        *away = until;
    }

    /// What is asked for while Redis is away: of a budget that is surely not exceeded.
    fn careful(&self, ask: &Ask) -> Ask {
        let processes = self
            .processes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let parts = processes.get(&ask.connection).map_or(1, |known| *known) + 1;
        let part = |whole: f64| whole / f64::from(parts);
        Ask {
            budget: Budget {
                requests_per_second: part(ask.budget.requests_per_second),
                endpoint_requests_per_second: part(ask.budget.endpoint_requests_per_second),
                concurrency: (ask.budget.concurrency / parts).max(1),
            },
            ..ask.clone()
        }
    }

    fn remember(&self, ask: &Ask, given: &Given) {
        let mut known = self
            .processes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if ask.under_way == 0 && ask.wants.is_empty() {
            known.remove(&ask.connection);
        } else {
            known.insert(ask.connection, given.processes);
        }
    }
}

#[async_trait]
impl Budgets for RedisBudgets {
    async fn ask(&self, ask: &Ask) -> Given {
        if self.is_away() {
            return self.own.ask_now(&self.careful(ask));
        }
        match self.ask_redis(ask).await {
            Ok(given) => {
                self.note(None);
                self.remember(ask, &given);
                if !ask.complaints.is_empty() {
                    // Should Redis go away now, what was learnt is not forgotten.
                    let wants = Vec::new();
                    self.own.ask_now(&self.careful(&Ask {
                        wants,
                        ..ask.clone()
                    }));
                }
                given
            }
            Err(error) => {
                self.note(Some(&error));
                self.own.ask_now(&self.careful(ask))
            }
        }
    }
}

/// An answer of the script; none where it is of another form.
fn given(answer: &[i64], wants: usize) -> Option<Given> {
    let [processes, replies @ ..] = answer else {
        return None;
    };
    let reply = |number: &i64| match *number {
        -1 => Reply::Full,
        later @ ..-1 => Reply::Later(Duration::from_micros((-2 - later).unsigned_abs())),
        turn => Reply::Turn(Duration::from_micros(turn.unsigned_abs())),
    };
    (replies.len() == wants).then(|| Given {
        replies: replies.iter().map(reply).collect(),
        processes: u32::try_from(*processes).unwrap_or(1),
    })
}

/// What the script is told; times in microseconds, rates a second.
#[derive(Serialize)]
struct Told<'a> {
    process: String,
    rate: f64,
    places: u32,
    under_way: u32,
    out_of_turn: u32,
    complaints: Vec<ToldComplaint<'a>>,
    wants: Vec<ToldWant<'a>>,
    rise: f64,
    slowest: f64,
    one_complaint: u128,
    catch_up: u128,
    endpoint_catch_up: u128,
    first_ahead: u128,
    ahead: u128,
    most_out_of_turn: u128,
    lease: u128,
    /// In milliseconds.
    forgotten: u128,
}

#[derive(Serialize)]
struct ToldWant<'a> {
    endpoint: &'a str,
    most: f64,
    felt: f64,
    waits_for_place: bool,
}

#[derive(Serialize)]
struct ToldComplaint<'a> {
    about: &'static str,
    endpoint: &'a str,
    felt: f64,
    age: u128,
}

impl<'a> Told<'a> {
    fn of(ask: &'a Ask) -> Self {
        let budget = ask.budget;
        Self {
            process: ask.process.to_string(),
            rate: budget.requests_per_second,
            places: budget.concurrency,
            under_way: ask.under_way,
            out_of_turn: ask.out_of_turn,
            complaints: ask
                .complaints
                .iter()
                .map(|complaint| ToldComplaint::of(complaint, budget))
                .collect(),
            wants: ask
                .wants
                .iter()
                .map(|want| ToldWant::of(want, budget))
                .collect(),
            rise: RISE,
            slowest: SLOWEST,
            one_complaint: ONE_COMPLAINT.as_micros(),
            catch_up: CATCH_UP.as_micros(),
            endpoint_catch_up: ENDPOINT_CATCH_UP.as_micros(),
            first_ahead: FIRST_AHEAD.as_micros(),
            ahead: AHEAD.as_micros(),
            most_out_of_turn: MOST_OUT_OF_TURN.as_micros(),
            lease: LEASE.as_micros(),
            forgotten: FORGOTTEN.as_millis(),
        }
    }
}

impl<'a> ToldWant<'a> {
    fn of(want: &'a Want, budget: Budget) -> Self {
        let (most, felt) = endpoint_rates(want.most_per_second, budget);
        Self {
            endpoint: &want.endpoint,
            most,
            felt,
            waits_for_place: want.waits_for_place,
        }
    }
}

impl<'a> ToldComplaint<'a> {
    fn of(complaint: &'a Complaint, budget: Budget) -> Self {
        let (about, endpoint, felt) = match &complaint.about {
            About::Rate => ("rate", "", 0.0),
            About::Places => ("places", "", 0.0),
            About::Endpoint {
                endpoint,
                most_per_second,
            } => {
                let (_, felt) = endpoint_rates(*most_per_second, budget);
                ("endpoint", &**endpoint, felt)
            }
        };
        Self {
            about,
            endpoint,
            felt,
            age: complaint.age.as_micros(),
        }
    }
}

impl fmt::Debug for RedisBudgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisBudgets").finish_non_exhaustive()
    }
}
