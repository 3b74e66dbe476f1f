//! All shelves of an account, read together so that an expansion fits its page.

use std::collections::HashMap;

use super::{Entry, Shelf};
use crate::resource::Resource;

/// The shelves of an account.
#[derive(Clone)]
pub(crate) struct Books {
    shelves: [Shelf; Resource::ALL.len()],
    deleted: HashMap<Box<str>, Resource>,
    /// What was available, and what was to be, at the end of the seeded history.
    pub(crate) balance: (i64, i64),
}

impl Books {
    pub(crate) fn new() -> Self {
        Self {
            shelves: Resource::ALL.map(Shelf::new),
            deleted: HashMap::new(),
            balance: (0, 0),
        }
    }

    pub(crate) fn shelf(&self, resource: Resource) -> &Shelf {
        &self.shelves[resource.position()]
    }

    pub(crate) fn shelf_mut(&mut self, resource: Resource) -> &mut Shelf {
        &mut self.shelves[resource.position()]
    }

    /// Takes an object out of its list; that it was there stays known.
    pub(crate) fn delete(&mut self, resource: Resource, id: &str) {
        if self.shelf_mut(resource).remove(id) {
            self.deleted.insert(id.into(), resource);
        }
    }

    pub(crate) fn was_deleted(&self, resource: Resource, id: &str) -> bool {
        self.deleted.get(id) == Some(&resource)
    }

    /// The object of this id, whatever it is.
    pub(crate) fn find_any(&self, id: &str) -> Option<(Resource, &Entry)> {
        Resource::ALL
            .into_iter()
            .find_map(|resource| Some((resource, self.shelf(resource).find(id)?)))
    }
}
