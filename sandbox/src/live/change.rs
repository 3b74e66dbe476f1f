//! Changes of any object.

use serde_json::Value;

use super::stage::{Stage, ensure};
use super::{Ids, Impossible};
use crate::resource::Resource;
use crate::template::template;

/// Merges a change into an object, which is made where there is none of the id.
pub(super) fn change(
    stage: &mut Stage<'_>,
    resource: Resource,
    id: Option<String>,
    event_type: &str,
    change: &Value,
) -> Result<Ids, Impossible> {
    let is_type =
        |part: &str| !part.is_empty() && part.bytes().all(|c| c == b'_' || c.is_ascii_lowercase());
    ensure(
        event_type.contains('.') && event_type.split('.').all(is_type),
        "this is no type of event",
    )?;
    let id = id.unwrap_or_else(|| stage.maker.id(resource.prefix()));
    let before = stage.find(resource, &id);
    let mut object = match &before {
        Some(known) => known.clone(),
        None => template(resource, &id, stage.now, stage.livemode).ok_or_else(|| {
            Impossible::because(format!("there is no {} {id}", resource.object()))
        })?,
    };
    if change.is_object() {
        merge(&mut object, change);
    }
    stage.write(resource, &object);
    match &before {
        Some(before) => stage.tell_change(event_type, before, &object),
        None => stage.tell(event_type, &object),
    }
    if resource == Resource::Product && event_type == "product.deleted" {
        stage.delete(resource, &id);
    }
    Ok((id, None))
}

/// As JSON Merge Patch, but null is a value like any other.
fn merge(into: &mut Value, change: &Value) {
    match (into, change) {
        (Value::Object(into), Value::Object(change)) => {
            for (key, value) in change {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, change) => *into = change.clone(),
    }
}
