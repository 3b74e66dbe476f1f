//! A page of a list, cut into objects that are understood one by one.

use std::{ops::Range, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{error::StripeError, mend::mend, transport::Reply};

/// One page of a list, as it was at `observed_at`.
#[derive(Debug, Clone)]
pub struct ListPage {
    pub objects: Vec<RawObject>,
    pub has_more: bool,
    /// Never earlier than the request was sent; whole microseconds.
    pub observed_at: DateTime<Utc>,
    pub request_id: Option<String>,
    /// From the request to the end of its answer, without the time that it waited for its turn.
    pub took: Duration,
}

/// The JSON of one object, not yet understood; free of what a database cannot hold.
#[derive(Debug, Clone)]
pub struct RawObject {
    /// All that came with it: a page is not copied object by object.
    page: Arc<str>,
    place: Range<usize>,
}

/// Why an object cannot be understood, in words that hold nothing of the object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the object cannot be understood: {reason}")]
pub struct Unintelligible {
    pub reason: String,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
    has_more: bool,
}

impl ListPage {
    pub(super) fn read(reply: &Reply) -> Result<Self, StripeError> {
        let envelope: Envelope<'_> = reply.parse()?;
        if envelope.has_more && envelope.data.is_empty() {
            // There would be no object to go on from, and the rest would silently be missing.
            return Err(reply.not_understood());
        }
        let page: Arc<str> = Arc::from(reply.body.as_str());
        let objects = envelope.data.into_iter().map(|object| {
            let begin = object.get().as_ptr().addr() - reply.body.as_ptr().addr();
            RawObject {
                page: Arc::clone(&page),
                place: begin..begin + object.get().len(),
            }
        });
        Ok(Self {
            objects: objects.collect(),
            has_more: envelope.has_more,
            observed_at: reply.observed_at,
            request_id: reply.request_id.clone(),
            took: reply.took,
        })
    }
}

impl RawObject {
    /// Takes one object from elsewhere, such as an event's body.
    pub fn read(json: Vec<u8>) -> Result<Self, Unintelligible> {
        let json: &RawValue = &serde_json::from_str::<Box<RawValue>>(&mend(json))
            .map_err(|error| Unintelligible::new(&error))?;
        Ok(Self::from(json))
    }

    /// The object as Stripe sent it, bar what was mended.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.page[self.place.clone()]
    }

    /// The id, if the object has one that can be one.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Head {
            id: String,
        }
        let head: Head = serde_json::from_str(self.json()).ok()?;
        (1..=255).contains(&head.id.len()).then_some(head.id)
    }

    /// When the object was created, in Unix seconds, if it says so.
    #[must_use]
    pub fn created(&self) -> Option<i64> {
        #[derive(Deserialize)]
        struct Head {
            created: i64,
        }
        serde_json::from_str::<Head>(self.json())
            .ok()
            .map(|head| head.created)
    }

    /// Whether it is only what is left of an object that was deleted (Stripe contract section 7.8).
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        #[derive(Deserialize)]
        struct Head {
            deleted: bool,
        }
        serde_json::from_str::<Head>(self.json()).is_ok_and(|head| head.deleted)
    }

    /// Understands the object as a `T`.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Unintelligible> {
        serde_json::from_str(self.json()).map_err(|error| Unintelligible::new(&error))
    }
}

impl From<&RawValue> for RawObject {
    fn from(json: &RawValue) -> Self {
        let page: Arc<str> = Arc::from(json.get());
        Self {
            place: 0..page.len(),
            page,
        }
    }
}

impl Unintelligible {
    /// serde quotes the offending value, which may be anybody's data: only its kind is kept.
    fn new(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let names_a_field = ["missing field", "duplicate field"]
            .iter()
            .any(|start| text.starts_with(start));
        let reason = if names_a_field {
            text
        } else {
            without_quotes(&text)
        };
        Self { reason }
    }
}

/// Cuts from the first to the last quotation mark of each kind.
fn without_quotes(text: &str) -> String {
    let mut text = text.to_owned();
    for mark in ['"', '`'] {
        if let (Some(start), Some(end)) = (text.find(mark), text.rfind(mark)) {
            text.replace_range(start..=end, "");
        }
    }
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(" ,", ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: &str) -> RawObject {
        RawObject::read(json.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn id_and_created_are_read_whatever_the_rest_is() {
        let raw = object(r#"{"created":7,"id":"ch_1","amount":"many"}"#);
        assert_eq!(
            (raw.id().as_deref(), raw.created()),
            (Some("ch_1"), Some(7))
        );
        for json in [
            "null",
            "[]",
            "{}",
            r#"{"id":5,"created":"x"}"#,
            r#"{"id":""}"#,
        ] {
            assert_eq!(
                (object(json).id(), object(json).created()),
                (None, None),
                "{json}"
            );
        }
    }

    #[test]
    fn the_reason_names_the_field_but_never_the_value() {
        #[derive(Debug, Deserialize)]
        struct Sample {
            #[serde(rename = "amount")]
            _amount: i32,
        }
        let reason = |json: &str| object(json).parse::<Sample>().unwrap_err().reason;
        assert_eq!(reason("{}"), "missing field `amount` at line 1 column 2");
        let of_text = reason(r#"{"amount":"Jenny \" `Rosen`, at"}"#);
        assert_eq!(
            of_text,
            "invalid type: string, expected i32 at line 1 column 32"
        );
        let of_number = reason(r#"{"amount":4242424242424242}"#);
        assert_eq!(
            of_number,
            "invalid value: integer, expected i32 at line 1 column 26"
        );
    }

    #[test]
    fn what_no_database_holds_is_mended() {
        let raw = object(r#"{"id":"a\u0000b\ud800"}"#);
        assert_eq!(raw.id().as_deref(), Some("a\u{fffd}b\u{fffd}"));
    }
}
