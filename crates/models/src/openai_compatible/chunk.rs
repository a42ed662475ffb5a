//! What servers send: chunks of a streamed answer, or one answer whole.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use tidewire_domain::Usage;

/// One event of the stream, or the body of an answer that is not streamed. Fields that are not
/// named are passed over without being kept.
#[derive(Debug, Deserialize)]
pub(super) struct Chunk<'a> {
    /// One choice, as we never ask for more; none in the chunk that carries the usage.
    #[serde(borrow, default)]
    pub(super) choices: Option<Vec<Choice<'a>>>,
    /// In the last chunk, or rising in all of them, or `null`.
    #[serde(default)]
    pub(super) usage: Option<WireUsage>,
    /// An object or a text, where the call fails in the middle.
    #[serde(default)]
    pub(super) error: Option<Value>,
    /// `error` where an old vLLM fails: the error is then the whole object.
    #[serde(borrow, default)]
    pub(super) object: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(borrow, default)]
    pub(super) delta: Option<Delta<'a>>,
    /// In place of `delta` where the answer is not streamed.
    #[serde(borrow, default)]
    pub(super) message: Option<Delta<'a>>,
    #[serde(borrow, default)]
    pub(super) finish_reason: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Delta<'a> {
    // Texts are handed on, so they are `String`s from the start: a borrowed one would be copied too.
    #[serde(default)]
    pub(super) content: Option<String>,
    /// Why the model will not answer, on OpenAI's own servers.
    #[serde(default)]
    pub(super) refusal: Option<String>,
    /// DeepSeek, llama.cpp, older vLLM.
    #[serde(default)]
    pub(super) reasoning_content: Option<String>,
    /// OpenRouter, Ollama, newer vLLM.
    #[serde(default)]
    pub(super) reasoning: Option<String>,
    #[serde(borrow, default)]
    pub(super) tool_calls: Option<Vec<ToolCallPiece<'a>>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ToolCallPiece<'a> {
    /// Which call it is a piece of.
    #[serde(default)]
    pub(super) index: Option<u32>,
    #[serde(borrow, default)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) function: Option<FunctionPiece<'a>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct FunctionPiece<'a> {
    #[serde(borrow, default)]
    pub(super) name: Option<Text<'a>>,
    /// A piece of JSON text; some servers send the object itself.
    #[serde(default)]
    pub(super) arguments: Option<Value>,
}

/// A text that is borrowed where it holds no escapes, also inside an `Option`, where serde would
/// copy a bare `Cow`.
#[derive(Debug, Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct WireUsage {
    /// Cached ones included.
    #[serde(default)]
    prompt_tokens: Option<u64>,
    /// Reasoning included.
    #[serde(default)]
    completion_tokens: Option<u64>,
    #[serde(default)]
    prompt_tokens_details: Option<PromptTokensDetails>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
struct PromptTokensDetails {
    #[serde(default)]
    cached_tokens: Option<u64>,
}

impl From<WireUsage> for Usage {
    fn from(wire: WireUsage) -> Self {
        let cached = wire
            .prompt_tokens_details
            .and_then(|details| details.cached_tokens)
            .unwrap_or(0);
        Self {
            input_tokens: wire.prompt_tokens.unwrap_or(0).saturating_sub(cached),
            output_tokens: wire.completion_tokens.unwrap_or(0),
            cache_read_tokens: cached,
            cache_write_tokens: 0,
        }
    }
}
