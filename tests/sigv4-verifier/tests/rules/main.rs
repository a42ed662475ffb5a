//! Each rule by itself, with requests whose canonical form is plain or written out by hand.

mod authorization;
mod coverage;
mod credentials;
mod signer;
mod time_and_scope;
