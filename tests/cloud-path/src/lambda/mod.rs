//! Lambda: environments that start, freeze and die, and the API that a runtime asks for work.

mod environment;
mod environments;
mod function;
mod invocation;
mod prelude;
mod processes;
mod runtime_api;

pub use environments::{EnvironmentStatus, Environments};
pub use function::Function;
pub use invocation::{Answer, Invocation, InvokeError};
pub use prelude::Prelude;
