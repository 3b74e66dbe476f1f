//! Writing a file, a page of payments at a time.

use std::{collections::HashMap, sync::Arc};

use tokio::task::{JoinError, spawn_blocking};
use uuid::Uuid;

use super::{
    csv, deflate,
    line::{Line, Source},
};
use crate::{
    domain::{
        Gateway,
        payment::{PaymentSearch, SearchError},
    },
    ids::{ConnectionId, PaymentId, WorkspaceId},
    storage::{
        DisputeRow, ExportFormat, ExportPart, ExportRow, PageRequest, PaymentColumns,
        PaymentFilter, PaymentOrder, PaymentPosition, PaymentSort, ReadPayment, RefundRow,
        StorageError, TimePosition,
    },
};

/// Payments of a part: about a megabyte of text, and a tenth of that compressed.
const PAGE: u64 = 1_000;

/// When a payment was created never changes, and new ones are mostly newer: none is written twice, and all that were
/// there at the beginning are met.
const ORDER: PaymentOrder = PaymentOrder {
    by: PaymentSort::CreatedAt,
    descending: true,
};

/// Why a part was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteExportError {
    /// What was asked for cannot be searched: other connections are there by now, or another version wrote it.
    #[error(transparent)]
    Search(SearchError),
    /// What was asked for cannot be read.
    #[error("the stored search cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// A payment cannot be written.
    #[error("the payments cannot be written")]
    Encoding(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<SearchError> for WriteExportError {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Storage(cause) => Self::Storage(cause),
            other @ SearchError::Invalid { .. } => Self::Search(other),
        }
    }
}

/// A page of payments with what is told of each.
struct Page {
    payments: Vec<Arc<ReadPayment>>,
    names: HashMap<Uuid, String>,
    refunds: HashMap<Uuid, Vec<RefundRow>>,
    disputes: HashMap<Uuid, Vec<DisputeRow>>,
}

impl Gateway {
    /// Writes the next part of a claimed export; the export as it is then, which may be at its end. Where this fails
    /// nothing was written, and the same part is written the next time.
    pub async fn write_export(&self, export: &ExportRow) -> Result<ExportRow, WriteExportError> {
        let workspace = WorkspaceId(export.workspace_id);
        let search: PaymentSearch =
            serde_json::from_value(export.search.clone()).map_err(WriteExportError::Unreadable)?;
        let filter = self.filter(workspace, &search).await?;
        let export = self.counted(export, &filter).await?;
        let position = export.position_at.zip(export.position_id);
        let asked = PageRequest {
            limit: PAGE,
            position: position.map(|(at, id)| PaymentPosition::CreatedAt(at, id)),
            backward: false,
        };
        let store = self.store();
        let found = store
            .list_payments(workspace, &filter, ORDER, &asked, PaymentColumns::ALL)
            .await?;
        let page = self.page(workspace, found.rows).await?;
        let before = export.clone();
        let part = spawn_blocking(move || page.part(&before))
            .await
            .map_err(encoding::<JoinError>)??;
        let now = self.clock().now();
        let until = (!found.has_more).then(|| now + self.policy().exports.kept);
        Ok(store.append_export(&export, part, now, until).await?)
    }

    /// Counts once what there is to write. Who waits can do without the number: what takes the database too long is left.
    async fn counted(
        &self,
        export: &ExportRow,
        filter: &PaymentFilter,
    ) -> Result<ExportRow, StorageError> {
        if export.chunks > 0 || export.expected_rows.is_some() {
            return Ok(export.clone());
        }
        let workspace = WorkspaceId(export.workspace_id);
        match self.store().count_payments(workspace, filter).await {
            Ok(count) => {
                let rows = i64::try_from(count).unwrap_or(i64::MAX);
                self.store().expect_export(export, rows).await
            }
            Err(error) => {
                tracing::info!(export.id = %export.id, %error, "what an export will have is not counted");
                Ok(export.clone())
            }
        }
    }

    async fn page(
        &self,
        workspace: WorkspaceId,
        payments: Vec<Arc<ReadPayment>>,
    ) -> Result<Page, StorageError> {
        let store = self.store();
        let ids: Vec<_> = payments.iter().map(|row| PaymentId(row.id)).collect();
        let mut connections: Vec<_> = payments
            .iter()
            .map(|row| ConnectionId(row.connection_id))
            .collect();
        connections.sort_unstable();
        connections.dedup();
        let names = store.find_connections(workspace, &connections).await?;
        let refunds = store.list_refunds_of(workspace, &ids).await?;
        let disputes = store.list_disputes_of(workspace, &ids).await?;
        Ok(Page {
            payments,
            names: names.into_iter().map(|row| (row.id, row.name)).collect(),
            refunds: grouped(refunds, |row| row.payment_id),
            disputes: grouped(disputes, |row| row.payment_id),
        })
    }
}

impl Page {
    fn part(&self, export: &ExportRow) -> Result<ExportPart, WriteExportError> {
        let bytes = match export.format {
            ExportFormat::Jsonl => self.jsonl().map_err(encoding)?,
            ExportFormat::Csv => self.csv(export.chunks == 0).map_err(encoding)?,
        };
        // The column is wider than the number, which databases have no type for.
        let before = u32::try_from(export.checksum).unwrap_or_default();
        let last = self.payments.last();
        Ok(ExportPart {
            content: deflate::deflate(&bytes).map_err(encoding)?,
            rows: i64::try_from(self.payments.len()).unwrap_or(i64::MAX),
            bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            checksum: deflate::checksum(before, &bytes),
            position: last.map(|row| TimePosition {
                at: row.created_at,
                id: row.id,
            }),
        })
    }

    fn jsonl(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for line in self.lines() {
            serde_json::to_writer(&mut bytes, &line)?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    }

    fn csv(&self, with_header: bool) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
        let lines = self.lines().map(serde_json::to_value);
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        Ok(csv::write(&lines, with_header)?)
    }

    fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.payments.iter().map(|payment| {
            let name = self.names.get(&payment.connection_id);
            Line::of(Source {
                payment,
                connection: name.map_or("", String::as_str),
                refunds: self.refunds.get(&payment.id).map_or(&[], Vec::as_slice),
                disputes: self.disputes.get(&payment.id).map_or(&[], Vec::as_slice),
            })
        })
    }
}

fn encoding<E: Into<Box<dyn std::error::Error + Send + Sync>>>(error: E) -> WriteExportError {
    WriteExportError::Encoding(error.into())
}

/// Rows by their payments, in the order in which they came.
fn grouped<R>(rows: Vec<R>, payment: impl Fn(&R) -> Option<Uuid>) -> HashMap<Uuid, Vec<R>> {
    let mut groups: HashMap<Uuid, Vec<R>> = HashMap::new();
    for row in rows {
        if let Some(payment) = payment(&row) {
            groups.entry(payment).or_default().push(row);
        }
    }
    groups
}
