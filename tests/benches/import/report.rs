//! What a case came to.

use std::{fmt, time::Duration};

use sandbox::{Ledger, RequestRecord};

use crate::{
    case::{Case, Kind},
    live::Live,
    truth::count,
};

/// Objects of a page, at most.
const PAGE: usize = 100;

/// What a case came to.
pub(crate) struct Report {
    /// Payments of all accounts.
    payments: usize,
    /// Objects of all accounts, of what was imported.
    objects: usize,
    /// The least requests that can bring all objects.
    least: usize,
    /// The least time that these take within the budget.
    ideal: Option<Duration>,
    pub(crate) took: Duration,
    /// Of the gateways, of PostgreSQL and of Stripe.
    pub(crate) cpu_micros: [u64; 3],
    /// Of the gateway that had the most, in bytes.
    pub(crate) memory_before: u64,
    /// Of the gateway that had the most, in bytes.
    pub(crate) peak_memory: u64,
    pub(crate) asked: Asked,
    pub(crate) live: Live,
}

/// The requests of a case.
#[derive(Default)]
pub(crate) struct Asked {
    /// For pages of what is imported.
    pages: usize,
    /// For anything else.
    others: usize,
    /// Of all, those that were refused for their number.
    refused: usize,
}

impl Asked {
    pub(crate) fn of(case: &Case, requests: &[RequestRecord]) -> Self {
        let paths: Vec<_> = case.resources.iter().map(|kind| kind.path()).collect();
        let is_page = |request: &&RequestRecord| paths.contains(&request.path);
        let pages = requests.iter().filter(is_page).count();
        let refused = requests.iter().filter(|request| request.status == 429);
        Self {
            pages,
            others: requests.len() - pages,
            refused: refused.count(),
        }
    }
}

impl Report {
    pub(crate) fn begin(case: &Case, ledgers: &[Ledger]) -> Self {
        let counts = |ledger| -> Vec<usize> {
            case.resources
                .iter()
                .map(|kind| count(*kind, ledger))
                .collect()
        };
        let pages_of_each = |ledger| {
            let counts = counts(ledger).into_iter();
            counts.map(|objects| objects.div_ceil(PAGE).max(1))
        };
        let pages = |ledger| pages_of_each(ledger).sum::<usize>();
        // Each account has a budget of its own, and each list a share of it that it may not go beyond: what takes longest
        // decides.
        let ideal = |ledger, budget| {
            let longest = pages_of_each(ledger).max().unwrap_or_default();
            let whole = float(pages(ledger)) / f64::from(budget);
            let list = float(longest) / f64::from(case.endpoint_requests_per_second());
            Duration::from_secs_f64(whole.max(list)) + case.latency
        };
        Self {
            payments: ledgers
                .iter()
                .map(|ledger| count(Kind::Charges, ledger))
                .sum(),
            objects: ledgers.iter().flat_map(counts).sum(),
            least: ledgers.iter().map(pages).sum(),
            ideal: case
                .budget
                .and_then(|budget| ledgers.iter().map(|ledger| ideal(ledger, budget)).max()),
            took: Duration::ZERO,
            cpu_micros: [0; 3],
            memory_before: 0,
            peak_memory: 0,
            asked: Asked::default(),
            live: Live::default(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs_f64();
        let payments = float(self.payments) / seconds;
        let objects = float(self.objects) / seconds;
        write!(
            out,
            "  {seconds:.2} s: {payments:.0} payments/s, {objects:.0} objects/s"
        )?;
        if let Some(ideal) = self.ideal {
            let ideal = ideal.as_secs_f64();
            let share = 100.0 * ideal / seconds;
            write!(out, ", {share:.0} % of the ideal ({ideal:.2} s)")?;
        }
        let each = |of: usize| {
            self.cpu_micros
                .map(|micros| micros.div_ceil(to_u64(of.max(1))))
        };
        let [own, database, stripe] = each(self.payments);
        let [own_each, database_each, _] = each(self.objects);
        writeln!(out)?;
        writeln!(
            out,
            "  CPU a payment: {own} µs of the gateway, {database} µs of PostgreSQL, {stripe} µs of Stripe; \
             an object: {own_each} and {database_each} µs"
        )?;
        let [before, peak] = [self.memory_before, self.peak_memory].map(|bytes| bytes / 1_000_000);
        let Asked {
            pages,
            others,
            refused,
        } = self.asked;
        let least = self.least;
        writeln!(
            out,
            "  memory: {peak} MB at most, {before} before; requests: {pages} for pages, of {least} that it takes, \
             {others} others, {refused} refused"
        )?;
        write!(out, "{}", self.live)
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn float(number: usize) -> f64 {
    number as f64
}

fn to_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
