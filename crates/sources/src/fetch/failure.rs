//! What went wrong on the way.

use std::error::Error;

use reqwest::Url;

use super::{body::BodyError, resolver::OutOfReach, shown};
use crate::SourceError;

/// A request that was not answered, or not to the end.
pub(super) fn of_transport(url: &Url, error: reqwest::Error) -> SourceError {
    let is_connect = error.is_connect();
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if let Some(refusal) = cause.downcast_ref::<OutOfReach>() {
        return SourceError::Refused(refusal.to_string());
    }
    let what = if is_connect {
        "cannot be reached"
    } else {
        "broke off"
    };
    SourceError::Unavailable(format!("{} {what}: {cause}", shown(url)))
}

/// A body that could not be read.
pub(super) fn of_body(url: &Url, error: BodyError) -> SourceError {
    match error {
        BodyError::Transport(error) => of_transport(url, error),
        BodyError::Encoding(what) => SourceError::Malformed(format!("{} {what}", shown(url))),
    }
}
