//! A queue in one `SQLite` file, which processes of one machine may share.

mod database;
mod dead_letters;
mod explanation;
mod migration;
mod queue;
mod row;

pub use queue::SqliteQueue;
