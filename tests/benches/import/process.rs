//! What processes used, as Linux counts it.

use std::{collections::HashMap, fs};

/// Microseconds of a tick of `/proc/PID/stat`; Linux tells programs a hundred ticks a second on every architecture.
const TICK: u64 = 10_000;

/// A line of the list of processes.
struct Standing {
    parent: u32,
    ticks: u64,
}

/// Microseconds of processor time that a process and its descendants have used so far, those that ended included.
pub(crate) fn cpu_micros(root: u32) -> u64 {
    let all: HashMap<u32, Standing> = processes().collect();
    let is_within = |mut id: u32| {
        while id != root {
            match all.get(&id) {
                Some(standing) if standing.parent != id => id = standing.parent,
                _ => return false,
            }
        }
        true
    };
    let ticks = all.iter().filter(|(id, _)| is_within(**id));
    ticks.map(|(_, standing)| standing.ticks * TICK).sum()
}

/// The most memory that a process has had so far, in bytes.
pub(crate) fn peak_memory(id: u32) -> u64 {
    memory(id, "VmHWM:")
}

/// The memory that a process has, in bytes.
pub(crate) fn memory_now(id: u32) -> u64 {
    memory(id, "VmRSS:")
}

/// The parent of a process.
pub(crate) fn parent(id: u32) -> Option<u32> {
    standing(id).map(|standing| standing.parent)
}

fn memory(id: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or_default() * 1_024
}

fn processes() -> impl Iterator<Item = (u32, Standing)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter_map(|id| Some((id, standing(id)?)))
}

/// None where the process has ended.
fn standing(id: u32) -> Option<Standing> {
    let line = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name of the program, in parentheses, may hold anything.
    let (_, rest) = line.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    // Of man page proc_pid_stat the fields 4 and 14 to 17, the first here being the third there.
    let ticks = fields.get(11..15)?.iter();
    Some(Standing {
        parent: fields.get(1)?.parse().ok()?,
        ticks: ticks.filter_map(|field| field.parse::<u64>().ok()).sum(),
    })
}
