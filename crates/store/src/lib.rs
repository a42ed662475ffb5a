//! The stores that Tidewire keeps conversations, documents and sources in: adapters of
//! [`tidewire_domain::Store`] and [`tidewire_domain::Library`].
//!
//! [`SqliteStore`] keeps everything in one `SQLite` file, which several processes may share.

#[cfg(feature = "contract")]
pub mod contract;
mod cursor;
mod sqlite;
mod title;

pub use sqlite::SqliteStore;
