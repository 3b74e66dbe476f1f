//! Answers as they go over the wire.

use std::collections::BTreeMap;

use async_graphql::{Name, Response as Answer, Value, indexmap::IndexMap};
use serde::ser::Error as _;
use serde_json::Error;

use super::flat::text_of;

/// An answer in JSON (GraphQL specification, section 7.1). The same as the library writes, but for what is JSON already:
/// that is taken as it is.
///
/// # Errors
///
/// Where something is not JSON's: then it is our fault.
pub fn write(answer: &Answer) -> Result<Vec<u8>, Error> {
    let mut into = Vec::with_capacity(SMALL + text_len(&answer.data));
    into.extend_from_slice(br#"{"data":"#);
    write_value(&answer.data, &mut into)?;
    write_extensions(&answer.extensions, &mut into)?;
    if !answer.errors.is_empty() {
        into.extend_from_slice(br#","errors":"#);
        serde_json::to_writer(&mut into, &answer.errors)?;
    }
    into.push(b'}');
    Ok(into)
}

/// What most answers need besides what is JSON already, in bytes.
const SMALL: usize = 512;

/// How much of a value is JSON already, in bytes.
fn text_len(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.values().map(text_len).sum(),
        Value::List(items) => items.iter().map(|item| text_len(item) + 1).sum(),
        other => text_of(other).map_or(0, <[u8]>::len),
    }
}

/// The data of an answer by itself, in JSON.
pub(super) fn data(data: &Value) -> Result<String, Error> {
    let mut json = Vec::new();
    write_value(data, &mut json)?;
    String::from_utf8(json).map_err(Error::custom)
}

fn write_extensions(extensions: &BTreeMap<String, Value>, into: &mut Vec<u8>) -> Result<(), Error> {
    if extensions.is_empty() {
        return Ok(());
    }
    into.extend_from_slice(br#","extensions":"#);
    serde_json::to_writer(into, extensions)
}

fn write_value(value: &Value, into: &mut Vec<u8>) -> Result<(), Error> {
    match value {
        Value::Object(fields) => write_object(fields, into),
        Value::List(items) => write_list(items, into),
        other => match text_of(other) {
            Some(json) => {
                into.extend_from_slice(json);
                Ok(())
            }
            None => serde_json::to_writer(into, other),
        },
    }
}

fn write_object(fields: &IndexMap<Name, Value>, into: &mut Vec<u8>) -> Result<(), Error> {
    into.push(b'{');
    for (at, (name, value)) in fields.iter().enumerate() {
        if at > 0 {
            into.push(b',');
        }
        serde_json::to_writer(&mut *into, name)?;
        into.push(b':');
        write_value(value, into)?;
    }
    into.push(b'}');
    Ok(())
}

fn write_list(items: &[Value], into: &mut Vec<u8>) -> Result<(), Error> {
    into.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            into.push(b',');
        }
        write_value(item, into)?;
    }
    into.push(b']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use async_graphql::{PathSegment, ServerError, value};

    use super::*;

    #[test]
    fn it_is_what_the_library_writes() {
        let mut error = ServerError::new("no \"b\"", None);
        error.path = vec![PathSegment::Field("a".to_owned()), PathSegment::Index(1)];
        let data = value!({ "a": [1, null, { "b": "é\n\"" }, [], {}], "c": true, "e": 1.5 });
        let answers = [
            Answer::new(Value::Null),
            Answer::new(data.clone()),
            Answer::new(data).extension("cost", value!({ "actual": 1 })),
            Answer::from_errors(vec![error]),
        ];

        for answer in answers {
            let written = String::from_utf8(write(&answer).unwrap()).unwrap();
            assert_eq!(written, serde_json::to_string(&answer).unwrap());
        }
    }

    #[test]
    fn what_is_json_already_is_taken_as_it_is() {
        let text = |json: &'static str| Value::Binary(json.into());
        let list = Value::List(vec![text(r#"{"x": [1, 2]}"#), Value::from(1), text("null")]);

        let written = write(&Answer::new(list)).unwrap();

        assert_eq!(written, br#"{"data":[{"x": [1, 2]},1,null]}"#);
    }

    #[test]
    fn what_a_client_sends_is_never_taken_for_json() {
        let sent = r#"{"$serde_json::private::RawValue":"],1"}"#;
        let value = Value::Object(IndexMap::from([(
            Name::new("$serde_json::private::RawValue"),
            Value::from("],1"),
        )]));

        let written = write(&Answer::new(value)).unwrap();

        assert_eq!(written, format!(r#"{{"data":{sent}}}"#).as_bytes());
    }
}
