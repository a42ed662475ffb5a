//! What a function URL answers when it does not let a request in.

use http::StatusCode;
use serde_json::json;
use thiserror::Error;

/// Why a request is refused. Displayed, it says what is wrong with the request, for tests to print;
/// [`message`](Self::message) is what AWS says, which is often less.
///
/// Neither quotes a secret, a token, or a part of the request that might hold one. So AWS's long
/// message, which quotes the canonical request, and the tails of messages in which it quotes
/// `Authorization` or the credential, are left out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No `Authorization`. Also for a caller who signs well and has no permission: the answer is
    /// the same.
    #[error("the request is not signed, or its signer may not invoke the function")]
    Forbidden,
    /// `X-Amz-Algorithm` and the like in the query. AWS accepts such requests at a function URL;
    /// here they are refused, because nothing of ours makes them. In any case of letters: which AWS
    /// minds is not public.
    #[error("the query holds a signature, which this verifier does not read")]
    QueryAuthentication,
    /// A header that has to be alone is there more than once.
    #[error("there are several headers {0}")]
    RepeatedHeader(&'static str),
    /// A header that has to be text is none.
    #[error("{0} holds other characters than visible ASCII")]
    NoText(&'static str),
    /// A part of `Authorization` is no `NAME=VALUE`; so is a `Bearer` token without `=`.
    #[error("a part of Authorization has no equal sign")]
    NoEqualSign,
    /// A parameter of `Authorization` is there more than once.
    #[error("Authorization has several parameters {0}")]
    RepeatedParameter(String),
    /// Something is not there.
    #[error("not in the request: {0:?}")]
    Incomplete(Vec<Missing>),
    /// The algorithm is not `AWS4-HMAC-SHA256`.
    #[error("the algorithm is not AWS4-HMAC-SHA256")]
    UnsupportedAlgorithm,
    /// `Credential` does not have five parts.
    #[error("Credential does not have five parts")]
    MalformedCredential,
    /// `SignedHeaders` is not in lower case, not sorted, or names one twice.
    #[error("SignedHeaders is not a sorted list of names in lower case")]
    SignedHeadersNotCanonical,
    /// `x-amz-date` or `date` is no date.
    #[error("{0} is no date")]
    MalformedDate(&'static str),
    /// The scope is of another day than the request.
    #[error("the scope is of {scope}, the request of {time}")]
    ScopeDate {
        /// The scope's date.
        scope: String,
        /// The request's time.
        time: String,
    },
    /// The scope is of another region.
    #[error("the scope is of region {0}")]
    ScopeRegion(String),
    /// The scope is of another service.
    #[error("the scope is of another service than {expected}")]
    ScopeService {
        /// The service that it should be of.
        expected: String,
    },
    /// The scope does not end with `aws4_request`.
    #[error("the scope does not end with aws4_request")]
    ScopeTerminator,
    /// The request is too old.
    #[error("signed at {time}, before {earliest}")]
    Expired {
        /// When it was signed.
        time: String,
        /// From when on it would do.
        earliest: String,
        /// What the time is.
        now: String,
        /// How old it may be.
        minutes: u64,
    },
    /// The request is of the future.
    #[error("signed at {time}, after {latest}")]
    NotYetCurrent {
        /// When it was signed.
        time: String,
        /// Until when it would do.
        latest: String,
        /// What the time is.
        now: String,
        /// How far ahead it may be.
        minutes: u64,
    },
    /// `host` is not among the signed headers.
    #[error("host is not signed")]
    HostNotSigned,
    /// An `x-amz-` header is not among the signed headers.
    #[error("{0} is not signed")]
    HeaderNotSigned(String),
    /// A signed header is not in the request.
    #[error("{0} is signed and is not there")]
    SignedHeaderAbsent(String),
    /// There is a body, and no `x-amz-content-sha256`.
    #[error("there is a body and no x-amz-content-sha256")]
    PayloadHashMissing,
    /// `x-amz-content-sha256` says that the body is not covered by the signature.
    #[error("x-amz-content-sha256 says that the payload is not signed")]
    UnsignedPayload,
    /// `x-amz-content-sha256` is not 64 hexadecimal digits in lower case.
    #[error("x-amz-content-sha256 is not 64 hexadecimal digits in lower case")]
    MalformedPayloadHash,
    /// `x-amz-content-sha256` is the hash of something else than the body.
    #[error("x-amz-content-sha256 is not the hash of the body")]
    PayloadMismatch,
    /// Nobody has this access key.
    #[error("nobody has this access key")]
    UnknownAccessKey,
    /// The credential has a session token and the request another or none, or the other way round.
    #[error("the session token is missing, another, or one too many")]
    InvalidSessionToken,
    /// The credential was temporary and is over.
    #[error("the credential has expired")]
    ExpiredToken,
    /// The signature is that of another request, or made with another secret.
    #[error("the signature is not that of this request with this secret")]
    SignatureMismatch,
}

/// What a signed request cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The parameter `Credential` of `Authorization`.
    Credential,
    /// The parameter `Signature` of `Authorization`.
    Signature,
    /// The parameter `SignedHeaders` of `Authorization`.
    SignedHeaders,
    /// Both `x-amz-date` and `date`.
    Date,
}

const MISMATCH: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service \
    documentation for details.";

impl Refusal {
    /// The status of the answer: 403, as a function URL was seen to answer to wrong signatures.
    pub fn status(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }

    /// The header `x-amzn-errortype` of the answer.
    ///
    /// Public for function URLs are `AccessDeniedException` to an unsigned request,
    /// `InvalidSignatureException` to a wrong signature, and the message that belongs to
    /// `UnrecognizedClientException`. The rest is what Lambda's API and API Gateway answer.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Forbidden | Self::QueryAuthentication => "AccessDeniedException",
            // What is not public, of these: several headers Authorization or parameters, another
            // algorithm, bytes that are no text.
            Self::RepeatedHeader(_)
            | Self::NoText(_)
            | Self::NoEqualSign
            | Self::RepeatedParameter(_)
            | Self::Incomplete(_)
            | Self::UnsupportedAlgorithm
            | Self::MalformedCredential
            | Self::MalformedDate(_) => "IncompleteSignatureException",
            Self::UnknownAccessKey | Self::InvalidSessionToken => "UnrecognizedClientException",
            Self::ExpiredToken => "ExpiredTokenException",
            // For these AWS's answer is not public, beyond that such a request is refused:
            // unsorted, unsigned and absent headers. A wrong hash is public.
            Self::SignedHeadersNotCanonical
            | Self::HeaderNotSigned(_)
            | Self::SignedHeaderAbsent(_)
            | Self::PayloadHashMissing
            | Self::UnsignedPayload
            | Self::MalformedPayloadHash
            | Self::PayloadMismatch
            | Self::HostNotSigned
            | Self::ScopeDate { .. }
            | Self::ScopeRegion(_)
            | Self::ScopeService { .. }
            | Self::ScopeTerminator
            | Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::SignatureMismatch => "InvalidSignatureException",
        }
    }

    /// What AWS says, as far as it is public.
    pub fn message(&self) -> String {
        match self {
            // New URLs add where to read on; for which refusals is not public.
            Self::Forbidden => "Forbidden".to_owned(),
            // AWS ends these with the header or the credential, or with a hash of it.
            Self::NoEqualSign => {
                "Invalid key=value pair (missing equal-sign) in Authorization header".to_owned()
            }
            Self::MalformedCredential => {
                "Credential must have exactly 5 slash-delimited elements, \
                e.g. keyid/date/region/service/term"
                    .to_owned()
            }
            Self::Incomplete(missing) => {
                let sentences: Vec<String> = missing.iter().map(|it| it.sentence()).collect();
                sentences.join(" ")
            }
            Self::MalformedDate(_) => "Date must be in ISO-8601 'basic format'. \
                See http://en.wikipedia.org/wiki/ISO_8601"
                .to_owned(),
            Self::ScopeDate { scope, time } => {
                let date = time.split('T').next().unwrap_or_default();
                format!(
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of \
                     date from HTTP: '{scope}' != '{date}', from '{time}'."
                )
            }
            // Both with a space at the end.
            Self::ScopeRegion(region) => {
                format!("Credential should be scoped to a valid region, not '{region}'. ")
            }
            Self::ScopeService { expected } => {
                format!("Credential should be scoped to correct service: '{expected}'. ")
            }
            Self::Expired {
                time,
                earliest,
                now,
                minutes,
            } => format!(
                "Signature expired: {time} is now earlier than {earliest} ({now} - {minutes} min.)"
            ),
            Self::NotYetCurrent {
                time,
                latest,
                now,
                minutes,
            } => format!(
                "Signature not yet current: {time} is still later than {latest} \
                 ({now} + {minutes} min.)"
            ),
            Self::HostNotSigned => {
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
                    .to_owned()
            }
            Self::UnknownAccessKey | Self::InvalidSessionToken => {
                "The security token included in the request is invalid.".to_owned()
            }
            Self::ExpiredToken => {
                "The security token included in the request is expired".to_owned()
            }
            Self::PayloadHashMissing
            | Self::UnsignedPayload
            | Self::PayloadMismatch
            | Self::SignatureMismatch
            // For these it is not public. Most likely AWS calculates another signature.
            | Self::SignedHeadersNotCanonical
            | Self::HeaderNotSigned(_)
            | Self::SignedHeaderAbsent(_)
            | Self::MalformedPayloadHash => MISMATCH.to_owned(),
            // Not public: our words.
            Self::QueryAuthentication
            | Self::RepeatedHeader(_)
            | Self::NoText(_)
            | Self::RepeatedParameter(_)
            | Self::UnsupportedAlgorithm
            | Self::ScopeTerminator => self.to_string(),
        }
    }

    /// The body of the answer, which is JSON. Whoever is not let in at all is told in another
    /// member than whoever signs wrongly.
    pub fn body(&self) -> String {
        match self {
            Self::Forbidden => json!({ "Message": self.message() }),
            _ => json!({ "message": self.message() }),
        }
        .to_string()
    }
}

impl Missing {
    fn sentence(self) -> String {
        let parameter = match self {
            Self::Credential => "Credential",
            Self::Signature => "Signature",
            Self::SignedHeaders => "SignedHeaders",
            Self::Date => {
                return "Authorization header requires existence of either a 'X-Amz-Date' or a \
                    'Date' header."
                    .to_owned();
            }
        };
        format!("Authorization header requires '{parameter}' parameter.")
    }
}
