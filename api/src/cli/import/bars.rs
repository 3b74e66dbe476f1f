//! Progress as bars on a terminal, one for each resource.

use std::collections::HashMap;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::words;
use crate::app::{ImportStanding, ImportStatus, ResourceProgress};

/// The bars, and a line below them for the import as a whole.
pub(super) struct Bars {
    all: MultiProgress,
    resources: HashMap<String, ProgressBar>,
    whole: ProgressBar,
    bar: ProgressStyle,
    left_out: ProgressStyle,
}

impl Bars {
    /// Bars on standard output; fails where a template is wrong.
    pub(super) fn new() -> anyhow::Result<Self> {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stdout());
        let whole = ProgressBar::new(100).with_style(ProgressStyle::with_template("{wide_msg}")?);
        Ok(Self {
            whole: all.add(whole),
            all,
            resources: HashMap::new(),
            bar: ProgressStyle::with_template("{prefix:20} [{bar:24}] {percent:>3}%  {wide_msg}")?
                .progress_chars("=> "),
            left_out: ProgressStyle::with_template("{prefix:20} {wide_msg}")?,
        })
    }

    /// Draws how an import stands.
    pub(super) fn show(&mut self, standing: &ImportStanding) {
        let import = standing.progress.status;
        for resource in &standing.progress.resources {
            let bar = self.bar_of(resource);
            let status = words::resource_status(resource, import);
            if resource.status == ImportStatus::Canceled {
                bar.set_style(self.left_out.clone());
                let note = resource.note.as_deref().unwrap_or_default();
                bar.set_message(format!("{status}. {note}"));
            } else {
                bar.set_message(format!("{} objects, {status}", resource.imported_objects));
                bar.set_position(words::percent(resource.percent_complete));
            }
        }
        self.whole.set_message(words::summary(standing));
    }

    fn bar_of(&mut self, resource: &ResourceProgress) -> ProgressBar {
        let name = words::name(resource);
        let (all, whole, style) = (&self.all, &self.whole, &self.bar);
        let bar = self.resources.entry(name.clone()).or_insert_with(|| {
            let bar = ProgressBar::new(100).with_style(style.clone());
            all.insert_before(whole, bar).with_prefix(name)
        });
        bar.clone()
    }

    /// Says something above the bars.
    pub(super) fn say(&self, line: &str) {
        // A terminal that takes no line takes no bars either.
        let _ = self.all.println(line);
    }

    /// Leaves what is drawn where it is.
    pub(super) fn leave(&self) {
        for bar in self.resources.values() {
            bar.abandon();
        }
        self.whole.abandon();
        // The last bar ends without a line break.
        println!();
    }
}
