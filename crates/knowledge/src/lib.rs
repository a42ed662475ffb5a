//! Documents of users: read by a child process, cut into passages, indexed in one `SQLite` file a
//! collection, and found.

mod chunk;

pub use chunk::Chunk;
