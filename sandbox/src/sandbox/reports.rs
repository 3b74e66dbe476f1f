//! Financial reports, as their owner sees and steers them.

use serde_json::Value;

use super::Sandbox;
use crate::lock::lock;
use crate::reporting::ReportConduct;

impl Sandbox {
    /// Decides what becomes of an account's report runs from now on.
    pub fn conduct_reports(&self, account: &str, conduct: ReportConduct) {
        self.with(account, |account| lock(&account.reports).conduct = conduct);
    }

    /// The report runs of an account, oldest first.
    #[must_use]
    pub fn report_runs(&self, account: &str) -> Vec<Value> {
        self.with(account, |account| {
            let reports = lock(&account.reports);
            reports
                .runs
                .iter()
                .map(|run| reports.seen(run, "files.stripe.com"))
                .collect()
        })
        .unwrap_or_default()
    }
}
