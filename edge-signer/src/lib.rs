//! Signs requests to Lambda function URLs as CloudFront's origin access control does.
//!
//! [`Signer`] signs the head of a request, given the hash of its body; [`SignLayer`] puts that before
//! any HTTP client that is a [`tower::Service`]; [`proxy`] serves on one's own machine, and signs what
//! ordinary clients send.
//!
//! ```
//! use std::time::SystemTime;
//!
//! use aws_credential_types::Credentials;
//! use edge_signer::{PayloadHash, Signer};
//!
//! let credentials = Credentials::from_keys("AKIDEXAMPLE", "secret", None);
//! let body = br#"{"text":"hello"}"#;
//! let mut parts = http::Request::post("/v1/chat/completions?a=1")
//!     .header("host", "abc.lambda-url.eu-west-1.on.aws")
//!     .body(())?
//!     .into_parts()
//!     .0;
//! Signer::new("eu-west-1").sign(&mut parts, &PayloadHash::of(body), &credentials, SystemTime::now())?;
//! assert!(parts.headers.contains_key("authorization"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod canonical;
mod config;
mod credentials;
mod error;
mod layer;
mod payload_hash;
pub mod proxy;
mod signal;
mod signed_headers;
mod signer;
mod wire_form;

pub use aws_credential_types::Credentials;
pub use config::{Config, ForeignAddress};
pub use credentials::CredentialsCache;
pub use error::Error;
pub use layer::{CallError, SignLayer, SignService};
pub use payload_hash::PayloadHash;
pub use signal::stop_signal;
pub use signed_headers::SignedHeaders;
pub use signer::Signer;
pub use wire_form::wire_form;
