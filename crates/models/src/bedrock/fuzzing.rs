//! What the fuzz targets in `tests/fuzz` call; public only with the feature `fuzz`.

use tidewire_domain::{ModelError, ModelRequest};

use super::request::converse_request;

/// Puts a request in Bedrock's words. The SDK's types stay in here.
pub fn check_request(request: &ModelRequest) -> Result<(), ModelError> {
    converse_request(request).map(drop)
}
