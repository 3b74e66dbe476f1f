//! The objects of one resource in the order of their lists.

use std::collections::HashMap;
use std::ops::Range;

use super::Entry;
use crate::resource::Resource;

type Positions = Vec<u32>;
type ByLink = HashMap<&'static str, HashMap<Box<str>, Positions>>;

/// All objects of a resource, oldest first; lists walk them backwards.
#[derive(Clone)]
pub(crate) struct Shelf {
    resource: Resource,
    entries: Vec<Entry>,
    by_id: HashMap<Box<str>, u32>,
    by_link: ByLink,
}

/// Where a page begins.
#[derive(Clone, Debug)]
pub(crate) enum Cursor {
    StartingAfter(String),
    EndingBefore(String),
}

/// What of a list is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    pub(crate) limit: usize,
    pub(crate) cursor: Option<Cursor>,
    /// First and last second of `created`, both included.
    pub(crate) created: (i64, i64),
    pub(crate) filters: Vec<(&'static str, String)>,
    /// What is left out: the objects with this field.
    pub(crate) except: Option<(&'static str, String)>,
}

impl Selection {
    /// The first page of everything with this field.
    pub(crate) fn of(field: &'static str, value: &str, limit: usize) -> Self {
        Self {
            limit,
            cursor: None,
            created: (i64::MIN, i64::MAX),
            filters: vec![(field, value.to_owned())],
            except: None,
        }
    }
}

/// One page, newest first.
pub(crate) struct Page<'a> {
    pub(crate) entries: Vec<&'a Entry>,
    pub(crate) has_more: bool,
}

/// The cursor names an object that is not there.
#[derive(Debug)]
pub(crate) struct UnknownCursor;

