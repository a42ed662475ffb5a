//! Any server that speaks OpenAI's chat completions: OpenAI itself, Ollama, vLLM, llama.cpp,
//! OpenRouter and many more.
//!
//! The format is OpenAI's (<https://platform.openai.com/docs/api-reference/chat-streaming>), read
//! with the liberties that the other servers take: reasoning as `reasoning_content` or `reasoning`,
//! calls without ids or whole at once, no usage, no `[DONE]`, or one JSON answer in spite of
//! `stream: true`.

mod answer;
mod chunk;
mod connections;
mod discovery;
mod endpoint;
mod failure;
#[cfg(feature = "fuzz")]
pub mod fuzzing;
mod message;
mod model;
mod request;
mod sse;
mod stream;
mod tool_calls;

pub use connections::Connections;
pub use discovery::discover;
pub use model::{OpenAiCompatible, OpenAiCompatibleConfig};
