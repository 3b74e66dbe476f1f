//! Progress as plain lines: for files, pipes and logs.

use std::collections::HashMap;

use super::words;
use crate::app::ImportStanding;

/// Tells each resource's changes of status and of whole percents, one line each.
#[derive(Default)]
pub(super) struct Lines {
    told: HashMap<String, String>,
    trouble: Option<String>,
}

impl Lines {
    /// The lines for what has changed since the last time.
    pub(super) fn changes(&mut self, standing: &ImportStanding) -> Vec<String> {
        let progress = &standing.progress;
        let mut lines = Vec::new();
        for resource in &progress.resources {
            let status = words::resource_status(resource, progress.status);
            let key = format!("{status} {}", words::percent(resource.percent_complete));
            let told = self.told.insert(words::name(resource), key.clone());
            if told.as_ref() != Some(&key) {
                lines.push(words::resource(resource, progress.status));
            }
        }
        if self.trouble != progress.current_trouble {
            self.trouble.clone_from(&progress.current_trouble);
            lines.extend(self.trouble.clone());
        }
        lines
    }
}
