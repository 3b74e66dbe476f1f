//! What a process asks of a connection's budget, and what it is given.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use uuid::Uuid;

use crate::ids::ConnectionId;

/// The most that may be asked of one connection's account, by all processes together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Requests a second.
    pub requests_per_second: f64,
    /// Requests a second to one endpoint.
    pub endpoint_requests_per_second: f64,
    /// Requests side by side.
    pub concurrency: u32,
}

/// Gives turns to the requests of connections.
///
/// A process asks for several requests at once and sends each when its turn has come, so that a request costs about one
/// question, and nobody asks again and again.
#[async_trait]
pub trait Budgets: fmt::Debug + Send + Sync {
    /// Notes what the process says, and gives as many turns as the budget allows. Always answers, in about half a second
    /// at most.
    async fn ask(&self, ask: &Ask) -> Given;
}

/// What one process says and wants on behalf of one connection.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Whose budget.
    pub connection: ConnectionId,
    /// Who asks.
    pub process: Uuid,
    /// The configured budget.
    pub budget: Budget,
    /// Requests of this process that have a place: under way, or before their turn.
    pub under_way: u32,
    /// Requests that did not wait for their turn since the last question: those that do, wait for these too.
    pub out_of_turn: u32,
    /// What Stripe complained of since the last question.
    pub complaints: Vec<Complaint>,
    /// Requests that want a turn, the most urgent first.
    pub wants: Vec<Want>,
}

/// A request that wants a turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Want {
    /// The operation, whatever the id.
    pub endpoint: Arc<str>,
    /// What Stripe allows of it a second, where that is less than of others.
    pub most_per_second: Option<f64>,
    /// Whether it waits for a place among the requests side by side; it takes one in any case.
    pub waits_for_place: bool,
}

/// Stripe limited a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Complaint {
    /// What there was too much of.
    pub about: About,
    /// How long ago the request was sent: one that was on its way when the share was halved says nothing new.
    pub age: Duration,
}

/// What there can be too much of.
#[derive(Clone, Debug, PartialEq)]
pub enum About {
    /// Requests a second.
    Rate,
    /// Requests side by side.
    Places,
    /// Requests a second to one endpoint.
    Endpoint {
        /// The operation.
        endpoint: Arc<str>,
        /// As in [`Want`].
        most_per_second: Option<f64>,
    },
}

/// What a process is given.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// One for each want, in the same order.
    pub replies: Vec<Reply>,
    /// Processes that have places of the connection or wait for some, this one included: one may be given back at any time.
    pub processes: u32,
}

/// What became of a want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Its turn comes in so long, and a place is taken for it.
    Turn(Duration),
    /// No turn yet: to be asked for again in so long.
    Later(Duration),
    /// No place yet: to be asked for again when one is given back.
    Full,
}

/// Of the most, so much is won back each second.
pub(super) const RISE: f64 = 0.05;

/// Never slower than a request in ten seconds: otherwise nobody would notice that the trouble is over.
pub(super) const SLOWEST: f64 = 0.1;

/// Complaints within this time count as one.
pub(super) const ONE_COMPLAINT: Duration = Duration::from_secs(1);

/// Turns that were not taken in time may be made up for so long.
pub(super) const CATCH_UP: Duration = Duration::from_millis(250);

/// The same of one endpoint, whose limit is Stripe's own.
pub(super) const ENDPOINT_CATCH_UP: Duration = Duration::from_millis(80);

/// The first turn of an answer may lie so far ahead: each process has one reserved, whoever asks more often.
pub(super) const FIRST_AHEAD: Duration = Duration::from_secs(1);

/// Further turns may lie so far ahead: enough that quick budgets do not ask for each request.
pub(super) const AHEAD: Duration = Duration::from_millis(50);

/// Requests out of turn hold others up for so long at most.
pub(super) const MOST_OUT_OF_TURN: Duration = Duration::from_secs(10);

/// The places of a process that says nothing are free after so long.
pub(super) const LEASE: Duration = Duration::from_secs(5);

/// What an endpoint may be asked a second, and what of it the account's rate lets through.
pub(super) fn endpoint_rates(most_per_second: Option<f64>, budget: Budget) -> (f64, f64) {
    let configured = budget.endpoint_requests_per_second;
    let most = most_per_second.map_or(configured, |most| most.min(configured));
    (most, most.min(budget.requests_per_second))
}
