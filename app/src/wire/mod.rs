//! The dialects: pure functions from turn events to frames, and from requests to ours. One file
//! each; adding one touches no other.

pub(crate) mod image;
pub(crate) mod native;
pub(crate) mod openai_chat;
pub(crate) mod openai_chat_request;
