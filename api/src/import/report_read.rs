//! Reading a report's file: some hundred lines at a time, each with how far it is then.

use super::window_run::{Interruption, WindowRun, tell_of};
use crate::{
    domain::import::report::{MalformedLine, ReportColumns, ReportState, words},
    ids::{ConnectionId, StripeObjectId, WorkspaceId},
    storage::{PageRows, QuarantinedRow, StorageError, WindowState},
    stripe::{ReportReadError, ReportReader, ReportRecord, ReportRun, StripeError},
};

/// Lines of one transaction.
const LINES: usize = 500;

/// Of a file full of lines that cannot be read, the first are set aside and the rest are counted.
const MOST_ASIDE: u64 = 1_000;

/// Why a file was not read to its end.
enum Unread {
    /// There is nothing to be had from it; what is to be said.
    Useless(String),
    /// It goes on later, where it stands.
    Later(Interruption),
}

impl From<StorageError> for Unread {
    fn from(error: StorageError) -> Self {
        Self::Later(error.into())
    }
}

impl From<StripeError> for Unread {
    fn from(error: StripeError) -> Self {
        Self::Later(error.into())
    }
}

impl From<ReportReadError> for Unread {
    fn from(error: ReportReadError) -> Self {
        match error {
            ReportReadError::NoTable => Self::Useless(words::NO_TABLE.to_owned()),
            ReportReadError::Stripe(error) => error.into(),
        }
    }
}

impl WindowRun {
    /// Reads the file of a run that has succeeded, and ends the window.
    pub(super) async fn read_report(
        &mut self,
        mut state: ReportState,
        run: &ReportRun,
    ) -> Result<WindowState, Interruption> {
        let before = state.lines;
        let reading = async {
            match self.read_file(&mut state, run).await {
                Ok(()) => Ok(words::done(&state)),
                Err(Unread::Useless(note)) => Ok(note),
                Err(Unread::Later(why)) => Err(why),
            }
        };
        let note = self.wanted(reading).await;
        if state.lines > before {
            self.window.cursor = Some(state.kept());
            self.window.attempts = 0;
        }
        self.end_report(PageRows::default(), &note?).await
    }

    async fn read_file(&self, state: &mut ReportState, run: &ReportRun) -> Result<(), Unread> {
        let stripe = self.engine.gateway.stripe();
        let place = stripe
            .place_of_report(run)
            .ok_or_else(|| Unread::Useless(words::FOREIGN_FILE.to_owned()))?;
        let download = self.counted(stripe.download(&self.credential, place));
        let mut reader = ReportReader::new(download.await?);
        let first = reader.next(1).await?.pop();
        let first = first.ok_or_else(|| Unread::Useless(words::NO_TABLE.to_owned()))?;
        let columns = ReportColumns::of(&first)
            .map_err(|missing| Unread::Useless(words::columns_missing(&missing)))?;
        // What was read before is behind us.
        let mut behind = state.lines;
        while behind > 0 {
            let most = usize::try_from(behind).unwrap_or(LINES).min(LINES);
            let passed = reader.next(most).await?.len();
            if passed == 0 {
                break;
            }
            behind = behind.saturating_sub(u64::try_from(passed).unwrap_or(behind));
        }
        loop {
            let lines = reader.next(LINES).await?;
            if lines.is_empty() {
                return Ok(());
            }
            let rows = self.rows_of(state, run, &columns, &lines, reader.request_id());
            self.write_lines(state, rows, lines.len()).await?;
        }
    }

    /// What lines bring; those that cannot be read are set aside.
    fn rows_of(
        &self,
        state: &mut ReportState,
        run: &ReportRun,
        columns: &ReportColumns,
        records: &[ReportRecord],
        request_id: Option<&str>,
    ) -> PageRows {
        let origin = self.origin(self.now());
        let mut rows = PageRows::default();
        for (line, record) in (state.lines + 1..).zip(records) {
            match columns.row(origin, record) {
                Ok(row) => rows.balance_transactions.push(row),
                Err(malformed) => {
                    state.malformed += 1;
                    if state.malformed <= MOST_ASIDE {
                        let aside = self.set_aside(run, line, malformed, request_id);
                        rows.quarantined.push(aside);
                    }
                }
            }
        }
        rows.objects = i64::try_from(rows.balance_transactions.len()).unwrap_or(i64::MAX);
        rows
    }

    /// Writes what lines brought, and how far the report is then.
    async fn write_lines(
        &self,
        state: &mut ReportState,
        rows: PageRows,
        lines: usize,
    ) -> Result<(), StorageError> {
        tell_of(&rows);
        state.lines += u64::try_from(lines).unwrap_or_default();
        let gateway = &self.engine.gateway;
        let store = gateway.store();
        let (import, done) = store
            .commit_report(&self.window, rows, self.now(), |done| {
                state.filled += u64::try_from(done.filled.len()).unwrap_or_default();
                state.differing += done.differing;
                state.kept()
            })
            .await?;
        let workspace = WorkspaceId(self.window.workspace_id);
        let connection = ConnectionId(self.window.connection_id);
        gateway.payments_changed(workspace, connection, &done.filled);
        self.engine.note(&import).await
    }

    fn set_aside(
        &self,
        run: &ReportRun,
        line: u64,
        malformed: MalformedLine,
        request_id: Option<&str>,
    ) -> QuarantinedRow {
        let resource = self.resource.name();
        let connection = ConnectionId(self.window.connection_id);
        let name = match &malformed.stripe_id {
            Some(id) => id.clone(),
            None => format!("{}/{line}", run.id),
        };
        QuarantinedRow {
            id: StripeObjectId::of(connection, &format!("{resource}/{name}")).0,
            workspace_id: self.window.workspace_id,
            connection_id: connection.0,
            resource: resource.to_owned(),
            stripe_id: malformed.stripe_id,
            reason: format!("line {line}: {}", malformed.reason),
            request_id: request_id.map(str::to_owned),
            observed_at: self.now(),
        }
    }
}
