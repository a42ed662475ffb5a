//! Collections: versions of an index that are published one after another, and searched.
//!
//! ```text
//! documents/ID/chunks.jsonl        the passages, one a line
//! documents/ID/vectors.bin         their vectors, where an embedding model is configured
//! collections/NAME/VERSION-UUID.sqlite
//! ```
//!
//! A version is built from a copy of the one before it, stored under a name that nobody else uses,
//! and published by one conditional write, which names the file. Whoever dies before that write has
//! published nothing, and whoever comes next builds again: what is pending is settled by the same
//! write alone.

mod cache;
mod collections;
mod drain;
mod opened;
mod passages;
mod publish;

pub use collections::{Collections, CollectionsConfig};
