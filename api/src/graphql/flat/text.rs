//! JSON that is written down at once, without values in between.

use std::io::Write;

use async_graphql::{ContextBase, Name, ServerResult, Value, indexmap::IndexMap};
use async_graphql_value::RAW_VALUE_TOKEN;
use serde::Serialize;

use crate::graphql::error::ApiError;

/// JSON under way.
#[derive(Debug, Default)]
pub(in crate::graphql) struct Text(Vec<u8>);

/// In the data of a request none of whose objects is resolved in two parts that would have to be merged: what the walk
/// writes may go into the answer as it is.
#[derive(Clone, Copy, Debug)]
pub(in crate::graphql) struct Whole;

/// In which form the walk hands over what it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As text, which the answer repeats.
    Text,
    /// As values, which the library can merge.
    Values,
}

impl Form {
    pub(super) fn of<I>(ctx: &ContextBase<'_, I>) -> Self {
        match ctx.data_opt::<Whole>() {
            Some(Whole) => Self::Text,
            None => Self::Values,
        }
    }
}

impl Text {
    /// Appends what is JSON already.
    pub(super) fn push(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    /// Appends a null.
    pub(in crate::graphql) fn null(&mut self) {
        self.push("null");
    }

    /// Appends a text, quoted.
    pub(super) fn string(&mut self, text: &str) {
        self.value(&text);
    }

    /// Appends a value; null where it cannot be JSON.
    pub(super) fn value(&mut self, value: &impl Serialize) {
        let start = self.0.len();
        if serde_json::to_writer(&mut self.0, value).is_err() {
            self.0.truncate(start);
            self.null();
        }
    }

    /// Appends what has nothing to be escaped in its text, quoted.
    pub(in crate::graphql) fn quoted(&mut self, plain: impl std::fmt::Display) {
        // Memory takes whatever is written to it.
        let _ = write!(self.0, "\"{plain}\"");
    }

    /// What was written, as it is.
    pub(super) fn into_string(self) -> ServerResult<String> {
        Ok(String::from_utf8(self.0).map_err(|_| ApiError::fault())?)
    }

    /// What was written, as a value.
    pub(super) fn finish(self, form: Form) -> ServerResult<Value> {
        match form {
            Form::Text => Ok(as_text(self.into_string()?)),
            Form::Values => Ok(serde_json::from_slice(&self.0).map_err(|_| ApiError::fault())?),
        }
    }
}

/// JSON as a value that is written as it is (`raw_value` of async-graphql).
pub(super) fn as_text(json: String) -> Value {
    let raw = (Name::new(RAW_VALUE_TOKEN), Value::String(json));
    Value::Object(IndexMap::from([raw]))
}

/// Whether a value is text already, and nothing of it can be looked at.
pub(in crate::graphql) fn is_text(value: &Value) -> bool {
    matches!(value, Value::Object(fields) if fields.contains_key(RAW_VALUE_TOKEN))
}
