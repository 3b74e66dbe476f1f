//! All shelves of an account, read together so that an expansion fits its page.

use super::{Entry, Shelf};
use crate::resource::Resource;

/// The shelves of an account.
pub(crate) struct Books {
    shelves: [Shelf; 5],
}

impl Books {
    pub(crate) fn new() -> Self {
        Self {
            shelves: Resource::ALL.map(Shelf::new),
        }
    }

    pub(crate) fn shelf(&self, resource: Resource) -> &Shelf {
        &self.shelves[resource.position()]
    }

    pub(crate) fn shelf_mut(&mut self, resource: Resource) -> &mut Shelf {
        &mut self.shelves[resource.position()]
    }

    /// The object of this id, whatever it is.
    pub(crate) fn find_any(&self, id: &str) -> Option<(Resource, &Entry)> {
        Resource::ALL
            .into_iter()
            .find_map(|resource| Some((resource, self.shelf(resource).find(id)?)))
    }
}
