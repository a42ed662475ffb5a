//! The whole path of a deployment on one machine: an address list, CloudFront with the two deployed
//! JavaScript files, origin access control, a function URL that believes no signature unseen, Lambda
//! with environments that start, freeze and die, and the real Lambda Web Adapter before the real app.
//!
//! What is emulated here is refused where AWS documents that it refuses. What AWS does and nobody
//! has written down is marked where it is decided.

mod body;
mod build;
mod cli;
mod cloudfront;
mod credentials;
mod function_url;
mod lambda;
mod listener;
mod path;
mod programs;
mod progress;
mod trace;

pub use body::{Body, Broken};
pub use cli::{Cli, Front};
pub use credentials::Account;
pub use lambda::{
    Answer, EnvironmentStatus, Environments, Function, Invocation, InvokeError, Prelude,
};
pub use listener::Acknowledgement;
pub use path::{CloudPath, PathOptions};
pub use programs::{Programs, Wanted};
pub use trace::Trace;
