//! Who may call, from where, and what nobody else ever sees.

mod gate;
mod isolation;
mod keys;
mod routes;
mod secrecy;
mod session;
