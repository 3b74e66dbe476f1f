//! Reading a file, by its link.

use std::io;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream, stream::BoxStream};
use uuid::Uuid;

use super::{deflate, extension, state_of};
use crate::{
    domain::Gateway,
    ids::{ExportId, NodeKey},
    storage::{ExportFormat, ExportRow, ExportState, StorageError},
};

/// Why a link leads to no file.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The link was not made here, or somebody changed it.
    #[error(
        "This link is not one of ours, or it was changed on its way. Take `downloadUrl` of the export as it is."
    )]
    Forbidden,
    /// The time of the link is over.
    #[error("This link has expired: ask for `downloadUrl` of the export again.")]
    LinkExpired,
    /// The file is not kept any longer.
    #[error("This file is not kept any longer: export the payments again.")]
    Gone,
    /// There is nothing known of the export.
    #[error("There is no such export.")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// How a file is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// As it is.
    Identity,
    /// Compressed by gzip.
    Gzip,
}

/// A file that may be read.
#[derive(Clone)]
pub struct Download {
    gateway: Gateway,
    export: ExportRow,
}

impl Gateway {
    /// The file of a link. Whether the link is good is found out first: without a good one nothing is told of what there
    /// is.
    pub async fn open_export(
        &self,
        id: &str,
        expires: &str,
        signature: &str,
    ) -> Result<Download, DownloadError> {
        let end = self.link_end(id, expires, signature);
        let end = end.ok_or(DownloadError::Forbidden)?;
        let now = self.clock().now();
        if end <= now {
            return Err(DownloadError::LinkExpired);
        }
        let id = key_of(id).ok_or(DownloadError::NotFound)?;
        let found = self.store().find_linked_export(id).await?;
        let export = found.ok_or(DownloadError::NotFound)?;
        if state_of(&export, now) != ExportState::Ready {
            return Err(DownloadError::Gone);
        }
        Ok(Download {
            gateway: self.clone(),
            export,
        })
    }
}

impl Download {
    /// The media type of the file.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        match self.export.format {
            ExportFormat::Jsonl => "application/jsonl; charset=utf-8",
            ExportFormat::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// What to call the file: when it was asked for, in plain ASCII.
    #[must_use]
    pub fn file_name(&self) -> String {
        let at: DateTime<Utc> = self.export.created_at;
        let extension = extension(self.export.format);
        format!("payments-{}.{extension}", at.format("%Y%m%dT%H%M%SZ"))
    }

    /// How many bytes are sent.
    #[must_use]
    pub fn length(&self, coding: Coding) -> u64 {
        let around = deflate::HEAD.len() + deflate::TAIL;
        match coding {
            Coding::Identity => count(self.export.written_bytes),
            Coding::Gzip => count(self.export.stored_bytes) + around as u64,
        }
    }

    /// The file, a part at a time: the next one is read when somebody asks for it. Where the file goes meanwhile the
    /// stream ends with an error, and never as if that were the file's end.
    #[must_use]
    pub fn read(self, coding: Coding) -> BoxStream<'static, Result<Vec<u8>, io::Error>> {
        let sum = u32::try_from(self.export.checksum).unwrap_or_default();
        let tail = deflate::tail(sum, count(self.export.written_bytes));
        let numbers = stream::iter(0..self.export.chunks);
        let parts = numbers.then(move |number| {
            let file = self.clone();
            async move { file.part(number, coding).await }
        });
        match coding {
            Coding::Identity => parts.boxed(),
            Coding::Gzip => stream::iter([Ok(deflate::HEAD.to_vec())])
                .chain(parts)
                .chain(stream::iter([Ok(tail.to_vec())]))
                .boxed(),
        }
    }

    async fn part(&self, number: i32, coding: Coding) -> Result<Vec<u8>, io::Error> {
        let store = self.gateway.store();
        let found = store.find_export_part(&self.export, number).await;
        let part = found.map_err(io::Error::other)?.ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, "a part of the file is not there")
        })?;
        match coding {
            Coding::Identity => deflate::inflate(&part),
            Coding::Gzip => Ok(part),
        }
    }
}

/// Counts in rows are never below zero.
fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// The export of an id as clients see it; only links of our own come here.
fn key_of(id: &str) -> Option<ExportId> {
    let hex = id.strip_prefix(ExportId::PREFIX)?;
    Uuid::try_parse(hex).ok().map(ExportId)
}
