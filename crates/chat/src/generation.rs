//! A stateless answer: nothing is stored, nobody can come back for it, and dropping it cancels the
//! model's call at once.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

use tidewire_domain::{
    EventKind, FinishReason, ModelError, ModelEvent, ModelRequest, RawEvent, TurnError,
    TurnFinished, Usage,
};
use tokio::time::Instant;

use crate::{
    CatalogueEntry, TurnLimits,
    cancellation::Cancellation,
    error::sentence,
    model_call::{CallStep, ModelCall},
};

/// How many bytes of text may gather before they are handed on, though more is waiting.
const BURST_BYTES: usize = 16 * 1024;

/// An answer on its way. Its last event is always `turn_finished`.
pub struct Generation {
    call: ModelCall,
    cancellation: Cancellation,
    pending: Option<Result<ModelEvent, ModelError>>,
    usage: Option<Usage>,
    asked_for_tools: bool,
    over: bool,
}

impl Generation {
    pub(crate) fn start(
        entry: &CatalogueEntry,
        request: ModelRequest,
        limits: &TurnLimits,
    ) -> Self {
        let deadline = Instant::now() + limits.max_duration;
        Self {
            call: ModelCall::start(
                Arc::clone(&entry.model),
                request,
                limits.max_silence,
                deadline,
            ),
            cancellation: Cancellation::default(),
            pending: None,
            usage: None,
            asked_for_tools: false,
            over: false,
        }
    }

    /// Waits until the model says its first word, so that a refusal before it can still be told by
    /// a status. The word itself comes again from [`Self::poll_events`].
    pub async fn first_word(&mut self) -> Result<(), ModelError> {
        let step = poll_fn(|cx| self.call.poll(&self.cancellation, cx)).await;
        match step {
            CallStep::Event(Ok(event)) => {
                self.pending = Some(Ok(event));
                Ok(())
            }
            CallStep::Event(Err(error)) => Err(error),
            CallStep::Ended => Err(ModelError::Cut),
            CallStep::DeadlinePassed | CallStep::Cancelled(_) => Err(ModelError::Timeout),
        }
    }

    /// Hands `each` all events that are waiting, up to a bound. `Ready(true)`: there may be more;
    /// `Ready(false)`: that was the end.
    pub fn poll_events(
        &mut self,
        cx: &mut Context<'_>,
        each: &mut dyn FnMut(RawEvent<'_>),
    ) -> Poll<bool> {
        if self.over {
            return Poll::Ready(false);
        }
        let mut gathered = 0;
        while gathered < BURST_BYTES {
            let step = match self.pending.take() {
                Some(event) => CallStep::Event(event),
                None => match self.call.poll(&self.cancellation, cx) {
                    Poll::Ready(step) => step,
                    // The next poll asks again, though the model will wake this task: whoever
                    // waits for something else in between uses that wake up.
                    Poll::Pending if gathered > 0 => return Poll::Ready(true),
                    Poll::Pending => return Poll::Pending,
                },
            };
            // What a frame costs on the wire, about.
            gathered += 128;
            if let Some(reason) = self.take(step, &mut gathered, each) {
                self.over = true;
                emit(
                    EventKind::TurnFinished,
                    &TurnFinished {
                        finish_reason: reason,
                    },
                    each,
                );
                return Poll::Ready(true);
            }
        }
        Poll::Ready(true)
    }

    fn take(
        &mut self,
        step: CallStep,
        gathered: &mut usize,
        each: &mut dyn FnMut(RawEvent<'_>),
    ) -> Option<FinishReason> {
        let mut text = |kind, payload: &str| {
            *gathered += payload.len();
            each(RawEvent { kind, payload });
        };
        match step {
            CallStep::Event(Ok(event)) => match event {
                ModelEvent::TextDelta(delta) => text(EventKind::TextDelta, &delta),
                ModelEvent::ReasoningDelta(delta) => text(EventKind::ReasoningDelta, &delta),
                ModelEvent::ReasoningSignature(seal) => {
                    text(EventKind::ReasoningSignature, &seal);
                }
                ModelEvent::ToolCall(call) => {
                    self.asked_for_tools = true;
                    emit(EventKind::ToolCall, &call, each);
                }
                ModelEvent::Citation(citation) => emit(EventKind::Citation, &citation, each),
                ModelEvent::Usage(usage) => self.usage = Some(usage),
                ModelEvent::Finished(reason) => {
                    if let Some(usage) = self.usage {
                        emit(EventKind::Usage, &usage, each);
                    }
                    return Some(if self.asked_for_tools && reason == FinishReason::Stop {
                        FinishReason::ToolCalls
                    } else {
                        reason
                    });
                }
            },
            CallStep::Event(Err(error)) => return Some(fail(&error, each)),
            CallStep::Ended => return Some(fail(&ModelError::Cut, each)),
            CallStep::DeadlinePassed => return Some(FinishReason::Timeout),
            CallStep::Cancelled(_) => return Some(FinishReason::Interrupted),
        }
        None
    }
}

fn fail(error: &ModelError, each: &mut dyn FnMut(RawEvent<'_>)) -> FinishReason {
    emit(EventKind::Error, &turn_error(error), each);
    FinishReason::Error
}

fn emit(kind: EventKind, payload: &impl serde::Serialize, each: &mut dyn FnMut(RawEvent<'_>)) {
    let json = serde_json::to_string(payload).expect("event payloads always serialise");
    each(RawEvent {
        kind,
        payload: &json,
    });
}

/// A model's failure as readers are told of it.
pub(crate) fn turn_error(error: &ModelError) -> TurnError {
    TurnError {
        code: error.code().into(),
        message: sentence(&error.to_string()),
        retryable: error.is_retryable(),
    }
}
