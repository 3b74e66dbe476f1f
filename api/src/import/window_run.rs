//! One claimed window: run step by step, each in the way of its resource, until it is done.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::{engine::Engine, failed_page::Next, windowed::Density};
use crate::{
    domain::{
        connection::UsedCredential,
        import::{Lists, PageOrigin, Resource, Shape},
    },
    ids::{ConnectionId, WorkspaceId},
    state::Budget,
    storage::{
        ConnectionRow, Division, OAuthKind, PageRows, StorageError, WindowRow, WindowState,
        WindowStep,
    },
    stripe::{Credential, ListPage, ListRequest, StripeError, Urgency},
};

/// What a window needs to be run.
pub(super) struct WindowRun {
    pub(super) engine: Arc<Engine>,
    pub(super) window: WindowRow,
    connection: ConnectionRow,
    pub(super) credential: Credential,
    pub(super) resource: Resource,
    /// Of a list: what its last page told of the history.
    pub(super) density: Option<Density>,
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
        match engine.gateway.fresh_credential(&connection).await {
            Ok(credential) => Some(Self {
                engine,
                window,
                connection,
                credential: credential.waiting(Urgency::InTurn),
                resource,
                density: None,
                claimed_at,
                lost,
            }),
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
        match self.resource.shape() {
            Shape::Windows(list) => self.next_of_window(list).await,
            Shape::WholeList(list) => self.next_of_whole(list).await,
            Shape::Snapshot => self.snapshot().await,
            Shape::ById(kind) => self.referenced(kind).await,
            Shape::Recovery => self.recover().await,
            Shape::Report => self.report().await,
            Shape::Nothing => {
                let done = WindowStep::Done { oldest: None };
                self.write(PageRows::default(), done).await
            }
        }
    }

    /// What is kept of a page, with whatever Stripe cut off in it.
    pub(super) async fn rows(&self, page: &ListPage) -> Result<PageRows, StripeError> {
        let origin = self.origin(page.observed_at);
        let mut rows = self.resource.records(origin, page);
        let lists = Lists {
            stripe: self.engine.gateway.stripe(),
            credential: &self.credential,
        };
        lists.complete(&mut rows).await?;
        Ok(rows)
    }

    /// Whose rows are written, and when they were true at Stripe.
    pub(super) fn origin(&self, observed_at: DateTime<Utc>) -> PageOrigin {
        PageOrigin::of(&self.connection, observed_at)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.engine.gateway.clock().now()
    }

    /// Writes what a step brought together with where it leaves the window, and tells of it.
    pub(super) async fn write(
        &mut self,
        rows: PageRows,
        step: WindowStep,
    ) -> Result<WindowState, Interruption> {
        tell_of(&rows);
        let (mut changed, objects) = (rows.changed_payments(), rows.objects);
        let workspace = WorkspaceId(self.window.workspace_id);
        let connection = ConnectionId(self.window.connection_id);
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
        gateway.payments_changed(workspace, connection, &changed);
        let committed = committed?;
        self.engine.note(&committed.import).await?;
        self.window.imported_objects += objects;
        Ok(self.moved(step, committed.was_divided))
    }

    /// The window is as the page has left it.
    fn moved(&mut self, step: WindowStep, was_divided: bool) -> WindowState {
        self.window.attempts = 0;
        let WindowStep::More {
            cursor,
            covered_to,
            division,
        } = step
        else {
            return WindowState::Done;
        };
        self.window.cursor = Some(cursor);
        self.window.covered_to = covered_to;
        self.divided(division.filter(|_| was_divided).as_ref());
        WindowState::Running
    }

    /// What the window gave away is not its own any more, and somebody may claim it.
    pub(super) fn divided(&mut self, division: Option<&Division>) {
        if let Some(newest) = division.and_then(|division| division.older.first()) {
            self.window.from_at = Some(newest.to_at);
            self.engine.gateway.work().notify_waiters();
        }
    }

    /// What Stripe answers, unless the window is lost meanwhile: nobody asks for what would not be written.
    pub(super) async fn wanted<T, E: Into<Interruption>>(
        &self,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Interruption> {
        tokio::select! {
            () = self.lost.cancelled() => Err(StorageError::LeaseLost.into()),
            answer = answer => answer.map_err(Into::into),
        }
    }

    /// One request for a page.
    pub(super) async fn fetch(&self, request: &ListRequest) -> Result<ListPage, StripeError> {
        let stripe = self.engine.gateway.stripe();
        self.counted(stripe.list_page(&self.credential, request))
            .await
    }

    /// One request, in the connection's pace.
    pub(super) async fn counted<T>(
        &self,
        asked: impl Future<Output = Result<T, StripeError>>,
    ) -> Result<T, StripeError> {
        let answer = asked.await;
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

    /// What is expanded, as far as the connection grants it.
    pub(super) fn expansions(&self) -> Vec<&'static str> {
        self.resource.expansions(&self.connection)
    }

    /// The credential that this run uses.
    pub(super) fn used(&self) -> UsedCredential {
        UsedCredential::of(&self.connection)
    }

    /// How the requests wait for their turns from now on.
    pub(super) fn queue_as(&mut self, urgency: Urgency) {
        self.credential = self.credential.clone().waiting(urgency);
    }

    /// The most that may be asked of the account.
    pub(super) fn budget(&self) -> Budget {
        self.engine.gateway.budget(self.connection.livemode)
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

/// Counts what is about to be written, and says what of it could not be understood.
pub(super) fn tell_of(rows: &PageRows) {
    metrics::counter!("inlet_import_objects_total").increment(rows.objects.unsigned_abs());
    for aside in &rows.quarantined {
        tracing::warn!(
            stripe.id = aside.stripe_id,
            "set an object aside: {}",
            aside.reason
        );
    }
}
