//! Live events: what was received, and what may be missing.

mod recover;
