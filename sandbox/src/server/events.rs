//! Events.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State as Shared};
use axum::response::Response;

use super::caller::Caller;
use super::error::StripeError;
use super::list::{PAGING, unknown_cursor};
use super::parameters::Parameters;
use super::render::json;
use crate::event::{Event, EventSelection};
use crate::lock::lock;
use crate::permission::Permission;
use crate::state::State;

/// How many types one list can ask for.
const MOST_TYPES: usize = 20;

/// `GET /v1/events`.
pub(super) async fn list(
    caller: Caller,
    Shared(state): Shared<Arc<State>>,
    RawQuery(query): RawQuery,
) -> Result<Response, StripeError> {
    caller.require(Permission::EventRead)?;
    let parameters = Parameters::of_query(query.as_deref());
    parameters.allow(&[PAGING, &["created", "type", "types", "delivery_success"]])?;
    let wish = EventSelection {
        limit: parameters.limit()?,
        cursor: parameters.cursor()?,
        created: parameters.created()?,
        kinds: kinds(&parameters)?,
        delivered: delivered(&parameters)?,
        now: state.clock.now().timestamp(),
    };
    let page = lock(&caller.account.events).page(&wish);
    let Ok((events, has_more)) = page else {
        let cursor = wish.cursor.as_ref();
        return Err(cursor.map_or_else(
            || StripeError::bad_request("No such page."),
            |cursor| unknown_cursor("event", cursor),
        ));
    };
    let bodies: Vec<_> = events.iter().map(|event| body(&caller, event)).collect();
    let body = format!(
        r#"{{"object":"list","data":[{}],"has_more":{has_more},"url":"/v1/events"}}"#,
        bodies.join(",")
    );
    Ok(json(body.into()))
}

/// `GET /v1/events/{id}`.
pub(super) async fn retrieve(
    caller: Caller,
    Shared(state): Shared<Arc<State>>,
    Path(id): Path<String>,
) -> Result<Response, StripeError> {
    caller.require(Permission::EventRead)?;
    let now = state.clock.now().timestamp();
    let event = lock(&caller.account.events).find(&id, now);
    let event = event.ok_or_else(|| StripeError::missing("event", &id, "id"))?;
    Ok(json(body(&caller, &event).into()))
}

/// Listed events are in the account's own version, whatever version the request asks for.
fn body(caller: &Caller, event: &Event) -> String {
    let of_another = event.account != caller.account.id;
    event.body(&caller.account.api_version, of_another)
}

fn kinds(parameters: &Parameters) -> Result<Vec<String>, StripeError> {
    let kinds: Vec<_> = parameters.many("types").map(str::to_owned).collect();
    match parameters.one("type") {
        Some(_) if !kinds.is_empty() => Err(StripeError::bad_request(
            "You may only specify one of these parameters: type, types.",
        )),
        Some(kind) => Ok(vec![kind.to_owned()]),
        None if kinds.len() > MOST_TYPES => Err(StripeError::bad_request(format!(
            "You can specify at most {MOST_TYPES} types."
        ))),
        None => Ok(kinds),
    }
}

fn delivered(parameters: &Parameters) -> Result<Option<bool>, StripeError> {
    match parameters.one("delivery_success") {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(other) => Err(StripeError::bad_request(format!(
            "Invalid boolean: {other}"
        ))),
    }
}
