//! The types of report that an account has.

use serde_json::{Value, json};

use crate::account::Account;

/// Reports of the ledger, which test mode has none of.
const LEDGER: [&str; 4] = [
    "balance_change_from_activity.itemized.3",
    "balance_change_from_activity.itemized.6",
    "connected_account_balance_change_from_activity.itemized.7",
    "payout_reconciliation.itemized.5",
];

const SUMMARY: &str = "balance.summary.1";

/// The columns of the ledger's reports, unless others are asked for.
const COLUMNS: [&str; 13] = [
    "balance_transaction_id",
    "created_utc",
    "created",
    "available_on_utc",
    "available_on",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "source_id",
    "description",
    "customer_facing_currency",
];

/// Data is prepared twice a day.
const PREPARED: i64 = 43_200;

/// A type of report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReportType {
    pub(crate) id: &'static str,
    /// There is data in this span of seconds, its end excluded.
    pub(crate) available: (i64, i64),
    livemode: bool,
}

/// The types that an account has.
pub(crate) fn types(account: &Account, now: i64) -> Vec<ReportType> {
    let ledger = if account.livemode { &LEDGER[..] } else { &[] };
    let of = |id: &&'static str| ReportType {
        id: *id,
        available: (account.created, now - now.rem_euclid(PREPARED)),
        livemode: account.livemode,
    };
    ledger.iter().chain([&SUMMARY]).map(of).collect()
}

impl ReportType {
    /// The columns of its file; none where they cannot be chosen.
    pub(crate) fn columns(&self) -> Option<Vec<String>> {
        (self.id != SUMMARY).then(|| COLUMNS.map(str::to_owned).to_vec())
    }

    /// As it is answered.
    pub(crate) fn body(&self) -> Value {
        let (name, version) = self.id.rsplit_once('.').unwrap_or((self.id, "1"));
        json!({
            "id": self.id,
            "object": "reporting.report_type",
            "data_available_start": self.available.0,
            "data_available_end": self.available.1,
            "default_columns": self.columns(),
            "livemode": self.livemode,
            "name": name,
            "updated": self.available.1,
            "version": version.parse::<u32>().unwrap_or(1),
        })
    }
}
