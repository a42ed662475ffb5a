//! What CloudFront, OAC, the function URL and Lambda do to requests, on one machine.

mod bodies;
mod environments;
mod secrecy;
mod signature;
mod viewer;
