//! What every adapter of [`tidewire_domain::Library`] must do, as cases that
//! [`library_contract!`](crate::library_contract) turns into tests.

mod cases;
pub mod documents;
pub mod isolation;
pub mod items;
pub mod leases;
pub mod lists;
pub mod publishing;
mod scene;
pub mod sources;
pub mod steps;

pub use scene::Subject;
