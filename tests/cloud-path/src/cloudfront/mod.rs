//! CloudFront: the address list in front of it, the two deployed functions, origin access control.

mod answers;
mod behaviour;
mod distribution;
mod events;
mod functions;
mod origin;
mod waf;

pub(crate) use distribution::{CloudFront, Distribution};
pub(crate) use functions::Functions;
