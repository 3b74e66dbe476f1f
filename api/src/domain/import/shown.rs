//! The percentages that were shown: an estimate may fall, what people see never does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ImportProgress, Resource};
use crate::storage::ImportWithWindows;

impl ImportProgress {
    /// The progress of an import as it was told, from what one moment's rows say: its percentages never fall.
    #[must_use]
    pub fn shown(snapshot: &ImportWithWindows) -> Self {
        let mut progress = Self::estimated(snapshot);
        Shown::read(snapshot.import.shown.as_deref()).put_into(&mut progress);
        progress
    }
}

/// The highest percentages of an import so far; kept with it, since several processes tell of one import.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Shown {
    total: f64,
    resources: BTreeMap<Resource, f64>,
}

impl Shown {
    /// What is stored with an import; nothing where that is none of ours.
    pub(super) fn read(stored: Option<&str>) -> Self {
        stored
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default()
    }

    /// The percentages of a progress, where they are higher than these.
    pub(super) fn raised_to(mut self, progress: &ImportProgress) -> Self {
        self.total = self.total.max(progress.percent_complete);
        for part in &progress.resources {
            let shown = self.resources.entry(part.resource).or_default();
            *shown = shown.max(part.percent_complete);
        }
        self
    }

    /// Puts these percentages into a progress that has not ended; what is done is done.
    pub(super) fn put_into(&self, progress: &mut ImportProgress) {
        if progress.percent_complete < 100.0 {
            progress.percent_complete = self.total;
        }
        for part in &mut progress.resources {
            if part.percent_complete < 100.0 {
                let shown = self.resources.get(&part.resource);
                part.percent_complete = shown.copied().unwrap_or_default();
            }
        }
    }
}
