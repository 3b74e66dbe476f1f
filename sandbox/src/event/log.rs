//! The events of an account in the order of their list.

use std::collections::HashMap;
use std::sync::Arc;

use super::Event;
use crate::account::{Cursor, UnknownCursor};

/// Stripe lists and retrieves events for so long.
const KEPT: i64 = 30 * 86_400;

/// All events of an account, oldest first.
#[derive(Default)]
pub(crate) struct EventLog {
    events: Vec<(Place, Arc<Event>)>,
    places: HashMap<String, Place>,
    next: u64,
}

/// The second, then the order of arrival.
type Place = (i64, u64);

/// What of the list is asked for.
pub(crate) struct EventSelection {
    pub(crate) limit: usize,
    pub(crate) cursor: Option<Cursor>,
    /// First and last second, both included.
    pub(crate) created: (i64, i64),
    /// All types when empty.
    pub(crate) kinds: Vec<String>,
    /// Whether all endpoints have acknowledged it.
    pub(crate) delivered: Option<bool>,
    pub(crate) now: i64,
}

impl EventSelection {
    fn takes(&self, event: &Event) -> bool {
        let is_wanted = self.kinds.is_empty() || self.kinds.iter().any(|kind| event.is_a(kind));
        is_wanted
            && self
                .delivered
                .is_none_or(|all| all == (event.pending() == 0))
    }
}

impl EventLog {
    pub(crate) fn add(&mut self, event: Arc<Event>) {
        let place = (event.created, self.next);
        self.next += 1;
        self.places.insert(event.id.clone(), place);
        let at = self.events.partition_point(|(known, _)| *known < place);
        self.events.insert(at, (place, event));
    }

    /// The event of this id, if it is not too old.
    pub(crate) fn find(&self, id: &str, now: i64) -> Option<Arc<Event>> {
        let place = self.places.get(id)?;
        let at = self.events.binary_search_by_key(place, |(known, _)| *known);
        let (_, event) = self.events.get(at.ok()?)?;
        (event.created >= now - KEPT).then(|| Arc::clone(event))
    }

    /// A page, newest first, and whether there is more.
    pub(crate) fn page(
        &self,
        wish: &EventSelection,
    ) -> Result<(Vec<Arc<Event>>, bool), UnknownCursor> {
        let (first, last) = wish.created;
        let oldest = (first.max(wish.now - KEPT), 0);
        let mut start = self.events.partition_point(|(place, _)| *place < oldest);
        let mut end = self.events.partition_point(|(place, _)| place.0 <= last);
        let mut forwards = false;
        match &wish.cursor {
            None => {}
            Some(Cursor::StartingAfter(id)) => end = end.min(self.position(id)?),
            Some(Cursor::EndingBefore(id)) => {
                start = start.max(self.position(id)? + 1);
                forwards = true;
            }
        }
        let span = self.events.get(start..end.max(start)).unwrap_or_default();
        let wanted = span
            .iter()
            .map(|(_, event)| event)
            .filter(|event| wish.takes(event));
        let mut page: Vec<_> = if forwards {
            wanted.take(wish.limit + 1).cloned().collect()
        } else {
            wanted.rev().take(wish.limit + 1).cloned().collect()
        };
        let has_more = page.len() > wish.limit;
        page.truncate(wish.limit);
        if forwards {
            page.reverse();
        }
        Ok((page, has_more))
    }

    fn position(&self, id: &str) -> Result<usize, UnknownCursor> {
        let place = self.places.get(id).ok_or(UnknownCursor)?;
        Ok(self.events.partition_point(|(known, _)| known < place))
    }
}
