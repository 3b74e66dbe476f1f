//! Answers as they go over the wire.

use std::collections::BTreeMap;

use async_graphql::{Name, Response as Answer, Value, indexmap::IndexMap};
use async_graphql_value::RAW_VALUE_TOKEN;
use serde_json::Error;

/// An answer in JSON (GraphQL specification, section 7.1). The same as the library writes, but what is JSON already is
/// taken as it is, where the library would read it once more.
pub(super) fn write(answer: &Answer) -> Result<Vec<u8>, Error> {
    let mut into = br#"{"data":"#.to_vec();
    write_value(&answer.data, &mut into)?;
    write_extensions(&answer.extensions, &mut into)?;
    if !answer.errors.is_empty() {
        into.extend_from_slice(br#","errors":"#);
        serde_json::to_writer(&mut into, &answer.errors)?;
    }
    into.push(b'}');
    Ok(into)
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
        Value::Object(fields) => match raw(fields) {
            Some(json) => into.extend_from_slice(json.as_bytes()),
            None => write_object(fields, into)?,
        },
        Value::List(items) => write_list(items, into)?,
        other => serde_json::to_writer(into, other)?,
    }
    Ok(())
}

/// What is JSON already.
fn raw(fields: &IndexMap<Name, Value>) -> Option<&str> {
    match fields.get_index(0)? {
        (name, Value::String(json)) if fields.len() == 1 && name == RAW_VALUE_TOKEN => Some(json),
        _ => None,
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
        let raw = |json: &str| {
            Value::Object(IndexMap::from([(
                Name::new(RAW_VALUE_TOKEN),
                Value::from(json),
            )]))
        };
        let data = value!({ "a": [1, null, { "b": "é\n\"" }, [], {}], "c": true, "e": 1.5 });
        let mixed = Value::List(vec![raw(r#"{"x": [1, 2]}"#), data.clone(), raw("null")]);
        let answers = [
            Answer::new(Value::Null),
            Answer::new(data.clone()),
            Answer::new(mixed),
            Answer::new(data).extension("cost", value!({ "actual": 1 })),
            Answer::from_errors(vec![error]),
        ];

        for answer in answers {
            let written = String::from_utf8(write(&answer).unwrap()).unwrap();
            assert_eq!(written, serde_json::to_string(&answer).unwrap());
        }
    }
}
