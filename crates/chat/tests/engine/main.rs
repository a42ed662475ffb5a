//! The engine with a real SQLite store and models that say what the test tells them to.

mod budgets;
mod death;
mod generations;
mod knowledge;
mod queued;
mod readers;
mod scene;
mod stopping;
mod tool_rounds;
mod turns;
