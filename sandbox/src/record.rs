//! What was asked of the sandbox.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::lock::lock;

/// One answered request.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The raw query, empty when there was none.
    pub query: String,
    /// The last four characters of the key.
    pub key_hint: Option<String>,
    /// The account it acted on, when the key was good.
    pub account: Option<String>,
    /// The status of the answer; 0 when the connection was cut, by a fault or by the caller.
    pub status: u16,
    /// How many requests were in the works when it arrived, itself included.
    pub in_flight: usize,
    /// The `Stripe-Version` header.
    pub version: Option<String>,
    /// The `Idempotency-Key` header.
    pub idempotency_key: Option<String>,
}

/// All requests so far.
#[derive(Default)]
pub(crate) struct Recorder {
    in_flight: AtomicUsize,
    records: Mutex<Vec<RequestRecord>>,
}

impl Recorder {
    /// Counts a request in; it is recorded when the visit ends.
    pub(crate) fn enter(&self, record: RequestRecord) -> Visit<'_> {
        let in_flight = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        Visit {
            recorder: self,
            record: RequestRecord {
                in_flight,
                ..record
            },
        }
    }

    pub(crate) fn all(&self) -> Vec<RequestRecord> {
        lock(&self.records).clone()
    }

    pub(crate) fn clear(&self) {
        lock(&self.records).clear();
    }

    pub(crate) fn summary(&self) -> Summary {
        let records = lock(&self.records);
        let mut summary = Summary {
            total: records.len(),
            ..Summary::default()
        };
        for record in records.iter() {
            *summary
                .by_path
                .entry(format!("{} {}", record.method, record.path))
                .or_default() += 1;
            *summary.by_status.entry(record.status).or_default() += 1;
            summary.max_in_flight = summary.max_in_flight.max(record.in_flight);
        }
        summary
    }
}

/// A request in the works; it is recorded when this is dropped, even if its caller hung up.
pub(crate) struct Visit<'a> {
    recorder: &'a Recorder,
    pub(crate) record: RequestRecord,
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.recorder.in_flight.fetch_sub(1, Ordering::Relaxed);
        lock(&self.recorder.records).push(self.record.clone());
    }
}

/// The requests so far, counted.
#[derive(Default, Serialize)]
pub(crate) struct Summary {
    total: usize,
    max_in_flight: usize,
    by_status: BTreeMap<u16, usize>,
    by_path: BTreeMap<String, usize>,
}
