//! The answer as a stream.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::Stream;
use tidewire_domain::{ModelError, ModelEvent};

use super::{answer::Answer, sse::SseDecoder};

/// The body of a response.
pub(super) type Body = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>;

/// Reads a body as it is asked for: nothing runs beside it, and dropping it closes the connection.
pub(super) struct AnswerStream {
    body: Body,
    decoder: SseDecoder,
    answer: Answer,
    over: bool,
}

impl AnswerStream {
    /// The answer that comes in `body`.
    pub(super) fn new(body: Body, answer: Answer) -> Self {
        Self {
            body,
            decoder: SseDecoder::default(),
            answer,
            over: false,
        }
    }

    /// Waits for the first event, which stays in the stream, so that failures before it are known.
    pub(super) async fn begin(&mut self) -> Result<(), ModelError> {
        poll_fn(|context| self.poll_fill(context)).await
    }

    /// Reads until an event is ready or the answer is over.
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ModelError>> {
        while !self.over && !self.answer.has_event() {
            if let Some(data) = self.decoder.next_data()? {
                self.answer.read(data)?;
                self.over = self.answer.is_finished();
                continue;
            }
            match ready!(self.body.as_mut().poll_next(context)) {
                Some(Ok(bytes)) => self.decoder.push(&bytes),
                Some(Err(_)) => {
                    self.over = true;
                    self.answer.cut()?;
                }
                None => {
                    self.over = true;
                    self.answer.close(self.decoder.end())?;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Stream for AnswerStream {
    type Item = Result<ModelEvent, ModelError>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<ModelEvent, ModelError>>> {
        Poll::Ready(match ready!(self.poll_fill(context)) {
            Ok(()) => self.answer.pop().map(Ok),
            Err(error) => {
                self.over = true;
                Some(Err(error))
            }
        })
    }
}
