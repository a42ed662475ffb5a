//! What the events of one answer amount to.

use std::collections::VecDeque;

use aws_sdk_bedrockruntime::types::{
    ContentBlockDelta, ContentBlockStart, ConverseStreamOutput, ReasoningContentBlockDelta,
    StopReason, TokenUsage, ToolUseBlockStart,
};
use tidewire_domain::{FinishReason, ModelError, ModelEvent, ToolCall, Usage};

use super::message::redacted_seal;
use crate::tool_arguments::parse_arguments;

/// Turns Bedrock's events into ours. Knows nothing of the network.
#[derive(Debug, Default)]
pub(super) struct Answer {
    events: VecDeque<ModelEvent>,
    blocks: Vec<Block>,
    /// Calls whose arguments are no object: malformed, or cut off by the longest answer, which is
    /// known when the reason comes.
    doubtful: Vec<ToolCall>,
    calls: usize,
    /// Why the model ended, once it said so. `Finished` waits for the usage, which comes later.
    finish_reason: Option<FinishReason>,
    finished: bool,
}

/// A block of which something has to be put together.
#[derive(Debug)]
struct Block {
    index: i32,
    tool_use: Option<ToolUseBlockStart>,
    /// The tool's arguments, or the seal of a thought.
    text: String,
    redacted: Vec<u8>,
}

impl Answer {
    /// The next event that is ready.
    pub(super) fn pop(&mut self) -> Option<ModelEvent> {
        self.events.pop_front()
    }

    /// Puts an event back before the others.
    pub(super) fn push_front(&mut self, event: ModelEvent) {
        self.events.push_front(event);
    }

    /// Reads the next event.
    pub(super) fn read(&mut self, event: ConverseStreamOutput) -> Result<(), ModelError> {
        match event {
            ConverseStreamOutput::ContentBlockDelta(event) => match event.delta {
                Some(ContentBlockDelta::Text(text)) if !text.is_empty() => {
                    self.events.push_back(ModelEvent::TextDelta(text));
                }
                Some(ContentBlockDelta::ToolUse(delta)) => {
                    let block = self.block(event.content_block_index);
                    block.text.push_str(&delta.input);
                }
                Some(ContentBlockDelta::ReasoningContent(delta)) => {
                    self.read_reasoning(event.content_block_index, delta);
                }
                // Empty text; pictures, citations and results of Bedrock's own tools: none were asked for.
                _ => {}
            },
            ConverseStreamOutput::ContentBlockStart(event) => {
                if let Some(ContentBlockStart::ToolUse(start)) = event.start {
                    self.block(event.content_block_index).tool_use = Some(start);
                }
            }
            ConverseStreamOutput::ContentBlockStop(event) => {
                self.close_block(event.content_block_index);
            }
            ConverseStreamOutput::MessageStop(event) => self.end(&event.stop_reason)?,
            ConverseStreamOutput::Metadata(event) => {
                self.events
                    .extend(event.usage.map(|tokens| ModelEvent::Usage(usage(&tokens))));
            }
            _ => {}
        }
        Ok(())
    }

    /// The stream is over, or broke: not a failure if the answer was whole.
    pub(super) fn close(&mut self) -> Result<(), ModelError> {
        let reason = self.finish_reason.ok_or(ModelError::Cut)?;
        if !self.finished {
            self.finished = true;
            self.events.push_back(ModelEvent::Finished(reason));
        }
        Ok(())
    }

    fn read_reasoning(&mut self, index: i32, delta: ReasoningContentBlockDelta) {
        match delta {
            ReasoningContentBlockDelta::Text(text) if !text.is_empty() => {
                self.events.push_back(ModelEvent::ReasoningDelta(text));
            }
            ReasoningContentBlockDelta::Signature(piece) => {
                self.block(index).text.push_str(&piece);
            }
            ReasoningContentBlockDelta::RedactedContent(piece) => {
                let block = self.block(index);
                block.redacted.extend_from_slice(piece.as_ref());
            }
            _ => {}
        }
    }

    /// The open block of this number; blocks that start without a word are opened by their first piece.
    fn block(&mut self, index: i32) -> &mut Block {
        let position = self.blocks.iter().position(|block| block.index == index);
        let position = position.unwrap_or_else(|| {
            self.blocks.push(Block {
                index,
                tool_use: None,
                text: String::new(),
                redacted: Vec::new(),
            });
            self.blocks.len() - 1
        });
        &mut self.blocks[position]
    }

    fn close_block(&mut self, index: i32) {
        let Some(position) = self.blocks.iter().position(|block| block.index == index) else {
            return;
        };
        let block = self.blocks.remove(position);
        match block.tool_use {
            // A tool that Bedrock runs itself.
            Some(start) if start.r#type.is_some() => {}
            Some(start) => self.close_call(ToolCall {
                call_id: start.tool_use_id,
                name: start.name,
                arguments: parse_arguments(block.text),
            }),
            None if !block.redacted.is_empty() => {
                let seal = redacted_seal(&block.redacted);
                self.events.push_back(ModelEvent::ReasoningSignature(seal));
            }
            None if !block.text.is_empty() => {
                self.events
                    .push_back(ModelEvent::ReasoningSignature(block.text));
            }
            None => {}
        }
    }

    fn close_call(&mut self, call: ToolCall) {
        if call.arguments.is_object() {
            self.calls += 1;
            self.events.push_back(ModelEvent::ToolCall(call));
        } else {
            self.doubtful.push(call);
        }
    }

    fn end(&mut self, reason: &StopReason) -> Result<(), ModelError> {
        let reason = finish_reason(reason)?;
        while let Some(block) = self.blocks.first() {
            self.close_block(block.index);
        }
        let cut_short = matches!(reason, FinishReason::Length | FinishReason::ContentFilter);
        if !cut_short {
            self.calls += self.doubtful.len();
            let calls = self.doubtful.drain(..).map(ModelEvent::ToolCall);
            self.events.extend(calls);
        }
        self.finish_reason = Some(match reason {
            FinishReason::Stop | FinishReason::ToolCalls if self.calls == 0 => FinishReason::Stop,
            FinishReason::Stop => FinishReason::ToolCalls,
            reason => reason,
        });
        Ok(())
    }
}

fn finish_reason(reason: &StopReason) -> Result<FinishReason, ModelError> {
    Ok(match reason {
        StopReason::MaxTokens | StopReason::ModelContextWindowExceeded => FinishReason::Length,
        StopReason::ToolUse => FinishReason::ToolCalls,
        StopReason::ContentFiltered | StopReason::GuardrailIntervened => {
            FinishReason::ContentFilter
        }
        StopReason::MalformedModelOutput | StopReason::MalformedToolUse => {
            return Err(ModelError::Protocol(format!(
                "the model wrote what Bedrock cannot read ({reason})"
            )));
        }
        // `EndTurn`, `StopSequence`, and reasons that this SDK does not know: it came to its end.
        _ => FinishReason::Stop,
    })
}

fn usage(tokens: &TokenUsage) -> Usage {
    let count = |tokens: i32| u64::try_from(tokens).unwrap_or(0);
    Usage {
        input_tokens: count(tokens.input_tokens),
        output_tokens: count(tokens.output_tokens),
        cache_read_tokens: count(tokens.cache_read_input_tokens.unwrap_or(0)),
        cache_write_tokens: count(tokens.cache_write_input_tokens.unwrap_or(0)),
    }
}
