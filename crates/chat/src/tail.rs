//! Readers of a turn's log: from memory where this process produces the turn, else from the store.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tidewire_domain::{
    EVENT_LOG_FORMAT, EventPage, FinishReason, PrincipalId, RawEvent, RawEvents, StoreError,
    TurnId, TurnState,
};

use crate::{
    ChatError,
    engine::Shared,
    log::{LogPhase, TurnLog},
    store_tail::read_page,
};

/// What a reader is handed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TailItem<'a> {
    /// An event of the log.
    Event {
        /// Its number, from 1.
        seq: u64,
        /// The event.
        event: RawEvent<'a>,
    },
    /// The reader was ahead of a log that has ended: it follows from 1.
    Reset,
}

/// Whether there may be more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TailStep {
    /// Ask again.
    More,
    /// The log has ended, and the reader has all of it.
    Ended,
}

/// A reader of one turn's log.
pub struct Tail {
    shared: Arc<Shared>,
    principal: PrincipalId,
    turn_id: TurnId,
    /// Events up to this one are not handed out.
    after: u64,
    /// The last event that was walked over.
    seq: u64,
    source: Source,
}

enum Source {
    Memory { log: Arc<TurnLog>, offset: usize },
    Store(Option<PageFuture>),
}

type PageFuture = Pin<Box<dyn Future<Output = Result<EventPage, StoreError>> + Send>>;

impl Tail {
    pub(crate) fn new(
        shared: Arc<Shared>,
        principal: PrincipalId,
        turn_id: TurnId,
        after: u64,
    ) -> Self {
        let source = match shared.flusher.find(turn_id) {
            Some(log) => Source::Memory { log, offset: 0 },
            None => Source::Store(None),
        };
        Self {
            shared,
            principal,
            turn_id,
            after,
            seq: 0,
            source,
        }
    }

    /// The turn that is read.
    pub const fn turn_id(&self) -> TurnId {
        self.turn_id
    }

    /// Hands `each` what is there, up to a bound; waits where there is nothing yet.
    pub fn poll_items(
        &mut self,
        cx: &mut Context<'_>,
        each: &mut dyn FnMut(TailItem<'_>),
    ) -> Poll<Result<TailStep, ChatError>> {
        loop {
            let walked = match &mut self.source {
                Source::Memory { log, offset } => {
                    let (seq, after) = (&mut self.seq, self.after);
                    let phase = ready!(log.poll_read(offset, cx, &mut |event| {
                        hand_out(seq, after, event, each);
                    }));
                    match phase {
                        LogPhase::Lost => {
                            // What was handed out from memory may never have been stored.
                            self.after = self.after.max(self.seq);
                            self.seq = 0;
                            self.source = Source::Store(None);
                            continue;
                        }
                        LogPhase::Ended => None,
                        LogPhase::Open | LogPhase::Sealed => Some(()),
                    }
                }
                Source::Store(page) => {
                    let page = page.get_or_insert_with(|| {
                        let after = if self.seq == 0 { self.after } else { self.seq };
                        Box::pin(read_page(
                            Arc::clone(&self.shared),
                            self.principal.clone(),
                            self.turn_id,
                            after,
                        ))
                    });
                    let page = ready!(page.as_mut().poll(cx));
                    self.source = Source::Store(None);
                    let page = page.map_err(ChatError::from)?;
                    self.walk_page(&page, each)?
                }
            };
            if walked.is_some() {
                return Poll::Ready(Ok(TailStep::More));
            }
            if self.seq >= self.after {
                return Poll::Ready(Ok(TailStep::Ended));
            }
            each(TailItem::Reset);
            self.after = 0;
            self.seq = 0;
            if let Source::Memory { offset, .. } = &mut self.source {
                *offset = 0;
            }
            // Not round again: where the store is asked next, that is pending, and what was handed
            // out before a pending poll is lost.
            return Poll::Ready(Ok(TailStep::More));
        }
    }

    /// `None` if the log has ended and nothing of it is left.
    fn walk_page(
        &mut self,
        page: &EventPage,
        each: &mut dyn FnMut(TailItem<'_>),
    ) -> Result<Option<()>, ChatError> {
        for batch in &page.batches {
            if batch.format != EVENT_LOG_FORMAT {
                let found = format!("an event log of format {}", batch.format);
                return Err(ChatError::Store(StoreError::Corrupt(found)));
            }
            self.seq = batch.first_seq - 1;
            for event in RawEvents::new(&batch.body) {
                let event = event
                    .map_err(|error| ChatError::Store(StoreError::Corrupt(error.to_string())))?;
                hand_out(&mut self.seq, self.after, event, each);
            }
        }
        if page.batches.is_empty()
            && let TurnState::Finished(reason) = page.turn.state
        {
            // Where a producer died, the end has a number that an event may have had which was
            // handed out and never stored: a reader that comes with it may not know of the end.
            let knows_no_end =
                reason == FinishReason::Interrupted && self.after == page.turn.last_seq;
            self.seq = if knows_no_end { 0 } else { page.turn.last_seq };
            return Ok(None);
        }
        Ok(Some(()))
    }
}

fn hand_out(seq: &mut u64, after: u64, event: RawEvent<'_>, each: &mut dyn FnMut(TailItem<'_>)) {
    *seq += 1;
    if *seq > after {
        each(TailItem::Event { seq: *seq, event });
    }
}
