//! Processor time, as Linux counts it.

use std::{fs, time::Duration};

/// What a tick of `/proc` is, in milliseconds; Linux tells programs a hundred ticks a second on every architecture.
const TICK: u64 = 10;

/// What this process has used so far, threads that have ended included.
pub(crate) fn of_process() -> Duration {
    let line = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in parentheses, may hold anything. Of man page proc_pid_stat the fields 14 and 15.
    let fields = line
        .rsplit_once(") ")
        .map_or("", |(_, rest)| rest)
        .split(' ');
    let ticks: u64 = fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(TICK * ticks)
}

/// What this thread has used so far.
pub(crate) fn of_thread() -> Duration {
    let line = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = line.split(' ').next().and_then(|field| field.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

/// What all processes have used so far, interrupts included.
pub(crate) fn of_machine() -> Duration {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    // Of man page proc_stat: user, nice, system, idle, iowait, irq and softirq.
    let fields: Vec<u64> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .map(|field| field.parse().unwrap_or_default())
        .collect();
    let busy = [0, 1, 2, 5, 6].map(|at| fields.get(at).copied().unwrap_or_default());
    Duration::from_millis(TICK * busy.iter().sum::<u64>())
}
