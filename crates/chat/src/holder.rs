//! Who this process is to others that share its store, and whether another one still lives.

use std::{fs, process};

use tidewire_domain::Holder;
use uuid::Uuid;

/// This process as a holder of leases.
pub fn current_holder() -> Holder {
    let pid = process::id();
    Holder {
        id: Uuid::now_v7(),
        host: host(),
        pid,
        started: process_start(pid).unwrap_or(0),
    }
}

/// Whether the holder ran on this host and is gone from it. `false` where nobody can tell.
pub(crate) fn is_known_dead(holder: &Holder, here: &Holder) -> bool {
    here.started != 0
        && holder.host == here.host
        && process_start(holder.pid) != Some(holder.started)
}

/// Names the boot and the space of process ids: containers on one host have a space each, and pids
/// of one mean nothing in another.
fn host() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id");
    let pid_space = fs::read_link("/proc/self/ns/pid");
    match (boot, pid_space) {
        (Ok(boot), Ok(pid_space)) => format!("{} {}", boot.trim(), pid_space.display()),
        _ => Uuid::now_v7().to_string(),
    }
}

/// When a process started, in clock ticks after boot: field 22 of proc(5)'s `/proc/pid/stat`.
/// `None` where there is no such process, or it has ended and waits for its parent.
fn process_start(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the command's name in parentheses; it may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_not_dead_and_a_reused_pid_is() {
        let here = current_holder();
        assert!(!is_known_dead(&here, &here));
        let before = Holder {
            started: here.started + 1,
            ..here.clone()
        };
        assert!(is_known_dead(&before, &here));
    }

    #[test]
    fn a_process_elsewhere_is_never_known_to_be_dead() {
        let here = current_holder();
        let there = Holder {
            host: "elsewhere".into(),
            started: 1,
            ..here.clone()
        };
        assert!(!is_known_dead(&there, &here));
    }

    #[test]
    fn an_ended_child_is_dead() {
        let here = current_holder();
        let mut child = process::Command::new("true").spawn().unwrap();
        let ended = Holder {
            pid: child.id(),
            started: process_start(child.id()).unwrap_or(1),
            ..here.clone()
        };
        child.wait().unwrap();
        assert!(is_known_dead(&ended, &here));
    }
}
