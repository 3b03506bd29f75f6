//! What processes of this machine use, as the system counts it.

/// What all threads of one have used.
pub(crate) fn cpu_ms(pid: u32) -> f64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let used = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok());
    used.filter_map(|stat| stat.split(' ').next()?.parse::<f64>().ok()).sum::<f64>() / 1e6
}

/// What one holds now; none of a process that is gone.
pub(crate) fn memory_mb(pid: u32) -> Option<f64> {
    of_status(pid, "VmRSS:")
}

/// The most that one ever held.
pub(crate) fn peak_mb(pid: u32) -> Option<f64> {
    of_status(pid, "VmHWM:")
}

fn of_status(pid: u32, name: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
}
