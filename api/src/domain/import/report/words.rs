//! What is said of a report, in plain words: it never fails an import.

use super::{NoChoice, ReportState};

/// Stripe could not run it.
pub const FAILED: &str = "Stripe could not run the report; fees were not checked with it.";

/// Stripe takes too long.
pub const TOO_LATE: &str = "Stripe had not finished the report after half an hour; to have fees checked with it, start the import again later.";

/// Stripe does not run it, or does not give the file.
pub const NOT_GIVEN: &str = "Stripe did not give the report; to have fees checked with it, see that the rows Financial \
     Reports and Files are granted, and start the import again later.";

/// The file is elsewhere.
pub const FOREIGN_FILE: &str =
    "The report's file is not where Stripe keeps files, so it was not downloaded.";

/// The file is no table.
pub const NO_TABLE: &str = "The report's file could not be read; fees were not checked with it.";

/// Another version of the gateway began it.
pub const OTHER_VERSION: &str =
    "Another version of the gateway began the report; start the import again to have it done.";

/// Why there is no report.
#[must_use]
pub fn no_choice(why: NoChoice) -> &'static str {
    match why {
        NoChoice::NoType => "The account has no report that lists its balance; test mode has none.",
        NoChoice::NoData => "Stripe has no report data of this span of time.",
    }
}

/// Columns that a file must have, and has not.
#[must_use]
pub fn columns_missing(columns: &[&str]) -> String {
    format!(
        "The report's file lacks {}; nothing was taken from it.",
        columns.join(", ")
    )
}

/// What a report brought.
#[must_use]
pub fn done(state: &ReportState) -> String {
    let mut parts = vec![format!(
        "Read {} of {}; filled in the fees of {}",
        count(state.lines, "line"),
        state.report_type,
        count(state.filled, "payment")
    )];
    if state.differing > 0 {
        parts.push(format!(
            "{} with other amounts than are known changed nothing",
            count(state.differing, "line")
        ));
    }
    if state.malformed > 0 {
        parts.push(format!(
            "{} could not be read",
            count(state.malformed, "line")
        ));
    }
    format!("{}.", parts.join("; "))
}

fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
