//! Single objects.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use http::Method;
use serde_json::json;

use super::caller::Caller;
use super::collection::{Holds, find};
use super::error::StripeError;
use super::expand::Expansion;
use super::parameters::Parameters;
use super::render::{json as answer, write_entry};
use crate::lock::read;

/// `GET /v1/{collection}/{id}`.
pub(super) async fn retrieve(
    caller: Caller,
    Path((collection, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, StripeError> {
    retrieve_at(&caller, &collection, &id, query.as_deref())
}

fn retrieve_at(
    caller: &Caller,
    path: &str,
    id: &str,
    query: Option<&str>,
) -> Result<Response, StripeError> {
    let unknown = || StripeError::unknown_url(&Method::GET, &format!("/v1/{path}/{id}"));
    let collection = find(path).ok_or_else(unknown)?;
    // The permission comes first, so that an id that does not exist tells allowed from not allowed.
    caller.require(collection.permission)?;
    let missing = || StripeError::missing(collection.object, id, id_parameter(collection.object));
    let resource = match collection.holds {
        Holds::Kept(resource, _) | Holds::ById(resource) | Holds::Of(resource, _) => resource,
        Holds::Nothing(_) => return Err(missing()),
    };
    let parameters = Parameters::of_query(query);
    parameters.allow(&[&["expand"]])?;
    let expansion = Expansion::read(parameters.many("expand"), resource, false, caller)?;
    let books = read(&caller.account.books);
    if books.was_deleted(resource, id) {
        let object = resource.object();
        let body = json!({"id": id, "object": object, "deleted": true});
        return Ok(answer(body.to_string().into()));
    }
    let entry = books.shelf(resource).find(id).ok_or_else(missing)?;
    let mut body = Vec::with_capacity(entry.json.len() + 1024);
    write_entry(&mut body, &books, entry, &expansion);
    Ok(answer(body))
}

/// What Stripe calls the id of an object in its errors.
fn id_parameter(object: &str) -> &str {
    match object {
        "charge" | "balance transaction" => "id",
        "payment_intent" | "setup_intent" => "intent",
        "PaymentMethod" => "payment_method",
        other => other,
    }
}
