//! `SQLite` behind the port: one thread writes, in groups, and a few connections read.

mod append;
mod collection;
mod column;
mod connection;
mod conversation;
mod database;
mod document;
mod event;
mod fault;
mod lease;
mod library;
mod message;
mod migration;
mod page;
mod readers;
mod source;
mod store;
mod turn;
mod writer;

pub use store::SqliteStore;
