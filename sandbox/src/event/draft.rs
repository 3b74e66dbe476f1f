//! An event before it has an id.

use serde_json::{Map, Value, json};

/// What is to be told.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) kind: String,
    pub(crate) created: i64,
    pub(crate) data: String,
    pub(crate) request: Option<String>,
}

impl Draft {
    pub(crate) fn new(kind: &str, created: i64, object: &Value) -> Self {
        Self {
            kind: kind.to_owned(),
            created,
            data: json!({ "object": object }).to_string(),
            request: None,
        }
    }

    /// The same, with what the object was like before.
    pub(crate) fn after(kind: &str, created: i64, object: &Value, before: &Value) -> Self {
        let previous = previous_attributes(before, object);
        Self {
            data: json!({"object": object, "previous_attributes": previous}).to_string(),
            ..Self::new(kind, created, &Value::Null)
        }
    }
}

/// The old values of what changed; of nested objects only what changed in them.
fn previous_attributes(before: &Value, after: &Value) -> Map<String, Value> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return Map::new();
    };
    let mut previous = Map::new();
    for (key, now) in after {
        let old = before.get(key).unwrap_or(&Value::Null);
        if old == now {
            continue;
        }
        let told = match (old, now) {
            (Value::Object(_), Value::Object(_)) => previous_attributes(old, now).into(),
            _ => old.clone(),
        };
        previous.insert(key.clone(), told);
    }
    for (key, old) in before {
        if !after.contains_key(key) {
            previous.insert(key.clone(), old.clone());
        }
    }
    previous
}
