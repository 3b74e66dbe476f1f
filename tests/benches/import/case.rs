//! What is measured.

use std::{fmt, time::Duration};

use chrono::{Months, TimeZone, Utc};
use clap::ValueEnum;
use sandbox::{AccountSpec, History};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// How payments lie in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// Evenly over three years.
    Uniform,
    /// As a shop's do.
    Realistic,
    /// Nine of ten within one hour of three years.
    OneHour,
    /// One, ten years of nothing, then all others.
    TenYears,
    /// All within one second of three years.
    OneSecond,
}

/// A resource, by the word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    Charges,
    Refunds,
    Disputes,
    PaymentIntents,
}

/// One measurement.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) database: Database,
    pub(crate) payments: usize,
    pub(crate) latency: Duration,
    pub(crate) history: Shape,
    pub(crate) workers: usize,
    pub(crate) connections: usize,
    pub(crate) resources: Vec<Kind>,
    pub(crate) budget: Option<u32>,
    pub(crate) concurrency: u32,
    pub(crate) settings: Vec<(String, String)>,
}

/// Stripe's limit for an account in live mode.
const STRIPES_LIMIT: u32 = 100;

/// Stripe's limit for one endpoint of an account.
const ENDPOINT_LIMIT: u32 = 25;

/// The most that can be set, and more than any machine makes.
const UNLIMITED: u32 = 10_000;

impl Kind {
    pub(crate) const ALL: [Self; 4] = [
        Self::Charges,
        Self::Refunds,
        Self::Disputes,
        Self::PaymentIntents,
    ];

    /// Its name in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Charges => "CHARGES",
            Self::Refunds => "REFUNDS",
            Self::Disputes => "DISPUTES",
            Self::PaymentIntents => "PAYMENT_INTENTS",
        }
    }

    /// Its list at Stripe.
    pub(crate) fn path(self) -> String {
        format!("/v1/{}", self.name().to_lowercase())
    }
}

impl Case {
    /// The usual one: many payments into PostgreSQL as fast as it goes.
    pub(crate) fn usual() -> Self {
        Self {
            database: Database::Postgres,
            payments: 50_000,
            latency: Duration::ZERO,
            history: Shape::Uniform,
            workers: 1,
            connections: 1,
            resources: Kind::ALL.to_vec(),
            budget: None,
            concurrency: 8,
            settings: Vec::new(),
        }
    }

    /// The usual one with a Stripe that takes so many milliseconds.
    pub(crate) fn slow(latency: u64) -> Self {
        Self {
            latency: Duration::from_millis(latency),
            ..Self::usual()
        }
        .within(None, None)
    }

    /// With a budget, and as many requests side by side as it takes to use that up.
    pub(crate) fn within(self, budget: Option<u32>, concurrency: Option<u32>) -> Self {
        let budget = budget.or((!self.latency.is_zero()).then_some(STRIPES_LIMIT));
        let under_way =
            f64::from(budget.unwrap_or_default()) * self.latency.as_secs_f64() * 4.0 / 3.0;
        let needed = (8..=1_024).find(|width| f64::from(*width) >= under_way);
        Self {
            budget,
            concurrency: concurrency.or(needed).unwrap_or(8),
            ..self
        }
    }

    /// The account of this case with this number; each has ids of its own.
    pub(crate) fn account(&self, number: usize) -> AccountSpec {
        let time = |year| Utc.with_ymd_and_hms(year, 11, 1, 0, 0, 0).single();
        let end = time(2026).unwrap_or_default();
        let years = match self.history {
            Shape::TenYears => 10,
            _ => 3,
        };
        let shape = match self.history {
            Shape::Uniform => History::Uniform,
            Shape::Realistic => History::Realistic,
            Shape::OneHour => History::OneHour,
            Shape::TenYears => History::NothingThenAll,
            Shape::OneSecond => History::OneSecond,
        };
        let begin = end.checked_sub_months(Months::new(12 * years));
        AccountSpec::with_payments(self.payments)
            .seed(u64::try_from(number).unwrap_or_default() + 1)
            .between(begin.unwrap_or_default(), end)
            .shape(shape)
    }

    /// Requests a second that the gateway is given.
    pub(crate) fn requests_per_second(&self) -> u32 {
        self.budget.unwrap_or(UNLIMITED)
    }

    /// Of these, requests a second to one endpoint.
    pub(crate) fn endpoint_requests_per_second(&self) -> u32 {
        self.budget
            .map_or(UNLIMITED, |budget| budget.min(ENDPOINT_LIMIT))
    }
}

impl fmt::Display for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (database, history) = (self.database, self.history);
        let resources: Vec<_> = self.resources.iter().map(|kind| kind.name()).collect();
        write!(out, "{database:?}, {history:?}, {} payments", self.payments)?;
        if self.connections > 1 {
            write!(out, " of each of {} accounts", self.connections)?;
        }
        if self.workers > 1 {
            write!(out, ", {} workers", self.workers)?;
        }
        write!(out, ", {} ms an answer", self.latency.as_millis())?;
        if let Some(budget) = self.budget {
            write!(out, ", {budget} requests/s, {} at once", self.concurrency)?;
        }
        write!(out, ": {}", resources.join(" "))
    }
}
