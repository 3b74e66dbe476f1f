//! `inlet doctor`

use anyhow::bail;

use crate::{
    app::{self, Machine},
    config::Config,
};

pub(super) async fn run(config: &Config) -> anyhow::Result<()> {
    let findings = app::doctor(config, &Machine::default()).await;
    for finding in &findings {
        println!(
            "{}  {}",
            if finding.ok { "ok    " } else { "failed" },
            finding.text
        );
    }
    match findings.iter().filter(|finding| !finding.ok).count() {
        0 => Ok(()),
        failed => bail!("{failed} of {} checks failed", findings.len()),
    }
}
