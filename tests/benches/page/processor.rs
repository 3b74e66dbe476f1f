//! Processor time, as Linux counts it.

use std::{fs, time::Duration};

/// What a tick of `/proc/PID/stat` is; Linux tells programs a hundred ticks a second on every architecture.
const TICK: Duration = Duration::from_millis(10);

/// What this process has used so far, threads that have ended included.
pub(crate) fn of_process() -> Duration {
    let line = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in parentheses, may hold anything. Of man page proc_pid_stat the fields 14 and 15.
    let fields = line
        .rsplit_once(") ")
        .map_or("", |(_, rest)| rest)
        .split(' ');
    let ticks: u32 = fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u32>().ok())
        .sum();
    TICK * ticks
}

/// What this thread has used so far.
pub(crate) fn of_thread() -> Duration {
    let line = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = line.split(' ').next().and_then(|field| field.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}
