use serde::Deserialize;

use super::error::Problems;

/// Exports of payments as files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportConfig {
    /// How long a file is kept.
    pub kept_seconds: u64,
    /// How long a link to a file is good.
    pub link_seconds: u64,
    /// Exports of a workspace that may be under way at once.
    pub running_per_workspace: u64,
    /// Exports of a workspace that may be under way or kept at once.
    pub kept_per_workspace: u64,
}

impl ExportConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        for (setting, value, least, most) in [
            ("export.kept_seconds", self.kept_seconds, 60, 30 * 86_400),
            ("export.link_seconds", self.link_seconds, 10, 86_400),
            (
                "export.running_per_workspace",
                self.running_per_workspace,
                1,
                1_000,
            ),
            (
                "export.kept_per_workspace",
                self.kept_per_workspace,
                self.running_per_workspace,
                10_000,
            ),
        ] {
            problems.check_range(setting, value, least, most);
        }
    }
}
