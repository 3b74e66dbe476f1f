//! How the runs of an account go.

/// What becomes of report runs, also of those that were asked for before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReportConduct {
    /// A run is pending when it is asked for, and has succeeded at the first look after that.
    #[default]
    Prompt,
    /// Runs stay pending.
    Held,
    /// Runs fail.
    Fails,
    /// No run is accepted: the span is said to be beyond what there is.
    Refused,
    /// In the files, every tenth line is broken.
    Malformed,
    /// The files have no column of this name.
    Without(&'static str),
    /// The files are said to be at this address.
    Elsewhere(String),
}
