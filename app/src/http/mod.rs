//! What every request passes and every answer has in common.

pub(crate) mod caller;
pub(crate) mod guard;
pub(crate) mod json;
pub(crate) mod openai_error;
pub(crate) mod panic;
pub(crate) mod problem;
pub(crate) mod sse;
pub(crate) mod trace;
