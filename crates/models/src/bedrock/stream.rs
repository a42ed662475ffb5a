//! The answer as a stream.

use aws_sdk_bedrockruntime::{
    primitives::event_stream::EventReceiver,
    types::{ConverseStreamOutput, error::ConverseStreamOutputError},
};
use futures_util::stream;
use tidewire_domain::{ModelError, ModelEvent, ModelStream};

use super::{answer::Answer, failure::Failure};

type Receiver = EventReceiver<ConverseStreamOutput, ConverseStreamOutputError>;

/// Reads the events as they are asked for: nothing runs beside it, and dropping it closes the
/// connection.
struct AnswerReader {
    receiver: Receiver,
    answer: Answer,
    failure: Failure,
    over: bool,
}

/// The answer that comes from `receiver`, once its first piece is there: failures before it are
/// failures of the call.
pub(super) async fn answer_stream(
    receiver: Receiver,
    failure: Failure,
) -> Result<ModelStream, ModelError> {
    // On the heap, so that handing it from event to event moves a pointer.
    let mut reader = Box::new(AnswerReader {
        receiver,
        answer: Answer::default(),
        failure,
        over: false,
    });
    if let Some(first) = reader.next().await {
        reader.answer.push_front(first?);
    }
    Ok(Box::pin(stream::unfold(reader, |mut reader| async move {
        let item = reader.next().await?;
        Some((item, reader))
    })))
}

impl AnswerReader {
    async fn next(&mut self) -> Option<Result<ModelEvent, ModelError>> {
        loop {
            if let Some(event) = self.answer.pop() {
                return Some(Ok(event));
            }
            if self.over {
                return None;
            }
            if let Err(error) = self.fill().await {
                self.over = true;
                return Some(Err(error));
            }
        }
    }

    async fn fill(&mut self) -> Result<(), ModelError> {
        match self.receiver.recv().await {
            Ok(Some(event)) => self.answer.read(event),
            Ok(None) => {
                self.over = true;
                self.answer.close()
            }
            Err(error) => {
                self.over = true;
                let error = self.failure.of_stream(&error);
                match error {
                    ModelError::Cut => self.answer.close(),
                    error => Err(error),
                }
            }
        }
    }
}
