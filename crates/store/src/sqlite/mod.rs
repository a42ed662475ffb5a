//! `SQLite` behind the port: one thread writes, in groups, and a few connections read.

mod append;
mod column;
mod connection;
mod conversation;
mod database;
mod event;
mod fault;
mod lease;
mod message;
mod migration;
mod readers;
mod store;
mod turn;
mod writer;

pub use store::SqliteStore;
