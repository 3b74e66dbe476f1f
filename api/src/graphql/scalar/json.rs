use async_graphql::{InputValueResult, Scalar, ScalarType, Value};

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::graphql) struct Json(pub(in crate::graphql) serde_json::Value);

/// Any JSON value.
#[Scalar(
    name = "JSON",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259"
)]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value.into_json()?))
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_passes_unchanged() {
        let value = json!({ "order": "42", "名": ["é", null, { "a": 1.5, "b": -1 }], "": true });

        let written = Json(value.clone()).to_value();
        assert_eq!(written.clone().into_json().unwrap(), value);
        assert_eq!(Json::parse(written).unwrap().0, value);
    }
}
