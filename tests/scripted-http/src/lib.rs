//! Responses that are scripted step by step, for the servers that tests talk to: pieces of a body,
//! pauses, broken connections.

mod listen;
mod reply;
mod script;

pub use listen::{Listening, listen};
pub use reply::{Reply, Step};
pub use script::Script;
