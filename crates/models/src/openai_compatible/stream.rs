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
    /// Why it failed, until what came before that was taken.
    error: Option<ModelError>,
}

impl AnswerStream {
    /// The answer that comes in `body`.
    pub(super) fn new(body: Body, answer: Answer) -> Self {
        Self {
            body,
            decoder: SseDecoder::default(),
            answer,
            over: false,
            error: None,
        }
    }

    /// Waits for the first event, which stays in the stream, so that failures before it are known.
    pub(super) async fn begin(&mut self) -> Result<(), ModelError> {
        poll_fn(|context| self.poll_fill(context)).await
    }

    /// Reads until an event is ready or the answer is over.
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ModelError>> {
        while !self.over && !self.answer.has_event() {
            if let Err(error) = ready!(self.poll_read(context)) {
                self.over = true;
                self.error = Some(error);
            }
        }
        // One chunk can hold a text and the failure after it.
        let error = self.error.take_if(|_| !self.answer.has_event());
        Poll::Ready(error.map_or(Ok(()), Err))
    }

    /// Reads one event, or more of the body.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ModelError>> {
        if let Some(data) = self.decoder.next_data()? {
            self.answer.read(data)?;
            self.over = self.answer.is_finished();
            return Poll::Ready(Ok(()));
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
            Err(error) => Some(Err(error)),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use futures_util::{FutureExt, StreamExt, stream};

    use super::*;
    use crate::openai_compatible::failure::Failure;

    fn read(body: &'static str) -> Vec<Result<ModelEvent, ModelError>> {
        let body = stream::iter([Ok(Bytes::from_static(body.as_bytes()))]);
        let answer = Answer::new(HashSet::new(), Failure::new("http://127.0.0.1", None));
        let stream = AnswerStream::new(Box::pin(body), answer);
        stream.collect().now_or_never().expect("the body is there")
    }

    #[test]
    fn what_came_before_a_failure_comes_out_before_it() {
        let text = Ok(ModelEvent::TextDelta("a".into()));
        let cut = read(r#"data: {"choices":[{"delta":{"content":"a"}}]}"#);
        assert_eq!(cut, [text.clone(), Err(ModelError::Cut)]);
        let failed = read(
            "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"error\"}]}\n\n",
        );
        assert_eq!(failed.len(), 2);
        assert_eq!(failed[0], text);
        assert!(matches!(failed[1], Err(ModelError::Unavailable(_))));
    }
}
