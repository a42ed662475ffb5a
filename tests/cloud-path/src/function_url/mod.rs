//! The function URL: who may call, how a request becomes an event, how an answer becomes a response.

mod event;
mod refusal;
mod url;

pub(crate) use event::is_hop_by_hop;
pub(crate) use url::{Authorization, FunctionUrl};
