//! From a question to passages: by words always, by meaning too where there are vectors, merged.

mod fusion;
mod meaning;
mod question;

pub(crate) use question::search;
