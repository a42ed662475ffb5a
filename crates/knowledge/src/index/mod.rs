//! One `SQLite` file for each version of a collection: the passages, a full-text index over them
//! and, where an embedding model is configured, their vectors.

mod builder;
mod error;
mod expression;
mod file;
mod format;
mod reader;
mod script;
mod vector;

pub use builder::{Built, IndexBuilder};
pub use error::IndexError;
pub use expression::build_expression;
pub use reader::{Hit, Index, StoredPassage};
pub use vector::Vectors;
