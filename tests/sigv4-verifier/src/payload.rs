//! The hash of the body.

use http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::{Refusal, authorization::digest, verifier::at_most_one};

const HEADER: &str = "x-amz-content-sha256";

/// The hash to put into the canonical request, once it is known to be that of the received body.
///
/// > Lambda doesn't support unsigned payloads
///
/// says AWS in "Restrict access to an AWS Lambda function URL origin", and asks for the header with
/// every body. To a body without it Lambda might be more lenient when no CloudFront is in between;
/// this is not public, so it is refused. The header must be 64 lower-case digits, as AWS describes
/// it; whether capitals would do is not public either.
pub(crate) fn hash(headers: &HeaderMap, received: &[u8; 32]) -> Result<String, Refusal> {
    let hash = hex::encode(received);
    match at_most_one(headers, HEADER)? {
        None if received[..] == Sha256::digest(b"")[..] => Ok(hash),
        None => Err(Refusal::PayloadHashMissing),
        // `UNSIGNED-PAYLOAD`, `STREAMING-UNSIGNED-PAYLOAD-TRAILER`, `STREAMING-AWS4-…`.
        Some(stated) if stated.contains("UNSIGNED") || stated.starts_with("STREAMING-") => {
            Err(Refusal::UnsignedPayload)
        }
        Some(stated) if digest(stated).is_none() => Err(Refusal::MalformedPayloadHash),
        Some(stated) if stated != hash => Err(Refusal::PayloadMismatch),
        Some(_) => Ok(hash),
    }
}
