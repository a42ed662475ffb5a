//! What can keep a request from being signed.

use std::fmt::Write;

use http::HeaderName;

/// Why a request was not signed. The request is as it was.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Give the hash as 64 lower-case hex digits.
    #[error("a payload hash has 64 digits, 0 to 9 and a to f")]
    InvalidPayloadHash,
    /// Give the request a Host header, or a URI with an authority.
    #[error("the request has neither a Host header nor an authority in its URI")]
    MissingHost,
    /// Send this header as text, or do not have it signed.
    #[error("the header {0} is not UTF-8, so it cannot be signed")]
    UnsignableHeader(HeaderName),
    /// Sign at a time that has four digits for its year.
    #[error("the time of the signature cannot be written")]
    InvalidTime,
    /// Use other credentials: a header cannot carry these.
    #[error("the access key id or the session token holds what no header can carry")]
    InvalidCredentials,
    /// Make credentials available, and try again.
    #[error("there are no AWS credentials: {0}")]
    NoCredentials(String),
}

/// The error and all that caused it.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(text, ": {cause}").expect("a string takes all that is written");
        source = cause.source();
    }
    text
}
