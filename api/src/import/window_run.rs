//! One claimed window: planned, or fetched page by page until it is done.

use std::sync::Arc;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{engine::Engine, failed_page::Next};
use crate::{
    domain::{
        connection::UsedCredential,
        import::{PageOrigin, Resource, beginning, cut, oldest},
    },
    ids::{ConnectionId, WorkspaceId},
    storage::{ConnectionRow, OAuthKind, StorageError, WindowRow, WindowState, WindowStep},
    stripe::{
        Credential, ListPage, ListRequest, ListResource, Outage, Pace, RawObject, StripeError,
    },
};

/// A request of the search for the begin of history is tried again so often before the search is given up.
const PATIENCE: i32 = 4;

/// What a window needs to be run.
pub(super) struct WindowRun {
    pub(super) engine: Arc<Engine>,
    pub(super) window: WindowRow,
    connection: ConnectionRow,
    credential: Credential,
    resource: Resource,
    list: ListResource,
    pace: Arc<Pace>,
    claimed_at: DateTime<Utc>,
    lost: CancellationToken,
}

/// Why a window was not run to its end.
#[derive(Debug)]
pub(super) enum Interruption {
    Stripe(StripeError),
    Storage(StorageError),
}

impl From<StripeError> for Interruption {
    fn from(error: StripeError) -> Self {
        Self::Stripe(error)
    }
}

impl From<StorageError> for Interruption {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// Runs a claimed window until it is done, given back or lost.
#[tracing::instrument(
    name = "import.window",
    skip_all,
    fields(import.id = %window.import_id, window.id = %window.id, window.resource = window.resource)
)]
pub(super) async fn run(
    engine: Arc<Engine>,
    window: WindowRow,
    stop: CancellationToken,
    lost: CancellationToken,
) {
    let Some(mut run) = WindowRun::prepare(engine, window, lost).await else {
        return;
    };
    loop {
        if stop.is_cancelled() {
            return run.give_back().await;
        }
        let outcome = tokio::select! {
            // What is under way writes all or nothing, and nothing is lost with a page that was not written.
            () = stop.cancelled() => continue,
            outcome = run.step_on() => outcome,
        };
        let next = match outcome {
            Ok(WindowState::Running) => Next::GoOn,
            Ok(_) => Next::Stop,
            Err(interruption) => run.interrupted(interruption).await,
        };
        match next {
            Next::GoOn => {}
            Next::Stop => return,
            Next::After(pause) => tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
                () = run.lost.cancelled() => {}
            },
        }
    }
}

impl WindowRun {
    /// None where the connection cannot be called: the reason is logged, and the lease runs out.
    async fn prepare(
        engine: Arc<Engine>,
        window: WindowRow,
        lost: CancellationToken,
    ) -> Option<Self> {
        let workspace = WorkspaceId(window.workspace_id);
        let id = ConnectionId(window.connection_id);
        let claimed_at = engine.gateway.clock().now();
        let connection = match engine.gateway.store().find_connection(workspace, id).await {
            Ok(found) => found?,
            Err(error) => {
                tracing::warn!(%error, "the connection cannot be read; trying again later");
                return None;
            }
        };
        let Some(resource) = Resource::named(&window.resource) else {
            tracing::warn!(
                "another version imports {}; leaving it to that",
                window.resource
            );
            return None;
        };
        let listed = resource.list()?;
        match engine.gateway.fresh_credential(&connection).await {
            Ok(credential) => {
                let pace = engine.gateway.pace(&connection);
                Some(Self {
                    engine,
                    window,
                    connection,
                    credential,
                    resource,
                    list: listed,
                    pace,
                    claimed_at,
                    lost,
                })
            }
            Err(error) if error.is_passing() => {
                tracing::warn!(connection.id = %id, %error, "connection {id} cannot be imported yet");
                None
            }
            Err(error) => {
                tracing::error!(connection.id = %id, %error, "connection {id} cannot be imported");
                if let Err(error) = engine.cannot_call(&window, &connection, &error).await {
                    tracing::warn!(%error, "the import was not ended; trying again later");
                }
                None
            }
        }
    }

