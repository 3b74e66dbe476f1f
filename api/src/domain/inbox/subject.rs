//! The events of one object, taken together.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::kinds::of_kind;
use crate::{
    domain::import::Resource,
    ids::InboxEventId,
    storage::InboxEventRow,
    stripe::{ListResource, RawObject},
};

/// An object with its events of a batch, which stand or fall together.
#[derive(Clone, Debug)]
pub(super) struct Subject<'a> {
    pub(super) resource: Resource,
    /// Where it is fetched.
    pub(super) list: ListResource,
    /// Its id at Stripe.
    pub(super) id: &'a str,
    /// Never empty.
    events: Vec<&'a InboxEventRow>,
}

/// A batch, by what its events are about.
#[derive(Debug, Default)]
pub(super) struct Subjects<'a> {
    pub(super) known: Vec<Subject<'a>>,
    /// That a merchant took the access back.
    pub(super) deauthorized: Vec<&'a InboxEventRow>,
    /// Of kinds of which nothing is kept.
    pub(super) foreign: Vec<InboxEventId>,
}

impl<'a> Subjects<'a> {
    pub(super) fn of(events: &'a [InboxEventRow]) -> Self {
        let mut subjects = Self::default();
        let mut known: BTreeMap<(Resource, &str), Subject<'_>> = BTreeMap::new();
        for event in events {
            if event.event_type == DEAUTHORIZED {
                subjects.deauthorized.push(event);
            } else if let Some((resource, list)) = of_kind(&event.object_kind) {
                let subject = known
                    .entry((resource, &event.object_id))
                    .or_insert_with(|| Subject {
                        resource,
                        list,
                        id: &event.object_id,
                        events: Vec::new(),
                    });
                subject.events.push(event);
            } else {
                subjects.foreign.push(InboxEventId(event.id));
            }
        }
        subjects.known = known.into_values().collect();
        subjects
    }
}

const DEAUTHORIZED: &str = "account.application.deauthorized";

impl<'a> Subject<'a> {
    pub(super) fn ids(&self) -> Vec<InboxEventId> {
        self.events
            .iter()
            .map(|event| InboxEventId(event.id))
            .collect()
    }

    /// The second of the latest event.
    pub(super) fn created(&self) -> DateTime<Utc> {
        let times = self.events.iter().map(|event| event.created_at);
        times.max().unwrap_or_default()
    }

    /// The one event of the latest second; none where there are several that differ.
    pub(super) fn latest(&self) -> Option<&'a InboxEventRow> {
        let created = self.created();
        let mut latest = self
            .events
            .iter()
            .filter(|event| event.created_at == created);
        let first = latest.next()?;
        latest
            .all(|other| other.object == first.object)
            .then_some(*first)
    }

    /// The body of the latest event, where it has one that can be read.
    pub(super) fn body(&self) -> Option<RawObject> {
        let body = self.latest()?.object.as_ref()?;
        RawObject::read(body.clone().into_bytes()).ok()
    }

    /// The failures so far, of the event that failed most.
    pub(super) fn attempts(&self) -> i32 {
        let attempts = self.events.iter().map(|event| event.attempts);
        attempts.max().unwrap_or_default()
    }

    /// Whether the object was deleted, by the word of an event of the latest second.
    pub(super) fn is_deletion(&self) -> bool {
        let created = self.created();
        let mut latest = self
            .events
            .iter()
            .filter(|event| event.created_at == created);
        // A deleted subscription is a canceled one, and can still be fetched.
        self.resource == Resource::Products
            && latest.any(|event| event.event_type.ends_with(".deleted"))
    }

    /// Whether one of the events may change a payment that has no event of its own for it.
    pub(super) fn touches_payment(&self) -> bool {
        match self.resource {
            Resource::Disputes => true,
            Resource::Refunds => self
                .events
                .iter()
                .any(|event| matches!(&*event.event_type, "refund.failed" | "refund.updated")),
            _ => false,
        }
    }
}
