//! `/v1/reporting`, and the files of reports.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State as Shared};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HOST};
use serde_json::{Value, json};

use super::caller::Caller;
use super::error::StripeError;
use super::list::{PAGING, unknown_cursor};
use super::parameters::Parameters;
use super::render;
use crate::account::Cursor;
use crate::lock::{lock, read};
use crate::permission::Permission;
use crate::reporting::{ReportConduct, ReportRun, ReportType, file, types};
use crate::state::State;

/// `GET /v1/reporting/report_types`.
pub(super) async fn list_types(
    caller: Caller,
    Shared(state): Shared<Arc<State>>,
    RawQuery(query): RawQuery,
) -> Result<Response, StripeError> {
    caller.require(Permission::ReportRead)?;
    Parameters::of_query(query.as_deref()).allow(&[PAGING])?;
    let types = types(&caller.account, state.clock.now().timestamp());
    let data: Vec<_> = types.iter().map(ReportType::body).collect();
    answer(&list(data, false, "/v1/reporting/report_types"))
}

/// `GET /v1/reporting/report_types/{id}`.
pub(super) async fn retrieve_type(
    caller: Caller,
    Shared(state): Shared<Arc<State>>,
    Path(id): Path<String>,
) -> Result<Response, StripeError> {
    caller.require(Permission::ReportRead)?;
    let types = types(&caller.account, state.clock.now().timestamp());
    let found = types.iter().find(|kind| kind.id == id);
    let missing = || StripeError::missing("reporting.report_type", &id, "reporting.report_type");
    answer(&found.ok_or_else(missing)?.body())
}

/// `GET /v1/reporting/report_runs`.
pub(super) async fn list_runs(
    caller: Caller,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, StripeError> {
    caller.require(Permission::ReportRead)?;
    let parameters = Parameters::of_query(query.as_deref());
    parameters.allow(&[PAGING, &["created"]])?;
    let (first, last) = parameters.created()?;
    let limit = parameters.limit()?;
    let reports = lock(&caller.account.reports);
    let newest = reports.runs.iter().rev();
    let runs: Vec<_> = newest
        .filter(|run| (first..=last).contains(&run.created))
        .collect();
    let rest = match parameters.cursor()? {
        Some(Cursor::StartingAfter(id)) => {
            let at = runs.iter().position(|run| run.id == id);
            let unknown =
                || unknown_cursor("reporting.report_run", &Cursor::StartingAfter(id.clone()));
            &runs[at.ok_or_else(unknown)? + 1..]
        }
        Some(cursor @ Cursor::EndingBefore(_)) => {
            return Err(unknown_cursor("reporting.report_run", &cursor));
        }
        None => &runs[..],
    };
    let page = rest.iter().take(limit);
    let data = page.map(|run| reports.seen(run, host(&headers))).collect();
    answer(&list(data, rest.len() > limit, "/v1/reporting/report_runs"))
}

/// `POST /v1/reporting/report_runs`.
pub(super) async fn create_run(
    caller: Caller,
    Shared(state): Shared<Arc<State>>,
    body: Bytes,
) -> Result<Response, StripeError> {
    caller.require(Permission::ReportRead)?;
    let form = Parameters::parse(&body);
    form.allow(&[&["report_type", "parameters", "expand"]])?;
    let wanted = form.one("report_type");
    let wanted = wanted.ok_or_else(|| StripeError::missing_parameter("report_type"))?;
    let now = state.clock.now().timestamp();
    let types = types(&caller.account, now);
    let kind = types.iter().find(|kind| kind.id == wanted);
    let kind =
        kind.ok_or_else(|| StripeError::missing("reporting.report_type", wanted, "report_type"))?;
    let second = |name: &str| {
        let value = form.one(name).and_then(|value| value.parse::<i64>().ok());
        value.ok_or_else(|| StripeError::missing_parameter(name))
    };
    let from = second("parameters[interval_start]")?;
    let to = second("parameters[interval_end]")?;
    let mut reports = lock(&caller.account.reports);
    let refused = reports.conduct == ReportConduct::Refused;
    if from >= to || from < kind.available.0 || to > kind.available.1 || refused {
        return Err(StripeError::bad_request(
            "The interval is not within the span of available data.",
        ));
    }
    let chosen: Vec<_> = form
        .map("parameters")
        .filter(|(key, _)| key.starts_with("columns"))
        .map(|(_, value)| value.to_owned())
        .collect();
    let known = kind.columns().unwrap_or_default();
    if let Some(column) = chosen.iter().find(|column| !known.contains(column)) {
        return Err(StripeError::bad_request(format!(
            "Invalid column: {column}"
        )));
    }
    let run = ReportRun {
        id: state.token("frr_1", 23),
        file: state.token("file_1", 23),
        report_type: wanted.to_owned(),
        interval: (from, to),
        columns: if chosen.is_empty() { known } else { chosen },
        created: now,
        livemode: caller.account.livemode,
    };
    let body = run.asked();
    reports.runs.push(run);
    answer(&body)
}

/// `GET /v1/reporting/report_runs/{id}`.
pub(super) async fn retrieve_run(
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, StripeError> {
    caller.require(Permission::ReportRead)?;
    let reports = lock(&caller.account.reports);
    let missing = || StripeError::missing("reporting.report_run", &id, "reporting.report_run");
    let run = reports.find(&id).ok_or_else(missing)?;
    answer(&reports.seen(run, host(&headers)))
}

/// `GET /v1/files/{id}/contents`, of reports alone.
pub(super) async fn contents(
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, StripeError> {
    if !caller.allows(Permission::FileRead) {
        caller.require(Permission::ReportRead)?;
    }
    let reports = lock(&caller.account.reports);
    let run = reports.of_file(&id);
    let run = run.ok_or_else(|| StripeError::missing("file upload", &id, "file"))?;
    let text = file(run, &read(&caller.account.books), &reports.conduct);
    Ok(([(CONTENT_TYPE, "text/csv")], text).into_response())
}

fn list(data: Vec<Value>, has_more: bool, url: &str) -> Value {
    json!({"object": "list", "data": data, "has_more": has_more, "url": url})
}

fn host(headers: &HeaderMap) -> &str {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.unwrap_or("files.stripe.com")
}

#[expect(clippy::unnecessary_wraps, reason = "handlers end with it")]
fn answer(body: &Value) -> Result<Response, StripeError> {
    Ok(render::json(body.to_string().into()))
}
