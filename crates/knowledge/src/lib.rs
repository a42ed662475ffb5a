//! Documents of users: read by a child process, cut into passages, indexed in one `SQLite` file a
//! collection, and found.

mod chunk;
mod collection;
pub mod extract;
pub mod index;
mod search;
mod tool;

pub use chunk::{Chunk, ChunkLimits, cut};
pub use collection::{Collections, CollectionsConfig};
pub use index::IndexError;
pub use tool::SearchDocuments;
