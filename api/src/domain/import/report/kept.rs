//! What is kept of report types and runs: facts about them, not what is in them.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::{
    domain::{import::PageOrigin, payment::pick},
    ids::StripeObjectId,
    storage::{PageRows, StripeObjectRow},
    stripe::{ListPage, RawObject, Unintelligible},
};

const TYPE: &[&str] = &[
    "name",
    "version",
    "livemode",
    "data_available_start",
    "data_available_end",
    "updated",
];
const RUN: &[&str] = &[
    "report_type",
    "status",
    "livemode",
    "succeeded_at",
    "result.id",
    "result.size",
    "parameters.interval_start",
    "parameters.interval_end",
    "parameters.currency",
    "parameters.reporting_category",
    "parameters.payout",
    "parameters.timezone",
];

/// The rows of the account's report types.
#[must_use]
pub fn type_rows(origin: PageOrigin, page: &ListPage) -> PageRows {
    rows(origin, page, "reporting.report_type", TYPE)
}

/// The rows of a page of report runs.
#[must_use]
pub fn run_rows(origin: PageOrigin, page: &ListPage) -> PageRows {
    rows(origin, page, "reporting.report_run", RUN)
}

fn rows(
    origin: PageOrigin,
    page: &ListPage,
    kind: &'static str,
    fields: &[&'static str],
) -> PageRows {
    let mut rows = PageRows::default();
    for object in &page.objects {
        match row(origin, object, kind, fields) {
            // What is counted of a report are its lines.
            Ok(row) => rows.stripe_objects.push(row),
            // A list of facts that nobody needs to be complete: said, and left out.
            Err(why) => tracing::warn!(kind, "left out: {}", why.reason),
        }
    }
    rows
}

fn row(
    origin: PageOrigin,
    raw: &RawObject,
    kind: &'static str,
    fields: &[&'static str],
) -> Result<StripeObjectRow, Unintelligible> {
    let object: Map<String, Value> = raw.parse()?;
    let stripe_id = raw.id().ok_or_else(|| Unintelligible {
        reason: "the object has no id".to_owned(),
    })?;
    // A type was not created; it has what was updated last.
    let created = raw.created().or_else(|| object.get("updated")?.as_i64());
    let created_at = created.and_then(|second| DateTime::<Utc>::from_timestamp(second, 0));
    Ok(StripeObjectRow {
        id: StripeObjectId::of(origin.connection, &stripe_id).0,
        workspace_id: origin.workspace.0,
        connection_id: origin.connection.0,
        kind: kind.to_owned(),
        body: pick(&object, fields),
        created_at: created_at.unwrap_or(origin.observed_at),
        observed_at: origin.observed_at,
        stripe_id,
    })
}
