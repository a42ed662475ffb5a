//! What a machine can check of the house rules, it checks here.

mod edges;
mod image;
mod links;
mod project;
mod sources;
