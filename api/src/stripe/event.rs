//! Events: what changed at Stripe (Stripe contract section 4.6).

use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::page::{RawObject, Unintelligible};

/// An event, as it is delivered or listed.
#[derive(Clone, Debug)]
pub struct Event {
    /// `evt_…`, the same on every endpoint.
    pub id: String,
    /// E.g. `charge.succeeded`.
    pub kind: String,
    /// When Stripe made it, in whole seconds.
    pub created_at: DateTime<Utc>,
    /// Whether it is about live mode.
    pub livemode: bool,
    /// The connected account that it is about, at a platform's endpoint.
    pub account: Option<String>,
    /// The version in which the object is written.
    pub api_version: Option<String>,
    /// Stripe's `object` of what it is about, e.g. `charge`.
    pub object_kind: String,
    /// The id of what it is about; none where that has none, as a balance.
    pub object_id: Option<String>,
    /// What it is about, as it was then; nested objects are ids.
    pub object: RawObject,
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    created: i64,
    livemode: bool,
    #[serde(default)]
    account: Option<String>,
    #[serde(default)]
    api_version: Option<String>,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Box<RawValue>,
}

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    object: String,
}

impl RawObject {
    /// Understands the object as an event.
    pub fn event(&self) -> Result<Event, Unintelligible> {
        let wire: Wire = self.parse()?;
        let object = RawObject::from(&*wire.data.object);
        let head: Head = object.parse()?;
        if !is_id(&wire.id) {
            let reason = "the event's id is not one".to_owned();
            return Err(Unintelligible { reason });
        }
        let created_at = DateTime::from_timestamp(wire.created, 0)
            .filter(|time| (1970..=9999).contains(&time.year()));
        Ok(Event {
            id: wire.id,
            kind: wire.kind,
            created_at: created_at.ok_or_else(|| Unintelligible {
                reason: "a time is out of range".to_owned(),
            })?,
            livemode: wire.livemode,
            account: wire.account,
            api_version: wire.api_version,
            object_kind: head.object,
            object_id: head.id.filter(|id| is_id(id)),
            object,
        })
    }
}

/// Ids are text up to 255 characters (Stripe contract section 1); merchants choose some of them.
fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Event, Unintelligible> {
        RawObject::read(json.as_bytes().to_vec())?.event()
    }

    #[test]
    fn an_event_names_what_it_is_about() {
        let event = read(
            r#"{"id":"evt_1","object":"event","type":"charge.succeeded","created":7,"livemode":false,
                "account":"acct_1","api_version":"2026-07-29.dahlia","new":true,
                "data":{"object":{"id":"ch_1","object":"charge","amount":5},"previous_attributes":{}}}"#,
        )
        .unwrap();

        assert_eq!(
            (&*event.object_kind, event.object_id.as_deref()),
            ("charge", Some("ch_1"))
        );
        assert_eq!(event.account.as_deref(), Some("acct_1"));
        assert_eq!(
            event.object.json(),
            r#"{"id":"ch_1","object":"charge","amount":5}"#
        );
    }

    #[test]
    fn an_object_without_an_id_has_an_event_all_the_same() {
        let about = |object: &str| {
            let json = format!(
                r#"{{"id":"evt_1","type":"a","created":7,"livemode":false,"data":{{"object":{object}}}}}"#
            );
            read(&json).map(|event| event.object_id)
        };
        assert_eq!(about(r#"{"object":"balance"}"#), Ok(None));
        assert_eq!(about(r#"{"id":""}"#), Ok(None));
        assert_eq!(
            about(r#"{"id":"my product/1"}"#),
            Ok(Some("my product/1".to_owned()))
        );
        assert!(about("5").is_err());
    }
}
