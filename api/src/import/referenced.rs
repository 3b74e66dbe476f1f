//! Objects that no list has: each is fetched by the id that an imported object names.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;

use super::window_run::{Interruption, WindowRun};
use crate::{
    domain::{Gateway, import::Resource},
    ids::{ConnectionId, WorkspaceId},
    storage::{ImportTrigger, OpenReferences, PageRows, ReferenceRow, WindowState, WindowStep},
    stripe::{Fetched, ListPage, StripeError, StripeErrorKind, Unlisted},
};

/// Objects that are asked for side by side, within the connection's pace.
const SIDE_BY_SIDE: u64 = 8;

/// How long to wait for the objects that name them.
const FOR_OTHERS: Duration = Duration::from_secs(1);

/// What Stripe says of one reference: the object, or that there is none.
type Answer = Result<Option<Fetched>, StripeError>;

impl WindowRun {
    /// Fetches and writes the next few objects, once all that names them is imported.
    pub(super) async fn referenced(&mut self, kind: Unlisted) -> Result<WindowState, Interruption> {
        if let Some(others) = self.resource.waits_for()
            && self.is_under_way(others).await?
        {
            return self.put_off().await;
        }
        let open = self.open().await?;
        let answers = join_all(open.next.iter().map(|row| self.one(kind, row))).await;
        let (mut rows, mut failed) = (PageRows::default(), None);
        for (reference, answer) in open.next.iter().zip(answers) {
            match answer {
                Ok(fetched) => rows.extend(self.answered(reference, fetched).await?),
                Err(error) => failed = Some(error),
            }
        }
        let answered = u64::try_from(rows.references.len()).unwrap_or(u64::MAX);
        let left = open.count.saturating_sub(answered);
        if answered == 0
            && let Some(error) = failed
        {
            return Err(error.into());
        }
        let step = self.step_to(&rows, left);
        let state = self.write(rows, step).await?;
        failed.map_or(Ok(state), |error| Err(error.into()))
    }

    pub(super) async fn is_under_way(&self, others: Resource) -> Result<bool, Interruption> {
        let store = self.engine.gateway.store();
        Ok(store.is_under_way(&self.window, others.name()).await?)
    }

    /// Gives the window back for a moment.
    pub(super) async fn put_off(&self) -> Result<WindowState, Interruption> {
        let gateway = &self.engine.gateway;
        let pause = TimeDelta::from_std(FOR_OTHERS).unwrap_or_default();
        let run_at = gateway.clock().now() + pause;
        gateway
            .store()
            .release_window(&self.window, run_at, self.window.attempts)
            .await?;
        Ok(WindowState::Pending)
    }

    /// What is to be fetched: what never was, and, on somebody's word, again what was before the import began.
    async fn open(&self) -> Result<OpenReferences, Interruption> {
        let store = self.engine.gateway.store();
        let workspace = WorkspaceId(self.window.workspace_id);
        let connection = ConnectionId(self.window.connection_id);
        let import = Gateway::import_of(&self.window);
        let import = store.find_import(workspace, import).await?;
        let again = import.filter(|import| import.trigger != ImportTrigger::CatchUp);
        let before = again.map(|import| import.queued_at);
        let name = self.resource.name();
        Ok(store
            .find_open_references(workspace, connection, name, before, SIDE_BY_SIDE)
            .await?)
    }

    async fn one(&self, kind: Unlisted, reference: &ReferenceRow) -> Answer {
        let stripe = self.engine.gateway.stripe();
        let asked = stripe.retrieve_unlisted(&self.credential, kind, &reference.stripe_id);
        match self.counted(asked).await {
            Ok(fetched) => Ok(Some(fetched)),
            // That it is gone is an answer too.
            Err(error) if matches!(error.kind, StripeErrorKind::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The rows of an answer: the object, if there is one, and that it was asked for.
    async fn answered(
        &self,
        reference: &ReferenceRow,
        fetched: Option<Fetched>,
    ) -> Result<PageRows, StripeError> {
        let now = self.engine.gateway.clock().now();
        let observed_at = fetched.as_ref().map_or(now, |fetched| fetched.observed_at);
        let mut rows = match fetched {
            Some(fetched) => {
                let page = ListPage {
                    objects: vec![fetched.object],
                    has_more: false,
                    observed_at,
                    request_id: fetched.request_id,
                    took: Duration::ZERO,
                };
                self.rows(&page).await?
            }
            None => PageRows::default(),
        };
        // Strictly newer than what it is known by, or it would count as known already.
        let after = reference.observed_at + TimeDelta::microseconds(1);
        rows.references.push(ReferenceRow {
            fetched_at: Some(now),
            observed_at: observed_at.max(after),
            ..reference.clone()
        });
        Ok(rows)
    }

    /// Where these rows leave the window: the share of what is fetched is the share of its span that is covered.
    fn step_to(&self, rows: &PageRows, left: u64) -> WindowStep {
        let Some(last) = rows.references.last().filter(|_| left > 0) else {
            return WindowStep::Done { oldest: None };
        };
        WindowStep::More {
            cursor: last.stripe_id.clone(),
            covered_to: self.covered(rows.references.len(), left),
            division: None,
        }
    }

    fn covered(&self, done: usize, left: u64) -> DateTime<Utc> {
        let begin = self.window.from_at.unwrap_or(self.window.covered_to);
        let open = (self.window.covered_to - begin).num_seconds();
        let done = i64::try_from(done).unwrap_or(i64::MAX);
        let all = done
            .saturating_add(i64::try_from(left).unwrap_or(i64::MAX))
            .max(1);
        let covered = i128::from(open) * i128::from(done) / i128::from(all);
        self.window.covered_to - TimeDelta::seconds(i64::try_from(covered).unwrap_or_default())
    }
}
