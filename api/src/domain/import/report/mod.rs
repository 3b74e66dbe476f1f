//! Financial reports: which one to run, what its lines say, and how far a run is. A report of the ledger fills fees in
//! where the lists have none, and checks those that are known. The run itself is `crate::import`'s.

mod choice;
mod kept;
mod line;
mod state;
pub mod words;

pub use choice::{Choice, NoChoice, choose};
pub use kept::{run_rows, type_rows};
pub use line::{MalformedLine, ReportColumns};
pub use state::{AskedRun, ReportState};
