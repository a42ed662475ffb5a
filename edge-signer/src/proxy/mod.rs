//! The proxy: takes requests on this machine, signs them, and passes them to a function URL.

mod body;
mod exchange;
mod function_url;
mod gate;
mod headers;
mod listener;
mod refusal;
mod upstream;

pub use body::MAX_BODY_BYTES;
pub use exchange::Proxy;
pub use function_url::{FunctionUrl, InvalidUrl};
pub use gate::Gate;
pub use listener::serve;
pub use upstream::NoRoots;
