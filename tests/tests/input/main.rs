//! Bad input: each is refused with what is wrong, and the app goes on.
#![expect(
    clippy::unwrap_used,
    reason = "what a test does not expect must end it, also outside of the test's own function"
)]

mod bodies;
mod headers;
mod identifiers;
mod lists;
mod openai;
mod oversize;
mod parents;
mod problem;
mod text;
mod turn_active;
