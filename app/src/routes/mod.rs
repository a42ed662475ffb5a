//! The handlers, a file for each thing that they serve.

pub(crate) mod conversations;
pub(crate) mod health;
pub(crate) mod messages;
pub(crate) mod models;
pub(crate) mod openai;
pub(crate) mod paging;
pub(crate) mod session;
pub(crate) mod turns;
