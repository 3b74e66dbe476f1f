//! JSON that is written down at once, without values in between.

use std::fmt::{self, Display, Write};

use async_graphql::{ContextBase, ServerResult, Value};
use bytes::Bytes;
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
    pub(in crate::graphql) fn quoted(&mut self, plain: impl Display) {
        // Memory takes whatever is written to it.
        let _ = write!(self, "\"{plain}\"");
    }

    /// Makes room for so many bytes more.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.0.reserve(bytes);
    }

    /// How long it is so far, in bytes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What was written, as it is.
    pub(super) fn into_json(self) -> Bytes {
        self.0.into()
    }

    /// What was written, as a value.
    pub(super) fn finish(self, form: Form) -> ServerResult<Value> {
        finished(self.into_json(), form)
    }

    /// The values that were written one after the other, each up to its end.
    pub(super) fn finish_each(self, ends: &[usize], form: Form) -> ServerResult<Vec<Value>> {
        let json = self.into_json();
        let mut start = 0;
        let values = ends.iter().map(|end| {
            let one = json.slice(start..*end);
            start = *end;
            finished(one, form)
        });
        values.collect()
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

fn finished(json: Bytes, form: Form) -> ServerResult<Value> {
    match form {
        Form::Text => Ok(as_text(json)),
        Form::Values => Ok(serde_json::from_slice(&json).map_err(|_| ApiError::fault())?),
    }
}

/// JSON as a value that is written as it is. No type of ours has binary values, and nobody can send one: JSON has none.
pub(super) fn as_text(json: Bytes) -> Value {
    Value::Binary(json)
}

/// The JSON of a value that is text already.
pub(in crate::graphql) fn text_of(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Binary(json) => Some(json),
        _ => None,
    }
}
