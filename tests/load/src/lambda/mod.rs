//! Under Lambda's Runtime API: Tidewire and its peers, with the adapter and without it.

mod start;
mod streams;
mod subject;
mod warm;

pub(crate) use start::measure as measure_start;
pub(crate) use streams::measure as measure_streams;
pub(crate) use subject::{KEY, adapter};
pub(crate) use warm::measure as measure_warm;
