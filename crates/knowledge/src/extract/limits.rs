//! The limits that the child sets itself.
//!
//! Nothing of this needs privileges, and none of it can be taken back. On systems other than Linux
//! there are no limits but those of the parent: the time on the clock and the length of the output.

use std::io;

use super::frame::ChildLimits;

/// Sets them.
#[cfg(target_os = "linux")]
pub(super) fn set(limits: ChildLimits) -> io::Result<()> {
    use rustix::process::{DumpableBehavior, Resource, set_dumpable_behavior};

    limit(Resource::As, limits.memory_bytes, limits.memory_bytes)?;
    // SIGXCPU at the first, which the parent understands; SIGKILL at the second.
    limit(Resource::Cpu, limits.cpu_seconds, limits.cpu_seconds + 1)?;
    limit(Resource::Core, 0, 0)?;
    limit(Resource::Fsize, 0, 0)?;
    // The pipes are open; nothing more can be: no file, no connection.
    limit(Resource::Nofile, 0, 0)?;
    // Nor another thread or process, unless root started us.
    limit(Resource::Nproc, 0, 0)?;
    // Other processes of the same user cannot look into it.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    rustix::thread::set_no_new_privs(true)?;
    Ok(())
}

/// Lowers a limit. One that is lower already stays.
#[cfg(target_os = "linux")]
fn limit(resource: rustix::process::Resource, soft: u64, hard: u64) -> io::Result<()> {
    use rustix::process::{Rlimit, getrlimit, setrlimit};

    let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let new = Rlimit {
        current: Some(soft.min(most)),
        maximum: Some(hard.min(most)),
    };
    Ok(setrlimit(resource, new)?)
}

/// There are none to set.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "as on Linux")]
pub(super) fn set(_: ChildLimits) -> io::Result<()> {
    Ok(())
}
