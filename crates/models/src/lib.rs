//! The models that Tidewire talks to, one module a provider, each behind
//! [`tidewire_domain::ChatModel`].

pub mod bedrock;
pub mod offline;
pub mod openai_compatible;
mod provider_text;
mod retry;
mod tool_arguments;
