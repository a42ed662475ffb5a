//! How a producer is told to end before its model does.

use std::{
    sync::atomic::{AtomicU8, Ordering},
    task::{Context, Poll},
};

use futures_util::task::AtomicWaker;

/// Why a producer must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cancel {
    /// Somebody pressed Stop.
    Stopped,
    /// The process is going down.
    ShuttingDown,
    /// Another holder has the lease: nothing more may be written.
    LeaseLost,
    /// The store takes nothing more.
    StoreFailed,
}

/// A flag that one producer waits on. The first reason counts, save that a lost lease overrules.
#[derive(Debug, Default)]
pub(crate) struct Cancellation {
    reason: AtomicU8,
    waker: AtomicWaker,
}

impl Cancellation {
    pub(crate) fn cancel(&self, reason: Cancel) {
        let number = match reason {
            Cancel::Stopped => 1,
            Cancel::ShuttingDown => 2,
            Cancel::LeaseLost => 3,
            Cancel::StoreFailed => 4,
        };
        if reason == Cancel::LeaseLost {
            self.reason.store(number, Ordering::Release);
        } else {
            let _ = self
                .reason
                .compare_exchange(0, number, Ordering::AcqRel, Ordering::Acquire);
        }
        self.waker.wake();
    }

    pub(crate) fn reason(&self) -> Option<Cancel> {
        match self.reason.load(Ordering::Acquire) {
            1 => Some(Cancel::Stopped),
            2 => Some(Cancel::ShuttingDown),
            3 => Some(Cancel::LeaseLost),
            4 => Some(Cancel::StoreFailed),
            _ => None,
        }
    }

    /// Ready once somebody cancelled. Wakes the task that polled last.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Cancel> {
        if let Some(reason) = self.reason() {
            return Poll::Ready(reason);
        }
        self.waker.register(cx.waker());
        // A cancel between the look and the registration must not be missed.
        self.reason().map_or(Poll::Pending, Poll::Ready)
    }
}
