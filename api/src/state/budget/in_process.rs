use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{
    ask::{Ask, Budgets, Given},
    books::Books,
};
use crate::ids::ConnectionId;

/// Books that nobody has asked for this long say nothing any more.
const FORGOTTEN: Duration = Duration::from_mins(1);

/// The budgets of a single process, kept in memory.
pub struct InProcessBudgets {
    began: Instant,
    books: Mutex<HashMap<ConnectionId, (Books, Instant)>>,
}

impl InProcessBudgets {
    /// Nothing is reserved, and nothing learnt.
    #[must_use]
    pub fn new() -> Self {
        // Before it lies what may be made up for.
        let began = Instant::now();
        Self {
            began: began.checked_sub(FORGOTTEN).unwrap_or(began),
            books: Mutex::default(),
        }
    }

    pub(super) fn ask_now(&self, ask: &Ask) -> Given {
        let now = Instant::now();
        let mut all = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(&ask.connection) {
            all.retain(|_, (_, asked_at)| now - *asked_at < FORGOTTEN);
        }
        let (books, asked_at) = all
            .entry(ask.connection)
            .or_insert_with(|| (Books::default(), now));
        *asked_at = now;
        books.ask(now - self.began, ask)
    }
}

impl Default for InProcessBudgets {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Budgets for InProcessBudgets {
    async fn ask(&self, ask: &Ask) -> Given {
        self.ask_now(ask)
    }
}

impl fmt::Debug for InProcessBudgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcessBudgets").finish_non_exhaustive()
    }
}
