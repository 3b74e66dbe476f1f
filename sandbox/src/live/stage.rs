//! Where an act plays: what it reads, what it writes and what it tells.

use serde_json::Value;

use super::Impossible;
use crate::account::{Books, Entry};
use crate::event::Draft;
use crate::resource::Resource;
use crate::seed::Maker;

/// An act in the making; nothing is written before its end.
pub(super) struct Stage<'a> {
    books: &'a Books,
    pub(super) maker: &'a mut Maker,
    pub(super) now: i64,
    pub(super) livemode: bool,
    request: Option<String>,
    written: Vec<(Resource, Value)>,
    deleted: Vec<(Resource, String)>,
    told: Vec<Draft>,
}

/// What an act leaves: objects, the ids of deleted ones, events.
pub(super) type Left = (Vec<(Resource, Entry)>, Vec<(Resource, String)>, Vec<Draft>);

impl<'a> Stage<'a> {
    pub(super) fn new(books: &'a Books, maker: &'a mut Maker, now: i64, livemode: bool) -> Self {
        Self {
            books,
            maker,
            now,
            livemode,
            request: None,
            written: Vec::new(),
            deleted: Vec::new(),
            told: Vec::new(),
        }
    }

    /// Its events name this request.
    pub(super) fn requested_by(&mut self, request: String) {
        self.request = Some(request);
    }

    pub(super) fn find(&self, resource: Resource, id: &str) -> Option<Value> {
        let mut written = self.written.iter().rev();
        let found = written.find(|(kind, object)| *kind == resource && object["id"] == id);
        if let Some((_, object)) = found {
            return Some(object.clone());
        }
        let entry = self.books.shelf(resource).find(id)?;
        serde_json::from_str(&entry.json).ok()
    }

    pub(super) fn load(&self, resource: Resource, id: &str) -> Result<Value, Impossible> {
        let missing = || Impossible::because(format!("there is no {} {id}", resource.object()));
        self.find(resource, id).ok_or_else(missing)
    }

    pub(super) fn write(&mut self, resource: Resource, object: &Value) {
        self.written.push((resource, object.clone()));
    }

    pub(super) fn delete(&mut self, resource: Resource, id: &str) {
        self.deleted.push((resource, id.to_owned()));
    }

    pub(super) fn tell(&mut self, kind: &str, object: &Value) {
        self.push(Draft::new(kind, self.now, object));
    }

    /// Tells what an object is like now, and where it is usual also what it was like before.
    pub(super) fn tell_change(&mut self, kind: &str, before: &Value, object: &Value) {
        let draft = if names_changes(kind) {
            Draft::after(kind, self.now, object, before)
        } else {
            Draft::new(kind, self.now, object)
        };
        self.push(draft);
    }

    /// Writes a new object down and tells of it.
    pub(super) fn make(&mut self, resource: Resource, object: &Value, kind: &str) {
        self.write(resource, object);
        self.tell(kind, object);
    }

    /// Changes an object and tells of it.
    pub(super) fn change(
        &mut self,
        resource: Resource,
        id: &str,
        kind: &str,
        alter: impl FnOnce(&mut Value),
    ) -> Result<Value, Impossible> {
        let before = self.load(resource, id)?;
        let mut object = before.clone();
        alter(&mut object);
        self.write(resource, &object);
        self.tell_change(kind, &before, &object);
        Ok(object)
    }

    pub(super) fn end(self) -> Left {
        let entry = |(resource, object): (Resource, Value)| {
            let id = object["id"].as_str().unwrap_or_default();
            let created = object["created"].as_i64().unwrap_or(self.now);
            (resource, Entry::new(id, created, object.to_string()))
        };
        let written = self.written.into_iter().map(entry).collect();
        (written, self.deleted, self.told)
    }

    fn push(&mut self, mut draft: Draft) {
        draft.request.clone_from(&self.request);
        self.told.push(draft);
    }
}

fn names_changes(kind: &str) -> bool {
    kind.ends_with(".updated")
        || kind.starts_with("charge.dispute.")
        || matches!(
            kind,
            "charge.captured" | "charge.refunded" | "charge.expired"
        )
}

/// The text of a field, empty when it is none.
pub(super) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}

/// The number of a field, 0 when it is none.
pub(super) fn number(object: &Value, field: &str) -> i64 {
    object[field].as_i64().unwrap_or_default()
}

/// The intent of a charge, refund or dispute.
pub(super) fn intent_of(object: &Value) -> Option<String> {
    object["payment_intent"].as_str().map(str::to_owned)
}

/// Goes on only if this is so.
pub(super) fn ensure(holds: bool, otherwise: &str) -> Result<(), Impossible> {
    if holds {
        Ok(())
    } else {
        Err(Impossible::because(otherwise))
    }
}
