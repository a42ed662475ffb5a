//! The log of a turn that this process produces: written by one producer, read by any number of
//! tails, copied to the store by the flusher.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use tidewire_domain::{
    EVENT_LOG_FORMAT, EventBatch, RawEvent, RawEvents, TurnEvent, TurnKey, encode_event,
};

use crate::cancellation::Cancellation;

/// What one poll hands to a reader at most, so that a reader far behind does not keep the
/// producer from its log.
const READ_BYTES: usize = 64 * 1024;

/// When events must be in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// With the next batch.
    Soon,
    /// At once.
    Now,
}

/// Where readers stand with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogPhase {
    /// The producer writes.
    Open,
    /// The last event is written and waits for the store; readers do not see it yet.
    Sealed,
    /// Readers may see all of it, and nothing more comes.
    Ended,
    /// Another holder writes the rest: read it from the store.
    Lost,
}

pub(crate) struct TurnLog {
    pub(crate) key: TurnKey,
    pub(crate) epoch: u64,
    pub(crate) cancellation: Cancellation,
    flush_bytes: usize,
    state: Mutex<LogState>,
}

struct LogState {
    bytes: Vec<u8>,
    last_seq: u64,
    /// How far readers may read.
    visible_bytes: usize,
    stored_bytes: usize,
    stored_seq: u64,
    /// Up to where the batch goes that is on its way to the store.
    in_flight: Option<(usize, u64)>,
    /// What the flusher was told since it took the last batch.
    queued: Option<Urgency>,
    stored_since_renewal: bool,
    phase: LogPhase,
    readers: Vec<Waker>,
    sealer: Option<Waker>,
}

impl TurnLog {
    pub(crate) fn new(key: TurnKey, epoch: u64, flush_bytes: usize) -> Self {
        Self {
            key,
            epoch,
            cancellation: Cancellation::default(),
            flush_bytes,
            state: Mutex::new(LogState {
                bytes: Vec::new(),
                last_seq: 0,
                visible_bytes: 0,
                stored_bytes: 0,
                stored_seq: 0,
                in_flight: None,
                queued: None,
                stored_since_renewal: true,
                phase: LogPhase::Open,
                readers: Vec::new(),
                sealer: None,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, LogState> {
        // Nothing in here panics half way; a poisoned log is as good as any.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends an event for readers to see at once. Says when the flusher must come, unless it
    /// knows already.
    pub(crate) fn append(&self, event: &TurnEvent) -> Option<Urgency> {
        let mut state = self.state();
        if state.phase != LogPhase::Open {
            return None;
        }
        encode_event(event, &mut state.bytes);
        state.last_seq += 1;
        state.visible_bytes = state.bytes.len();
        let unstored = state.bytes.len() - state.stored_bytes;
        let urgency = if !event.kind().is_delta() || unstored >= self.flush_bytes {
            Urgency::Now
        } else {
            Urgency::Soon
        };
        let news = state.queued < Some(urgency);
        if news {
            state.queued = Some(urgency);
        }
        let readers = std::mem::take(&mut state.readers);
        drop(state);
        readers.into_iter().for_each(Waker::wake);
        news.then_some(urgency)
    }

    /// The events that are neither stored nor on their way. They are on their way now.
    pub(crate) fn take_batch(&self) -> Option<EventBatch> {
        let mut state = self.state();
        if state.phase != LogPhase::Open || state.in_flight.is_some() {
            return None;
        }
        let batch = state.unstored()?;
        state.in_flight = Some((state.bytes.len(), state.last_seq));
        state.queued = None;
        Some(batch)
    }

    /// The batch on its way has arrived, or has not.
    pub(crate) fn settle_batch(&self, stored: bool) {
        let mut state = self.state();
        if let Some((bytes, seq)) = state.in_flight.take()
            && stored
        {
            state.stored_bytes = bytes;
            state.stored_seq = seq;
            state.stored_since_renewal = true;
        }
        let sealer = state.sealer.take();
        drop(state);
        sealer.into_iter().for_each(Waker::wake);
    }

    /// Whether nothing was stored since this was asked last, so that the lease wants renewing.
    pub(crate) fn take_silence(&self) -> bool {
        !std::mem::take(&mut self.state().stored_since_renewal)
    }

    /// Appends the last events, hidden until [`Self::end`]. Ready with all that is not stored yet
    /// once no batch is on its way.
    pub(crate) fn poll_seal(&self, last: &TurnEvent, cx: &Context<'_>) -> Poll<EventBatch> {
        let mut state = self.state();
        if state.phase == LogPhase::Open {
            state.phase = LogPhase::Sealed;
            encode_event(last, &mut state.bytes);
            state.last_seq += 1;
        }
        if state.in_flight.is_some() {
            state.sealer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(state.unstored().expect("the last event is not stored"))
    }

    /// Shows readers the end.
    pub(crate) fn end(&self) {
        self.close(LogPhase::Ended);
    }

    /// Ends a log whose sealed end the store did not take: readers see `last` instead of it.
    pub(crate) fn end_unstored(&self, last: &[TurnEvent]) {
        {
            let mut state = self.state();
            let visible_bytes = state.visible_bytes;
            state.bytes.truncate(visible_bytes);
            state.last_seq -= 1;
            for event in last {
                encode_event(event, &mut state.bytes);
                state.last_seq += 1;
            }
        }
        self.close(LogPhase::Ended);
    }

    /// Sends readers to the store.
    pub(crate) fn lose(&self) {
        self.close(LogPhase::Lost);
    }

    fn close(&self, phase: LogPhase) {
        let mut state = self.state();
        state.phase = phase;
        if phase == LogPhase::Ended {
            state.visible_bytes = state.bytes.len();
        }
        let readers = std::mem::take(&mut state.readers);
        drop(state);
        readers.into_iter().for_each(Waker::wake);
    }

    /// All events, parsed.
    pub(crate) fn events(&self) -> Vec<TurnEvent> {
        let bytes = self.state().bytes.clone();
        RawEvents::new(&bytes)
            .filter_map(|raw| raw.ok()?.parse().ok())
            .collect()
    }

    /// Hands `each` what stands behind `offset` and moves it. `Ready` with the phase if there was
    /// something, or if nothing more will come.
    pub(crate) fn poll_read(
        &self,
        offset: &mut usize,
        cx: &Context<'_>,
        each: &mut dyn FnMut(RawEvent<'_>),
    ) -> Poll<LogPhase> {
        let mut state = self.state();
        let visible = &state.bytes[*offset..state.visible_bytes];
        if visible.is_empty() {
            if matches!(state.phase, LogPhase::Ended | LogPhase::Lost) {
                return Poll::Ready(state.phase);
            }
            if !state
                .readers
                .iter()
                .any(|reader| reader.will_wake(cx.waker()))
            {
                state.readers.push(cx.waker().clone());
            }
            return Poll::Pending;
        }
        let mut events = RawEvents::new(visible);
        while visible.len() - events.rest().len() < READ_BYTES {
            match events.next() {
                Some(Ok(event)) => each(event),
                Some(Err(_)) | None => break,
            }
        }
        *offset += visible.len() - events.rest().len();
        Poll::Ready(LogPhase::Open)
    }
}

impl LogState {
    fn unstored(&self) -> Option<EventBatch> {
        (self.last_seq > self.stored_seq).then(|| EventBatch {
            first_seq: self.stored_seq + 1,
            last_seq: self.last_seq,
            format: EVENT_LOG_FORMAT,
            body: Bytes::copy_from_slice(&self.bytes[self.stored_bytes..]),
        })
    }
}
