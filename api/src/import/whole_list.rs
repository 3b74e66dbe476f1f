//! A list that no time cuts: followed by cursor from its newest object on.

use chrono::DateTime;

use super::window_run::{Interruption, WindowRun};
use crate::{
    storage::{WindowState, WindowStep},
    stripe::{ListPage, ListRequest, ListResource, RawObject},
};

impl WindowRun {
    /// Fetches and writes the next page, of which only what lies in the import's span is new.
    pub(super) async fn next_of_whole(
        &mut self,
        list: ListResource,
    ) -> Result<WindowState, Interruption> {
        let request = ListRequest {
            starting_after: self.window.cursor.clone(),
            ..ListRequest::new(list)
        };
        let mut page = self.wanted(self.fetch(&request)).await?;
        let step = if self.is_past(&page) {
            WindowStep::Done { oldest: None }
        } else {
            self.step(&page)?
        };
        page.objects.retain(|object| self.is_wanted(object));
        let rows = self.rows(&page).await?;
        self.write(rows, step).await
    }

    /// Whether all that follows is older than what the import is asked for.
    fn is_past(&self, page: &ListPage) -> bool {
        let oldest = page.objects.last().and_then(RawObject::created);
        let begin = self.window.from_at.map(|from| from.timestamp());
        oldest.is_some_and(|oldest| begin.is_some_and(|begin| oldest < begin))
    }

    /// Whether an object is of the import's span. Where the list had to begin again, since its cursor was gone, what is
    /// newer than what was reached is stored already.
    fn is_wanted(&self, object: &RawObject) -> bool {
        let created = object.created();
        let Some(created) = created.and_then(|second| DateTime::from_timestamp(second, 0)) else {
            // Nothing is known of it; its rows say why it is set aside.
            return true;
        };
        let window = &self.window;
        window.from_at.is_none_or(|from| created >= from)
            && created < window.to_at
            && created <= window.covered_to
    }
}
