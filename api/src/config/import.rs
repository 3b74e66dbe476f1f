use std::time::Duration;

use serde::Deserialize;

use super::error::Problems;

/// How fast histories are imported.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportConfig {
    /// Requests a second to one account in live mode.
    pub live_requests_per_second: u32,
    /// Requests a second to one account in test mode.
    pub test_requests_per_second: u32,
    /// Requests a second to one endpoint of one account.
    pub endpoint_requests_per_second: u32,
    /// Requests to one account under way at once.
    pub concurrency: u32,
    /// For how long a silent worker holds its work.
    pub lease_seconds: u64,
}

impl ImportConfig {
    /// For how long a silent worker holds its work.
    #[must_use]
    pub fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds)
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        for (setting, rate) in [
            (
                "import.live_requests_per_second",
                self.live_requests_per_second,
            ),
            (
                "import.test_requests_per_second",
                self.test_requests_per_second,
            ),
            (
                "import.endpoint_requests_per_second",
                self.endpoint_requests_per_second,
            ),
        ] {
            problems.check_range(setting, rate, 1, 10_000);
        }
        problems.check_range("import.concurrency", self.concurrency, 1, 256);
        problems.check_range("import.lease_seconds", self.lease_seconds, 1, 3_600);
    }
}
