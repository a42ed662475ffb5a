//! The model that needs no network and has no language model in it: it searches the documentation
//! that is compiled into the program (`SQLite` FTS5, BM25) and quotes what it finds, with its
//! sources, token by token. It says what it is.
//!
//! A question takes this way: [`Offline`] reads it as an errand, the library finds passages, they
//! are composed into an answer of borrowed slices, and a stream cuts that into tokens as it is
//! polled.

mod answer;
mod block;
mod code_run;
mod composition;
mod document;
mod errand;
mod index;
mod introduction;
mod json_form;
mod library;
mod model;
mod passage;
mod pointer;
mod query;
mod stream;
mod token;
mod tool_use;
mod vocabulary;

pub use document::Document;
pub use model::{Offline, OfflineConfig};
