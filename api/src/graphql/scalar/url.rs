use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// An absolute URL: as it was read, and as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::graphql) struct Url {
    pub(in crate::graphql) url: url::Url,
    pub(in crate::graphql) written: String,
}

impl From<url::Url> for Url {
    fn from(url: url::Url) -> Self {
        let written = url.to_string();
        Self { url, written }
    }
}

/// An absolute URL, e.g. `https://example.com/after?tab=2`.
#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = match value {
            Value::String(written) => url::Url::parse(&written)
                .ok()
                .map(|url| Self { url, written }),
            _ => None,
        };
        read.ok_or_else(|| InputValueError::custom("an absolute URL is needed"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.url.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_urls_are_read() {
        let url = Url::parse(Value::from("https://example.com/a?b=c")).unwrap();

        assert_eq!(url.to_value(), Value::from("https://example.com/a?b=c"));
        for wrong in ["", "/a", "example.com", "//example.com", "https://"] {
            assert!(Url::parse(Value::from(wrong)).is_err(), "{wrong}");
        }
    }
}
