//! One object, as it is now.

use std::time::Duration;

use super::window_run::{Interruption, WindowRun};
use crate::{
    storage::{WindowState, WindowStep},
    stripe::ListPage,
};

impl WindowRun {
    /// Fetches and writes the balance.
    pub(super) async fn snapshot(&mut self) -> Result<WindowState, Interruption> {
        let stripe = self.engine.gateway.stripe();
        let fetched = self
            .counted(stripe.retrieve_balance(&self.credential))
            .await?;
        let page = ListPage {
            objects: vec![fetched.object],
            has_more: false,
            observed_at: fetched.observed_at,
            request_id: fetched.request_id,
            took: Duration::ZERO,
        };
        let rows = self.rows(&page).await?;
        self.write(rows, WindowStep::Done { oldest: None }).await
    }
}
