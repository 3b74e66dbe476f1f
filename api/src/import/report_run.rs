//! A financial report: asked for once, looked at until it is ready, then read line by line. What goes wrong with it is
//! said and ends its window; only what is wrong with the account's access ends the import.

use chrono::TimeDelta;

use super::{
    failed_page::IN_PLACE,
    window_run::{Interruption, WindowRun},
};
use crate::{
    domain::import::{
        Remedy,
        report::{AskedRun, ReportState, choose, run_rows, type_rows, words},
    },
    storage::{PageRows, StorageError, WindowState},
    stripe::{
        ListPage, ListRequest, ListResource, NewReportRun, RawObject, ReportType, StripeError,
    },
};

/// The newest runs are worth keeping; nobody needs all of many years.
const MOST_PAGES: usize = 10;

/// An import does not wait longer for a report that Stripe does not give: with the usual pauses some ten minutes.
const MOST_ATTEMPTS: i32 = 12;

/// A report that is refused so often although it is granted, is not to be had.
const MOST_RECHECKS: i32 = 3;

impl WindowRun {
    /// Goes a step on with the report.
    pub(super) async fn report(&mut self) -> Result<WindowState, Interruption> {
        match self.next_of_report().await {
            Err(Interruption::Stripe(error)) if self.gives_up(&error) => {
                tracing::info!(
                    stripe.request_id = error.request_id,
                    stripe.status = error.status,
                    "the report cannot be had: {error}"
                );
                self.end_report(PageRows::default(), words::NOT_GIVEN).await
            }
            outcome => outcome,
        }
    }

    /// Whether an error ends the report alone.
    fn gives_up(&self, error: &StripeError) -> bool {
        let attempts = self.window.attempts + 1;
        match Remedy::of(error, attempts, self.oauth_kind()) {
            Remedy::Wait(_) => attempts >= MOST_ATTEMPTS,
            Remedy::Recheck => attempts > MOST_RECHECKS,
            Remedy::Rewind | Remedy::LeaveOut(_) => true,
            Remedy::Fail(_) => !error.ends_connection(),
        }
    }

    /// Chooses the report, asks for it, looks whether it is ready, or reads it.
    async fn next_of_report(&mut self) -> Result<WindowState, Interruption> {
        let Some(kept) = &self.window.cursor else {
            return self.choose_report().await;
        };
        let Some(state) = ReportState::read(kept) else {
            return self
                .end_report(PageRows::default(), words::OTHER_VERSION)
                .await;
        };
        let Some(asked) = &state.run else {
            return self.ask_for_report(state).await;
        };
        // Meanwhile Stripe runs it.
        if let Some(others) = self.resource.waits_for()
            && self.is_under_way(others).await?
        {
            return self.put_off().await;
        }
        let stripe = self.engine.gateway.stripe();
        let found = self.counted(stripe.find_report_run(&self.credential, &asked.id));
        let run = self.wanted(found).await?;
        match run.status.as_str() {
            "succeeded" => self.read_report(state, &run).await,
            "failed" => self.end_report(PageRows::default(), words::FAILED).await,
            _ => match asked.pause(self.now()) {
                Some(pause) => self.look_again_after(pause).await,
                None => self.end_report(PageRows::default(), words::TOO_LATE).await,
            },
        }
    }

    /// Keeps which reports there are and which were run, and chooses one.
    async fn choose_report(&mut self) -> Result<WindowState, Interruption> {
        let stripe = self.engine.gateway.stripe();
        let listed = self.counted(stripe.list_report_types(&self.credential));
        let types = self.wanted(listed).await?;
        let mut rows = type_rows(self.origin(types.observed_at), &types);
        rows.extend(self.report_runs().await?);
        match choose(&read_types(&types), self.window.from_at, self.window.to_at) {
            Ok(choice) => self.keep_report(rows, ReportState::new(choice)).await,
            Err(why) => self.end_report(rows, words::no_choice(why)).await,
        }
    }

    /// The newest runs of the account.
    async fn report_runs(&self) -> Result<PageRows, Interruption> {
        let mut rows = PageRows::default();
        let mut request = ListRequest::new(ListResource::ReportRuns);
        for _ in 0..MOST_PAGES {
            let page = self.wanted(self.fetch(&request)).await?;
            rows.extend(run_rows(self.origin(page.observed_at), &page));
            request.starting_after = page.objects.iter().rev().find_map(RawObject::id);
            if !page.has_more || request.starting_after.is_none() {
                break;
            }
        }
        Ok(rows)
    }

    /// Asks Stripe to run the report: once, however often this is tried and whenever the process ends.
    async fn ask_for_report(&mut self, state: ReportState) -> Result<WindowState, Interruption> {
        let new = NewReportRun {
            report_type: &state.report_type,
            from: state.from,
            to: state.to,
            columns: state.columns(),
            idempotency_key: ReportState::idempotency_key(self.window.id),
        };
        let stripe = self.engine.gateway.stripe();
        let asked = self.counted(stripe.create_report_run(&self.credential, &new));
        let run = self.wanted(asked).await?;
        tracing::info!(
            report.run = run.id,
            report.kind = state.report_type,
            "Stripe runs the report"
        );
        let run = Some(AskedRun {
            id: run.id,
            asked_at: self.now().timestamp(),
        });
        self.keep_report(PageRows::default(), ReportState { run, ..state })
            .await
    }

    async fn keep_report(
        &mut self,
        rows: PageRows,
        state: ReportState,
    ) -> Result<WindowState, Interruption> {
        let (store, now) = (self.engine.gateway.store(), self.now());
        let kept = state.kept();
        let (import, _) = store
            .commit_report(&self.window, rows, now, |_| kept.clone())
            .await?;
        self.window.cursor = Some(kept);
        self.window.attempts = 0;
        self.engine.note(&import).await?;
        Ok(WindowState::Running)
    }

    /// Waits a little, or gives the window back for longer.
    async fn look_again_after(&mut self, pause: TimeDelta) -> Result<WindowState, Interruption> {
        self.window.attempts = 0;
        match pause.to_std() {
            Ok(short) if short <= IN_PLACE => {
                let waited = async {
                    tokio::time::sleep(short).await;
                    Ok::<_, StorageError>(WindowState::Running)
                };
                self.wanted(waited).await
            }
            _ => {
                let (store, then) = (self.engine.gateway.store(), self.now() + pause);
                store.release_window(&self.window, then, 0).await?;
                Ok(WindowState::Pending)
            }
        }
    }

    /// Ends the window with what is to be said.
    pub(super) async fn end_report(
        &self,
        rows: PageRows,
        note: &str,
    ) -> Result<WindowState, Interruption> {
        tracing::info!("{note}");
        let (store, now) = (self.engine.gateway.store(), self.now());
        let import = store.end_report(&self.window, rows, note, now).await?;
        self.engine.note(&import).await?;
        Ok(WindowState::Done)
    }
}

/// The types as far as they can be read.
fn read_types(page: &ListPage) -> Vec<ReportType> {
    let types = page.objects.iter();
    types.filter_map(|object| object.parse().ok()).collect()
}
