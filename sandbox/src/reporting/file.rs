//! The file of a run: the ledger as comma-separated values, its amounts in major units.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{ReportConduct, ReportRun};
use crate::account::Books;
use crate::resource::Resource;

/// What a report reads of a balance transaction.
#[derive(Deserialize)]
struct Transaction {
    id: String,
    amount: i64,
    available_on: i64,
    created: i64,
    currency: String,
    description: Option<String>,
    fee: i64,
    net: i64,
    reporting_category: String,
    source: Option<String>,
}

/// The file of a run over these books.
pub(crate) fn file(run: &ReportRun, books: &Books, conduct: &ReportConduct) -> String {
    let mut columns: Vec<_> = run.columns.iter().map(String::as_str).collect();
    if let ReportConduct::Without(name) = conduct {
        columns.retain(|column| column != name);
    }
    let mut text = line(columns.iter().map(|column| (*column).to_owned()));
    let entries = books.shelf(Resource::BalanceTransaction).entries();
    let transactions = entries
        .iter()
        .filter_map(|entry| serde_json::from_str::<Transaction>(&entry.json).ok())
        .filter(|one| (run.interval.0..run.interval.1).contains(&one.created));
    for (at, transaction) in transactions.enumerate() {
        let values = columns.iter().map(|column| transaction.value(column));
        if *conduct == ReportConduct::Malformed && at % 10 == 9 {
            text.push_str(&line(values.map(|value| value.replace('.', ",,"))));
        } else {
            text.push_str(&line(values));
        }
    }
    text
}

impl Transaction {
    fn value(&self, column: &str) -> String {
        match column {
            "balance_transaction_id" => self.id.clone(),
            "created_utc" | "created" => time(self.created),
            "available_on_utc" | "available_on" => time(self.available_on),
            "currency" | "customer_facing_currency" => self.currency.clone(),
            "gross" => self.major(self.amount),
            "fee" => self.major(self.fee),
            "net" => self.major(self.net),
            "reporting_category" => self.reporting_category.clone(),
            "source_id" => self.source.clone().unwrap_or_default(),
            "description" => self.description.clone().unwrap_or_default(),
            _ => String::new(),
        }
    }

    /// An amount with the decimals of its currency.
    fn major(&self, minor: i64) -> String {
        let decimals = match self.currency.as_str() {
            "jpy" | "krw" | "clp" | "vnd" => 0,
            "kwd" | "bhd" | "omr" | "jod" | "tnd" => 3,
            _ => 2_usize,
        };
        let sign = if minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", minor.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        if decimals == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        }
    }
}

fn time(second: i64) -> String {
    let time = DateTime::<Utc>::from_timestamp(second, 0).unwrap_or_default();
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Values that need it are put in quotes.
fn line(values: impl Iterator<Item = String>) -> String {
    let quoted = values.map(|value| {
        if value.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", value.replace('"', "\"\""))
        } else {
            value
        }
    });
    let mut line = quoted.collect::<Vec<_>>().join(",");
    line.push('\n');
    line
}
