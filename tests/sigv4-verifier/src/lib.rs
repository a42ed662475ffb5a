//! Verifies AWS Signature Version 4 of an HTTP request, as a Lambda function URL with
//! `AuthType: AWS_IAM` does before it invokes the function.
//!
//! It exists to judge what signs our requests, so it shares no code with it: it is written from
//! AWS's description, [Create a signed AWS API request][create], and proved with botocore's
//! signatures and AWS's published vectors (`tests/signing/test_verifier.py`). No I/O, no clock.
//!
//! Where AWS's behaviour is not public, it takes the stricter way, or the one that AWS's own
//! signers agree on; the code says so at each such place.
//!
//! [create]: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

mod authorization;
mod canonical;
mod payload;
mod query;
mod refusal;
mod signature;
mod timestamp;
mod verifier;

pub use refusal::{Missing, Refusal};
pub use verifier::{Secret, SignedRequest, Verified, Verifier};
