//! The turn engine. A turn is a log: one producer drives the model and the tools and appends
//! events, any number of readers tail them, and the store keeps them. No HTTP and no SDK in here.

mod cancellation;
mod catalogue;
mod context;
mod engine;
mod error;
mod flusher;
mod generation;
mod history;
mod holder;
mod limits;
mod log;
mod model_call;
mod producer;
mod reaper;
mod store_tail;
mod tail;
mod title;
pub mod tools;

pub use catalogue::{Catalogue, CatalogueEntry};
pub use engine::{Engine, TurnRequest};
pub use error::{ChatError, sentence};
pub use generation::Generation;
pub use holder::current_holder;
pub use limits::TurnLimits;
pub use tail::{Tail, TailItem, TailStep};