    async fn step_on(&mut self) -> Result<WindowState, Interruption> {
        // One page is all that most resources have; where there is more, it is worth knowing where it begins.
        let endless = self.window.from_at.is_none() && self.window.cursor.is_some();
        if endless && self.list.filters_created() {
            self.bound().await
        } else {
            self.page().await
        }
    }

    /// Finds where the resource's history begins, so that it can be divided and its progress told.
    async fn bound(&mut self) -> Result<WindowState, Interruption> {
        let (to, reached) = (self.window.to_at, self.window.covered_to);
        let search = oldest(beginning(), to, reached, |time| self.newest_before(time));
        let from = tokio::select! {
            () = self.lost.cancelled() => return Err(StorageError::LeaseLost.into()),
            from = search => from?,
        };
        let store = self.engine.gateway.store();
        store.bound_window(&self.window, from).await?;
        self.window.from_at = Some(from);
        Ok(WindowState::Running)
    }

    async fn newest_before(
        &self,
        time: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StripeError> {
        let request = ListRequest {
            created_lt: Some(whole_second(time)),
            limit: 1,
            ..ListRequest::new(self.list)
        };
        let page = self.fetch_patiently(&request).await?;
        // An object without a time still tells that there is something.
        let created = |seconds: Option<i64>| {
            seconds
                .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
                .unwrap_or_else(beginning)
        };
        Ok(page.objects.first().map(|object| created(object.created())))
    }

    /// A request of a search, which would begin again from nothing if it were given up at each passing failure.
    async fn fetch_patiently(&self, request: &ListRequest) -> Result<ListPage, StripeError> {
        let mut failures = 0;
        loop {
            match self.fetch(request).await {
                Err(error) if error.should_retry() && failures < PATIENCE => {
                    failures += 1;
                    let asked = error.retry_after().unwrap_or_default();
                    tokio::time::sleep(self.pause(failures).max(asked)).await;
                }
                answer => return answer,
            }
        }
    }

    /// Fetches and writes the next page.
    async fn page(&mut self) -> Result<WindowState, Interruption> {
        let request = self.request();
        let page = tokio::select! {
            // Nobody asks for what would not be written.
            () = self.lost.cancelled() => return Err(StorageError::LeaseLost.into()),
            page = self.fetch(&request) => page?,
        };
        let origin = PageOrigin {
            workspace: WorkspaceId(self.window.workspace_id),
            connection: ConnectionId(self.window.connection_id),
            observed_at: page.observed_at,
        };
        let rows = self.resource.records(origin, &page);
        let step = self.step(&page)?;
        metrics::counter!("inlet_import_objects_total").increment(rows.objects.unsigned_abs());
        for aside in &rows.quarantined {
            tracing::warn!(
                stripe.id = aside.stripe_id,
                "set an object aside: {}",
                aside.reason
            );
        }
        let mut changed = rows.changed_payments();
        let gateway = &self.engine.gateway;
        let now = gateway.clock().now();
        let committed = gateway
            .store()
            .commit_page(&self.window, step.clone(), rows, now)
            .await;
        if let Ok(committed) = &committed {
            changed.extend(&committed.filled);
        }
        // Also where it failed: the database may have written the page without getting to say so.
        gateway.payments_changed(origin.workspace, origin.connection, &changed);
        let committed = committed?;
        self.engine.note(&committed.import).await?;
        Ok(self.moved(step, committed.given_away))
    }

    /// The window is as the page has left it.
    fn moved(&mut self, step: WindowStep, given_away: bool) -> WindowState {
        self.window.attempts = 0;
        let WindowStep::More {
            cursor,
            covered_to,
            older,
        } = step
        else {
            return WindowState::Done;
        };
        self.window.cursor = Some(cursor);
        self.window.covered_to = covered_to;
        if let Some(older) = older.filter(|_| given_away) {
            self.window.from_at = Some(older.to_at);
            self.engine.gateway.work().notify_waiters();
        }
        WindowState::Running
    }

    fn request(&self) -> ListRequest {
        let window = &self.window;
        // Where the cursor was lost, the list starts again at the last second that was reached.
        let until = match &window.cursor {
            Some(_) => window.to_at,
            None => (window.covered_to + TimeDelta::seconds(1)).min(window.to_at),
        };
        ListRequest {
            created_gte: window.from_at.map(whole_second),
            created_lt: Some(whole_second(until)),
            starting_after: window.cursor.clone(),
            expand: self.resource.expansions(&self.connection),
            ..ListRequest::new(self.list)
        }
    }

    /// Where a page leaves the window.
    fn step(&self, page: &ListPage) -> Result<WindowStep, StripeError> {
        let window = &self.window;
        let within = window.from_at.unwrap_or_else(beginning)..=window.covered_to;
        let times = page.objects.iter().filter_map(RawObject::created);
        let times = times.filter_map(|seconds| DateTime::from_timestamp(seconds, 0));
        // An object may carry a time that is none of the window's: it tells nothing of what is covered.
        let times: Vec<_> = times.filter(|time| within.contains(time)).collect();
        let reached = times.last().copied();
        if !page.has_more {
            return Ok(WindowStep::Done { oldest: reached });
        }
        let Some(cursor) = page.objects.iter().rev().find_map(RawObject::id) else {
            return Err(StripeError::unavailable(Outage::NotUnderstood));
        };
        let covered_to = reached.unwrap_or(window.covered_to);
        let newest = times.first().copied().unwrap_or(covered_to);
        Ok(WindowStep::More {
            cursor,
            covered_to,
            older: self.older(covered_to, newest - covered_to),
        })
    }

    /// What the window could give away, now that it is imported down to a time and its last page spans so much of it.
    fn older(&self, reached: DateTime<Utc>, page: TimeDelta) -> Option<Box<WindowRow>> {
        let cut = cut(self.window.from_at?, reached, page)?;
        self.list.filters_created().then_some(())?;
        Some(Box::new(self.engine.gateway.older_part(&self.window, cut)))
    }

    /// One paced request.
    async fn fetch(&self, request: &ListRequest) -> Result<ListPage, StripeError> {
        let asked = self
            .engine
            .gateway
            .stripe()
            .list_page(&self.credential, request);
        let answer = self.pace.request(asked).await;
        let outcome = if answer.is_ok() { "answered" } else { "failed" };
        metrics::counter!("inlet_import_requests_total", "outcome" => outcome).increment(1);
        answer
    }

    async fn give_back(&self) {
        let gateway = &self.engine.gateway;
        let (now, attempts) = (gateway.clock().now(), self.window.attempts);
        if let Err(error) = gateway
            .store()
            .release_window(&self.window, now, attempts)
            .await
        {
            tracing::debug!(%error, "a window was not given back; its lease will run out");
        }
    }

    pub(super) fn resource(&self) -> Resource {
        self.resource
    }

    /// The credential that this run uses.
    pub(super) fn used(&self) -> UsedCredential {
        UsedCredential::of(&self.connection)
    }

    /// How the connection let us in.
    pub(super) fn oauth_kind(&self) -> Option<OAuthKind> {
        self.connection.oauth_kind
    }

    /// When the permissions that this run goes by were read.
    pub(super) fn claimed_at(&self) -> DateTime<Utc> {
        self.claimed_at
    }
}

/// Stripe counts in whole seconds: an object is at or after a time, or before it, by the next whole one.
fn whole_second(time: DateTime<Utc>) -> i64 {
    let second = TimeDelta::seconds(1);
    let up = time
        .duration_trunc(second)
        .ok()
        .filter(|cut| *cut < time)
        .map(|cut| cut + second);
    up.unwrap_or(time).timestamp()
}