impl Shelf {
    pub(crate) fn new(resource: Resource) -> Self {
        Self {
            resource,
            entries: Vec::new(),
            by_id: HashMap::new(),
            by_link: HashMap::new(),
        }
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Entry> {
        self.by_id.get(id).map(|at| &self.entries[*at as usize])
    }

    /// Puts many objects in at once.
    pub(crate) fn fill(&mut self, entries: Vec<Entry>) {
        self.entries.extend(entries);
        self.reindex();
    }

    /// Puts one object in, or replaces the one of its id.
    pub(crate) fn put(&mut self, entry: Entry) {
        if let Some(at) = self.by_id.get(&entry.id).map(|at| *at as usize) {
            if key(&self.entries[at]) == key(&entry) {
                self.replace(at, entry);
                return;
            }
            self.remove(&entry.id);
        }
        let at = self
            .entries
            .partition_point(|known| key(known) < key(&entry));
        self.unindex(at);
        self.entries.insert(at, entry);
        self.index_from(at);
    }

    /// Takes an object out, and tells whether it was there.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let Some(at) = self.by_id.remove(id).map(|at| at as usize) else {
            return false;
        };
        self.unindex(at);
        self.entries.remove(at);
        self.index_from(at);
        true
    }

    /// The page that the selection describes.
    pub(crate) fn page(&self, selection: &Selection) -> Result<Page<'_>, UnknownCursor> {
        let mut span = self.span(selection.created);
        let mut forwards = false;
        match &selection.cursor {
            None => {}
            Some(Cursor::StartingAfter(id)) => span.end = span.end.min(self.position(id)?),
            Some(Cursor::EndingBefore(id)) => {
                span.start = span.start.max(self.position(id)? + 1);
                forwards = true;
            }
        }
        let mut positions = self.positions(&span, selection);
        let taken: Vec<usize> = if forwards {
            positions.by_ref().take(selection.limit + 1).collect()
        } else {
            positions.by_ref().rev().take(selection.limit + 1).collect()
        };
        Ok(self.cut(taken, selection.limit, forwards))
    }

    fn cut(&self, mut taken: Vec<usize>, limit: usize, forwards: bool) -> Page<'_> {
        let has_more = taken.len() > limit;
        taken.truncate(limit);
        if forwards {
            taken.reverse();
        }
        Page {
            entries: taken.into_iter().map(|at| &self.entries[at]).collect(),
            has_more,
        }
    }

    fn positions(
        &self,
        span: &Range<usize>,
        selection: &Selection,
    ) -> Box<dyn DoubleEndedIterator<Item = usize> + '_> {
        let left_out = selection
            .except
            .as_ref()
            .map_or(&[][..], |filter| self.linked(filter));
        let Some((first, rest)) = selection.filters.split_first() else {
            let all = span.start..span.end.max(span.start);
            return Box::new(all.filter(|at| {
                u32::try_from(*at).is_ok_and(|at| left_out.binary_search(&at).is_err())
            }));
        };
        let found = self.linked(first);
        let from = found.partition_point(|at| (*at as usize) < span.start);
        let to = found
            .partition_point(|at| (*at as usize) < span.end)
            .max(from);
        let others: Vec<&[u32]> = rest.iter().map(|filter| self.linked(filter)).collect();
        let matches = move |at: &u32| {
            left_out.binary_search(at).is_err()
                && others.iter().all(|other| other.binary_search(at).is_ok())
        };
        Box::new(
            found[from..to]
                .iter()
                .copied()
                .filter(matches)
                .map(|at| at as usize),
        )
    }

    fn linked(&self, (field, value): &(&'static str, String)) -> &[u32] {
        self.by_link
            .get(field)
            .and_then(|values| values.get(value.as_str()))
            .map_or(&[], Vec::as_slice)
    }

    fn span(&self, (first, last): (i64, i64)) -> Range<usize> {
        let start = self.entries.partition_point(|entry| entry.created < first);
        let end = self.entries.partition_point(|entry| entry.created <= last);
        start..end.max(start)
    }

    fn position(&self, id: &str) -> Result<usize, UnknownCursor> {
        self.by_id
            .get(id)
            .map(|at| *at as usize)
            .ok_or(UnknownCursor)
    }

    fn reindex(&mut self) {
        self.entries.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
        self.by_id.clear();
        self.by_link.clear();
        self.index_from(0);
    }

    fn index_from(&mut self, from: usize) {
        for at in from..self.entries.len() {
            self.index(at);
        }
    }

    fn index(&mut self, at: usize) {
        let entry = &self.entries[at];
        let at = narrow(at);
        self.by_id.insert(entry.id.clone(), at);
        for (field, value) in filtered(self.resource, entry) {
            let positions = self.by_link.entry(field).or_default();
            positions.entry(value.into()).or_default().push(at);
        }
    }

    /// Forgets every position from this one on.
    fn unindex(&mut self, from: usize) {
        let first = narrow(from);
        for entry in &self.entries[from..] {
            for (field, value) in filtered(self.resource, entry) {
                if let Some(positions) = positions(&mut self.by_link, field, value) {
                    positions.truncate(positions.partition_point(|at| *at < first));
                }
            }
        }
    }

    /// Puts another object in the same place.
    fn replace(&mut self, at: usize, entry: Entry) {
        let old = std::mem::replace(&mut self.entries[at], entry);
        let place = narrow(at);
        for (field, value) in filtered(self.resource, &old) {
            if let Some(positions) = positions(&mut self.by_link, field, value)
                && let Ok(found) = positions.binary_search(&place)
            {
                positions.remove(found);
            }
        }
        for (field, value) in filtered(self.resource, &self.entries[at]) {
            let values = self.by_link.entry(field).or_default();
            let positions = values.entry(value.into()).or_default();
            positions.insert(positions.partition_point(|at| *at < place), place);
        }
    }
}

fn filtered(resource: Resource, entry: &Entry) -> impl Iterator<Item = (&'static str, &str)> {
    let links = entry.links().map(|(link, value)| (link.field, value));
    let shown = links.filter(move |(field, _)| resource.filters().contains(field));
    shown.chain(entry.payout.as_deref().map(|payout| ("payout", payout)))
}

fn positions<'a>(
    by_link: &'a mut ByLink,
    field: &'static str,
    value: &str,
) -> Option<&'a mut Positions> {
    by_link.get_mut(field)?.get_mut(value)
}

/// Positions are four bytes: a shelf of four billion objects would not fit into memory anyway.
fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn key(entry: &Entry) -> (i64, &str) {
    (entry.created, &entry.id)
}
