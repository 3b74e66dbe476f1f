use std::time::Duration;

use serde::Deserialize;

use super::error::Problems;

/// How connections are kept live.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxConfig {
    /// How often to look for events that never arrived.
    pub recovery_interval_seconds: u64,
}

impl InboxConfig {
    /// How often to look for events that never arrived.
    #[must_use]
    pub fn recovery_interval(&self) -> Duration {
        Duration::from_secs(self.recovery_interval_seconds)
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        problems.check_range(
            "inbox.recovery_interval_seconds",
            self.recovery_interval_seconds,
            10,
            86_400,
        );
    }
}
