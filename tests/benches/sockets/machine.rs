//! What the machine lets a process do, and what it has used.

use std::{fs, os::unix::process::CommandExt, process::Command};

use crate::arguments::Arguments;

/// Microseconds of a tick of `/proc/PID/stat`; Linux tells programs a hundred ticks a second on every architecture.
const TICK: u64 = 10_000;

/// Files beside sockets.
const OTHERS: usize = 200;

/// Whether so many sockets need more open files than a process may have for now.
pub(crate) fn needs_more_files(arguments: &Arguments) -> bool {
    let limits = fs::read_to_string("/proc/self/limits").expect("limits");
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    // What is no number is no limit.
    soft.is_some_and(|soft| soft < arguments.sockets + OTHERS) && !arguments.raised
}

/// Becomes the same process with the soft limit raised to the hard one.
pub(crate) fn again_with_more_files() -> ! {
    let program = std::env::current_exe().expect("the bench's own path");
    let script = r#"ulimit -Sn "$(ulimit -Hn)" && exec "$0" "$@""#;
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(program);
    command.args(std::env::args().skip(1)).arg("--raised");
    panic!(
        "the limit of open files cannot be raised: {}",
        command.exec()
    );
}

/// What this process has in memory, in bytes.
pub(crate) fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.expect("a size") * 1_024
}

/// Microseconds of processor time that this process has used, in itself and in the kernel.
pub(crate) fn cpu_micros() -> u64 {
    let line = fs::read_to_string("/proc/self/stat").expect("a standing");
    // The name of the program, in parentheses, may hold anything.
    let (_, rest) = line.rsplit_once(") ").expect("fields");
    let fields = rest.split(' ').skip(11).take(2);
    let ticks = fields.map(|field| field.parse::<u64>().expect("ticks"));
    ticks.sum::<u64>() * TICK
}
