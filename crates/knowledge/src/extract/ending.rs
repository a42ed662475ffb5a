//! How a child ends, and what that means.

use std::process::ExitStatus;

use tokio::process::Child;

use super::{ExtractError, Limits};

/// The processes of a child. They are killed when it is dropped.
pub(super) struct Group(Option<u32>);

impl Group {
    pub(super) fn of(child: &Child) -> Self {
        Self(child.id())
    }

    /// Kills them.
    pub(super) fn kill(&self) {
        #[cfg(unix)]
        if let Some(group) = self.0
            && let Some(group) = i32::try_from(group)
                .ok()
                .and_then(rustix::process::Pid::from_raw)
        {
            // It may be gone already.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }

    /// Leaves them alone: their number may be another's from now on.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Why a child that was ready ended without a last word.
pub(super) fn error_of(status: ExitStatus, complaint: &str, limits: &Limits) -> ExtractError {
    if is_out_of_time(status) {
        return too_long();
    }
    // What Rust says before it aborts.
    if complaint.starts_with("memory allocation of") {
        return ExtractError::TooLarge(format!(
            "Reading the document takes more than {} MB of memory. Split it, or save it in another \
             format, and upload that.",
            limits.memory_bytes >> 20
        ));
    }
    ExtractError::Crashed {
        detail: format!("the child ended with {status}: {complaint}"),
    }
}

/// A document with more text than is allowed.
pub(super) fn too_much_text(limits: &Limits) -> ExtractError {
    ExtractError::TooLarge(format!(
        "The document holds more than {} MB of text. Split it, and upload the parts.",
        limits.output_bytes >> 20
    ))
}

/// A document that takes more time than is allowed.
pub(super) fn too_long() -> ExtractError {
    ExtractError::TooLong(
        "Reading the document takes too long. Split it, or save it in another format, and upload that."
            .into(),
    )
}

/// A child that writes what is no frame: before it was ready it is no child of ours.
pub(super) fn garbage(was_ready: bool) -> ExtractError {
    let detail = "the child wrote what is no frame";
    if was_ready {
        ExtractError::Crashed {
            detail: detail.into(),
        }
    } else {
        ExtractError::Unavailable(detail.into())
    }
}

#[cfg(unix)]
fn is_out_of_time(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;

    status.signal() == Some(rustix::process::Signal::XCPU.as_raw())
}

#[cfg(not(unix))]
fn is_out_of_time(_: ExitStatus) -> bool {
    false
}
