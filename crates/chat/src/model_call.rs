//! One call of a model, with its bounds: silence, the turn's deadline, cancellation.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tidewire_domain::{ChatModel, ModelError, ModelEvent, ModelRequest, ModelStream};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::cancellation::{Cancel, Cancellation};

/// What a running call brings.
pub(crate) enum CallStep {
    /// An event, or the call's failure.
    Event(Result<ModelEvent, ModelError>),
    /// The stream ended without saying so.
    Ended,
    /// Somebody cancelled.
    Cancelled(Cancel),
    /// The deadline passed.
    DeadlinePassed,
}

/// A model's answer on its way. Dropping it cancels the call at the provider.
pub(crate) struct ModelCall {
    state: CallState,
    max_silence: Duration,
    last_heard: Instant,
    deadline: Instant,
    /// One timer for both bounds: it is moved only when it fires, never with every token.
    alarm: Pin<Box<Sleep>>,
}

type Starting = Pin<Box<dyn Future<Output = Result<ModelStream, ModelError>> + Send>>;

enum CallState {
    Starting(Starting),
    Streaming(ModelStream),
}

impl ModelCall {
    pub(crate) fn start(
        model: std::sync::Arc<dyn ChatModel>,
        request: ModelRequest,
        max_silence: Duration,
        deadline: Instant,
    ) -> Self {
        let now = Instant::now();
        Self {
            state: CallState::Starting(Box::pin(async move { model.stream(request).await })),
            max_silence,
            last_heard: now,
            deadline,
            alarm: Box::pin(sleep_until(deadline.min(now + max_silence))),
        }
    }

    pub(crate) fn poll(
        &mut self,
        cancellation: &Cancellation,
        cx: &mut Context<'_>,
    ) -> Poll<CallStep> {
        if let Poll::Ready(reason) = cancellation.poll(cx) {
            return Poll::Ready(CallStep::Cancelled(reason));
        }
        if let CallState::Starting(starting) = &mut self.state {
            match starting.as_mut().poll(cx) {
                Poll::Ready(Ok(stream)) => self.state = CallState::Streaming(stream),
                Poll::Ready(Err(error)) => return Poll::Ready(CallStep::Event(Err(error))),
                Poll::Pending => {}
            }
        }
        if let CallState::Streaming(stream) = &mut self.state {
            match stream.as_mut().poll_next(cx) {
                Poll::Ready(Some(event)) => {
                    self.last_heard = Instant::now();
                    return Poll::Ready(CallStep::Event(event));
                }
                Poll::Ready(None) => return Poll::Ready(CallStep::Ended),
                Poll::Pending => {}
            }
        }
        self.poll_alarm(cx)
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<CallStep> {
        while self.alarm.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            let silent_until = self.last_heard + self.max_silence;
            if now >= self.deadline {
                return Poll::Ready(CallStep::DeadlinePassed);
            }
            if now >= silent_until {
                return Poll::Ready(CallStep::Event(Err(ModelError::Timeout)));
            }
            self.alarm.as_mut().reset(self.deadline.min(silent_until));
        }
        Poll::Pending
    }
}
