//! Lists.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use http::Method;

use super::caller::Caller;
use super::collection::{Holds, find};
use super::error::StripeError;
use super::expand::Expansion;
use super::parameters::Parameters;
use super::render::{json, write_page};
use crate::account::{Cursor, Page, Selection, Shelf};
use crate::faults::Fault;
use crate::lock::read;
use crate::resource::Resource;

/// What every list takes.
pub(super) const PAGING: &[&str] = &["limit", "starting_after", "ending_before", "expand"];

/// `GET /v1/{collection}`.
pub(super) async fn list(
    caller: Caller,
    Path(collection): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, StripeError> {
    list_at(&caller, &collection, query.as_deref())
}

/// `GET /v1/charges/{id}/refunds`.
pub(super) async fn refunds_of_charge(
    caller: Caller,
    Path(charge): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, StripeError> {
    caller.require(Resource::Refund.permission())?;
    let parameters = Parameters::of_query(query.as_deref());
    parameters.allow(&[PAGING])?;
    if read(&caller.account.books)
        .shelf(Resource::Charge)
        .find(&charge)
        .is_none()
    {
        return Err(StripeError::missing("charge", &charge, "id"));
    }
    let mut selection = parameters.selection(&[])?;
    let url = format!("/v1/charges/{charge}/refunds");
    selection.filters.push(("charge", charge));
    answer(&caller, Resource::Refund, &parameters, &selection, &url)
}

fn list_at(caller: &Caller, path: &str, query: Option<&str>) -> Result<Response, StripeError> {
    let url = format!("/v1/{path}");
    let unknown = || StripeError::unknown_url(&Method::GET, &url);
    let collection = find(path).ok_or_else(unknown)?;
    let parameters = Parameters::of_query(query);
    match collection.holds {
        Holds::Kept(resource, extra) => {
            caller.require(collection.permission)?;
            parameters.allow(&[PAGING, extra, resource.filters()])?;
            let mut selection = parameters.selection(resource.filters())?;
            if resource == Resource::Subscription {
                leave_canceled_out(&mut selection);
            }
            answer(caller, resource, &parameters, &selection, &url)
        }
        Holds::Of(resource, filter) => {
            caller.require(collection.permission)?;
            parameters.allow(&[PAGING, resource.filters()])?;
            let selection = parameters.selection(resource.filters())?;
            if selection.filters.is_empty() {
                return Err(StripeError::missing_parameter(filter));
            }
            answer(caller, resource, &parameters, &selection, &url)
        }
        Holds::Nothing(filters) => {
            caller.require(collection.permission)?;
            parameters.allow(&[PAGING, filters])?;
            parameters.limit()?;
            match parameters.cursor()? {
                Some(cursor) => Err(unknown_cursor(collection.object, &cursor)),
                None => Ok(json(
                    format!(r#"{{"object":"list","data":[],"has_more":false,"url":"{url}"}}"#)
                        .into(),
                )),
            }
        }
        Holds::ById(_) => Err(unknown()),
    }
}

fn answer(
    caller: &Caller,
    resource: Resource,
    parameters: &Parameters,
    selection: &Selection,
    url: &str,
) -> Result<Response, StripeError> {
    let expansion = Expansion::read(parameters.many("expand"), resource, true, caller)?;
    let books = read(&caller.account.books);
    let shelf = books.shelf(resource);
    let Ok(mut page) = shelf.page(selection) else {
        let cursor = selection.cursor.as_ref();
        return Err(cursor.map_or_else(
            || StripeError::bad_request("No such page."),
            |cursor| unknown_cursor(resource.object(), cursor),
        ));
    };
    spoil(&mut page, shelf, caller.fault.as_ref(), selection);
    let mut body = Vec::new();
    write_page(&mut body, &books, &page, &expansion, url);
    Ok(json(body))
}

/// A page as it is while objects are made.
fn spoil<'a>(page: &mut Page<'a>, shelf: &'a Shelf, fault: Option<&Fault>, selection: &Selection) {
    match (fault, &selection.cursor) {
        (Some(Fault::RepeatedObject), Some(Cursor::StartingAfter(id))) => {
            page.entries.splice(0..0, shelf.find(id));
        }
        (Some(Fault::MissingNewest), None) if page.entries.len() > 1 => {
            let newest = shelf.entries().last();
            page.entries
                .retain(|entry| newest.is_none_or(|newest| newest.id != entry.id));
        }
        _ => {}
    }
}

/// Subscriptions that were canceled are listed only when asked for, by `status=all` or by name.
fn leave_canceled_out(selection: &mut Selection) {
    let status = selection
        .filters
        .iter()
        .position(|(field, _)| *field == "status");
    match status {
        None => selection.except = Some(("status", "canceled".to_owned())),
        Some(at) if selection.filters[at].1 == "all" => {
            selection.filters.remove(at);
        }
        Some(_) => {}
    }
}

pub(super) fn unknown_cursor(object: &str, cursor: &Cursor) -> StripeError {
    match cursor {
        Cursor::StartingAfter(id) => StripeError::bad_cursor(object, id, "starting_after"),
        Cursor::EndingBefore(id) => StripeError::bad_cursor(object, id, "ending_before"),
    }
}
