//! What the process tells of itself: log lines on standard error, and metrics for Prometheus.

use std::io::{self, IsTerminal};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use thiserror::Error;
use tracing::Metadata;
use tracing_subscriber::{
    EnvFilter,
    filter::{ParseError, filter_fn},
    layer::SubscriberExt,
    util::SubscriberInitExt,
    util::TryInitError,
};

/// Bounds of the histograms of durations, in seconds: from a cached answer to a slow call of Stripe's.
const SECONDS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// How a log line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLine {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Why telemetry cannot be set up.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// The filter is not a list of `target=level`.
    #[error("the log filter is not a list of target=level")]
    Filter(#[from] ParseError),
    /// Another part of the process logs already.
    #[error("logging is already set up")]
    Logs(#[from] TryInitError),
    /// Another part of the process measures already, or the bounds are wrong.
    #[error("metrics cannot be set up")]
    Metrics(#[from] BuildError),
}

/// Whether a line may be logged, whatever the filter says: this library logs whole messages of sockets, the first of which
/// holds a token.
fn is_discreet(line: &Metadata<'_>) -> bool {
    !line.target().starts_with("tungstenite")
}

/// Logs to standard error from here on.
pub fn log_to_stderr(line: LogLine, filter: &str) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(filter)?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    let registry = tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(is_discreet));
    match line {
        LogLine::Text => registry.with(lines).try_init()?,
        // The current span is the last of the list.
        LogLine::Json => registry
            .with(lines.json().flatten_event(true).with_current_span(false))
            .try_init()?,
    }
    Ok(())
}

/// The metrics of this process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Collects every metric of the process from here on.
    pub fn install() -> Result<Self, TelemetryError> {
        Ok(Self(builder()?.install_recorder()?))
    }

    /// The metrics as Prometheus reads them.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Moves what was measured into the histograms; a long-running process does this every few seconds.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    let durations = Matcher::Suffix("_seconds".to_owned());
    PrometheusBuilder::new().set_buckets_for_metric(durations, &SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_filter_is_told() {
        let refused = log_to_stderr(LogLine::Text, "inlet=loud").unwrap_err();

        assert!(matches!(refused, TelemetryError::Filter(_)));
    }

    #[test]
    fn durations_are_rendered_as_histograms() {
        let recorder = builder().unwrap().build_recorder();
        let metrics = Metrics(recorder.handle());

        metrics::with_local_recorder(&recorder, || {
            metrics::counter!("inlet_import_pages_total").increment(2);
            metrics::histogram!("inlet_stripe_request_seconds").record(0.02);
        });

        let text = metrics.render();
        assert!(text.contains("inlet_import_pages_total 2"));
        assert!(text.contains("inlet_stripe_request_seconds_bucket{le=\"0.025\"} 1"));
    }
}
