//! What the chunks of one answer amount to.

use std::collections::{HashSet, VecDeque};

use tidewire_domain::{FinishReason, ModelError, ModelEvent};

use super::{
    chunk::{Chunk, Delta, WireUsage},
    failure::Failure,
    tool_calls::ToolCalls,
};

/// The event after which nothing comes.
const DONE: &[u8] = b"[DONE]";

/// Turns chunks into events. Knows nothing of HTTP.
#[derive(Debug)]
pub(super) struct Answer {
    failure: Failure,
    events: VecDeque<ModelEvent>,
    calls: ToolCalls,
    /// The last usage that was handed on.
    usage: Option<WireUsage>,
    /// Why the model ended, once it said so. `Finished` waits for the usage, which comes later.
    finish_reason: Option<FinishReason>,
    finished: bool,
}

impl Answer {
    /// An answer that has not begun, in a conversation in which these ids of calls are taken.
    pub(super) fn new(used_call_ids: HashSet<String>, failure: Failure) -> Self {
        Self {
            failure,
            events: VecDeque::with_capacity(4),
            calls: ToolCalls::new(used_call_ids),
            usage: None,
            finish_reason: None,
            finished: false,
        }
    }

    /// The next event that is ready.
    pub(super) fn pop(&mut self) -> Option<ModelEvent> {
        self.events.pop_front()
    }

    /// Whether an event is ready.
    pub(super) fn has_event(&self) -> bool {
        !self.events.is_empty()
    }

    /// Whether `Finished` was made ready.
    pub(super) const fn is_finished(&self) -> bool {
        self.finished
    }

    /// Reads the data of one event.
    pub(super) fn read(&mut self, data: &[u8]) -> Result<(), ModelError> {
        if data.trim_ascii() == DONE {
            self.done();
            return Ok(());
        }
        let chunk: Chunk<'_> = serde_json::from_slice(data).map_err(|error| {
            ModelError::Protocol(format!("an event is not a chat completion chunk: {error}"))
        })?;
        let error = match (&chunk.error, &chunk.object) {
            (Some(error), _) => Some(error.clone()),
            (None, Some(object)) if object.as_str() == "error" => serde_json::from_slice(data).ok(),
            _ => None,
        };
        if let Some(error) = error {
            return Err(self.failure.of_event(&error));
        }
        for choice in chunk.choices.into_iter().flatten() {
            if let Some(delta) = choice.delta.or(choice.message) {
                self.read_delta(delta);
            }
            if let Some(reason) = choice.finish_reason {
                self.end(finish_reason(reason.as_str())?);
            }
        }
        if let Some(usage) = chunk.usage
            && self.usage != Some(usage)
        {
            self.usage = Some(usage);
            self.events.push_back(ModelEvent::Usage(usage.into()));
        }
        Ok(())
    }

    /// The stream is over. What was left without its empty line may still count; half a line does not.
    pub(super) fn close(&mut self, rest: Option<&[u8]>) -> Result<(), ModelError> {
        if let Some(rest) = rest
            && let Err(error) = self.read(rest)
            && !matches!(error, ModelError::Protocol(_))
        {
            return Err(error);
        }
        if !self.finished && self.finish_reason.is_none() {
            return Err(ModelError::Cut);
        }
        self.done();
        Ok(())
    }

    /// The connection broke: not a failure if the answer was whole.
    pub(super) fn cut(&mut self) -> Result<(), ModelError> {
        self.close(None)
    }

    fn read_delta(&mut self, delta: Delta<'_>) {
        let ready = &mut self.events;
        // Servers that send both send the same in both.
        let reasoning = delta.reasoning_content.or(delta.reasoning);
        if let Some(text) = reasoning.filter(|text| !text.is_empty()) {
            ready.push_back(ModelEvent::ReasoningDelta(text));
        }
        for text in [delta.content, delta.refusal].into_iter().flatten() {
            if !text.is_empty() {
                ready.push_back(ModelEvent::TextDelta(text));
            }
        }
        for piece in delta.tool_calls.into_iter().flatten() {
            self.calls.add(piece);
        }
    }

    /// The model ended: its calls are whole now.
    fn end(&mut self, reason: FinishReason) {
        if self.finish_reason.is_some() {
            return;
        }
        let cut_short = matches!(reason, FinishReason::Length | FinishReason::ContentFilter);
        let calls = self.calls.close(cut_short);
        // Not every server says `tool_calls` when it calls tools, nor calls tools when it says so.
        self.finish_reason = Some(match reason {
            FinishReason::Stop | FinishReason::ToolCalls if calls.is_empty() => FinishReason::Stop,
            FinishReason::Stop => FinishReason::ToolCalls,
            reason => reason,
        });
        self.events
            .extend(calls.into_iter().map(ModelEvent::ToolCall));
    }

    /// Nothing comes any more.
    fn done(&mut self) {
        self.end(FinishReason::Stop);
        if let Some(reason) = self.finish_reason
            && !self.finished
        {
            self.finished = true;
            self.events.push_back(ModelEvent::Finished(reason));
        }
    }
}

fn finish_reason(name: &str) -> Result<FinishReason, ModelError> {
    Ok(match name {
        "length" | "max_tokens" => FinishReason::Length,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "content_filter" => FinishReason::ContentFilter,
        "error" => {
            return Err(ModelError::Unavailable(
                "the provider ended the answer with an error that it does not name".into(),
            ));
        }
        // Whatever else servers call it (`eos`, `end_turn`, …), the model came to its end.
        _ => FinishReason::Stop,
    })
}
