//! The arguments that choose the cases.

use std::time::Duration;

use clap::Parser;

use crate::case::{Case, Database, Kind, Shape};

/// Chooses cases: every combination of what is named, each dimension having one usual value. Without any argument a
/// list of telling cases that takes a few minutes.
#[derive(Parser)]
#[command(name = "import")]
pub(crate) struct Arguments {
    /// Into which database.
    #[arg(long, value_enum, value_delimiter = ',')]
    database: Vec<Database>,
    /// How many payments an account has.
    #[arg(long, value_delimiter = ',')]
    payments: Vec<usize>,
    /// How long Stripe takes for an answer, in milliseconds.
    #[arg(long, value_delimiter = ',')]
    latency: Vec<u64>,
    /// How the payments lie in time.
    #[arg(long, value_enum, value_delimiter = ',')]
    history: Vec<Shape>,
    /// How many gateways share the work, on PostgreSQL.
    #[arg(long, value_delimiter = ',')]
    workers: Vec<usize>,
    /// How many accounts are imported at once.
    #[arg(long, value_delimiter = ',')]
    connections: Vec<usize>,
    /// What is imported of each, together.
    #[arg(long, value_enum, value_delimiter = ',')]
    resources: Vec<Kind>,
    /// Requests a second to one account; by default as Stripe allows in live mode, and without latency no limit.
    #[arg(long)]
    budget: Option<u32>,
    /// Requests side by side to one account; by default a third more than the budget needs, at least 8.
    #[arg(long)]
    concurrency: Option<u32>,
    /// Settings of the gateway, as `INLET_…=value`.
    #[arg(long = "set", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Arguments {
    /// The cases that are asked for.
    pub(crate) fn cases(self) -> Vec<Case> {
        let nothing_said = self.database.is_empty()
            && self.payments.is_empty()
            && self.latency.is_empty()
            && self.history.is_empty()
            && self.workers.is_empty()
            && self.connections.is_empty()
            && self.resources.is_empty();
        let cases = if nothing_said {
            telling()
        } else {
            self.combined()
        };
        let limits = |case: Case| Case {
            settings: self.settings.clone(),
            ..case.within(self.budget, self.concurrency)
        };
        cases.into_iter().map(limits).collect()
    }

    fn combined(&self) -> Vec<Case> {
        let mut cases = vec![Case::usual()];
        cases = each(cases, &self.database, |case, it| case.database = it);
        cases = each(cases, &self.history, |case, it| case.history = it);
        cases = each(cases, &self.payments, |case, it| case.payments = it);
        cases = each(cases, &self.latency, |case, it| {
            case.latency = Duration::from_millis(it);
        });
        cases = each(cases, &self.connections, |case, it| case.connections = it);
        cases = each(cases, &self.workers, |case, it| case.workers = it);
        if !self.resources.is_empty() {
            for case in &mut cases {
                case.resources.clone_from(&self.resources);
            }
        }
        cases
    }
}

/// The cases that tell most.
fn telling() -> Vec<Case> {
    let charges = Case {
        resources: vec![Kind::Charges],
        ..Case::usual()
    };
    let of_history = |history, payments| Case {
        payments,
        history,
        ..Case::slow(300)
    };
    vec![
        charges.clone(),
        Case {
            database: Database::Sqlite,
            ..charges.clone()
        },
        Case::usual(),
        Case {
            workers: 2,
            ..Case::usual()
        },
        Case::slow(50),
        Case::slow(300),
        of_history(Shape::OneHour, 50_000),
        of_history(Shape::TenYears, 50_000),
        of_history(Shape::OneSecond, 5_000),
        Case {
            connections: 10,
            payments: 5_000,
            ..Case::slow(300)
        },
    ]
}

/// Every case once with each value; as they are where none is named.
fn each<T: Copy>(cases: Vec<Case>, values: &[T], set: impl Fn(&mut Case, T)) -> Vec<Case> {
    if values.is_empty() {
        return cases;
    }
    let with = |case: &Case, value: T| {
        let mut case = case.clone();
        set(&mut case, value);
        case
    };
    let all = |case: Case| values.iter().map(move |value| (case.clone(), *value));
    let pairs = cases.into_iter().flat_map(all);
    pairs.map(|(case, value)| with(&case, value)).collect()
}

fn setting(text: &str) -> Result<(String, String), String> {
    let pair = text
        .split_once('=')
        .filter(|(name, _)| name.starts_with("INLET_"));
    let (name, value) = pair.ok_or("it must be INLET_…=value")?;
    Ok((name.to_owned(), value.to_owned()))
}
