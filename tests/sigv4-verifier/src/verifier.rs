//! The rules in their order.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use http::{HeaderMap, Method, request::Parts};
use subtle::ConstantTimeEq;

use crate::{
    Missing, Refusal,
    authorization::{Authorization, Fields, Scope},
    canonical, payload, query,
    signature::{self, TERMINATOR},
    timestamp::Timestamp,
};

/// What belongs to an access key ID.
#[derive(Clone)]
pub struct Secret {
    /// The secret access key.
    pub secret_access_key: String,
    /// The session token of a temporary credential.
    pub session_token: Option<String>,
    /// When a temporary credential ends.
    pub expires: Option<SystemTime>,
}

impl Secret {
    /// That of a user, without an end.
    pub fn lasting(secret_access_key: impl Into<String>) -> Self {
        Self {
            secret_access_key: secret_access_key.into(),
            session_token: None,
            expires: None,
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("has_session_token", &self.session_token.is_some())
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// A request as it was received: nothing decoded, nothing normalised.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    /// Its method.
    pub method: &'a Method,
    /// The path.
    pub path: &'a str,
    /// The query, without `?`; empty if there is none.
    pub query: &'a str,
    /// All headers, with `host`.
    pub headers: &'a HeaderMap,
}

impl<'a> From<&'a Parts> for SignedRequest<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self {
            method: &parts.method,
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
        }
    }
}

/// Who signed a request, and what of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The ID of the access key that it was signed with.
    pub access_key_id: String,
    /// The names of the headers that the signature covers.
    pub signed_headers: Vec<String>,
}

/// Verifies the requests to one function URL.
#[derive(Debug, Clone)]
pub struct Verifier<L> {
    /// The region that a request must be signed for.
    pub region: String,
    /// The service that a request must be signed for.
    pub service: String,
    /// How far a request's time may be from now, in both directions.
    pub max_skew: Duration,
    /// Finds what belongs to an access key ID.
    pub credentials: L,
}

impl<L: Fn(&str) -> Option<Secret>> Verifier<L> {
    /// Verifies requests to a function URL in `region`.
    ///
    /// A request may be five minutes off: that is what Lambda's messages name. IAM and SQS allow 15.
    pub fn of_lambda(region: impl Into<String>, credentials: L) -> Self {
        Self {
            region: region.into(),
            service: "lambda".to_owned(),
            max_skew: Duration::from_mins(5),
            credentials,
        }
    }

    /// Says who signed the request, or why it is refused. `body_sha256` is the hash of the bytes
    /// that were received as its body.
    ///
    /// In which order AWS checks is not public. Here what the request says about itself comes first,
    /// then whose key it is, then the signature.
    pub fn verify<'a>(
        &self,
        request: impl Into<SignedRequest<'a>>,
        body_sha256: &[u8; 32],
        now: SystemTime,
    ) -> Result<Verified, Refusal> {
        let request = request.into();
        let headers = request.headers;
        expect_no_query_authentication(request.query)?;
        let header = at_most_one(headers, "authorization")?.ok_or(Refusal::Forbidden)?;
        let fields = Fields::read(header)?;
        let mut missing = fields.missing();
        let time = time_of(headers)?;
        if time.is_none() {
            missing.push(Missing::Date);
        }
        let Some(time) = time.filter(|_| missing.is_empty()) else {
            return Err(Refusal::Incomplete(missing));
        };
        let authorization = Authorization::try_from(fields)?;
        self.expect_scope(&authorization.scope, time)?;
        self.expect_current(time, Timestamp::of(now))?;
        expect_signed(headers, &authorization.signed_headers)?;
        let payload_hash = payload::hash(headers, body_sha256)?;

        let access_key_id = authorization.access_key_id;
        let secret = (self.credentials)(access_key_id).ok_or(Refusal::UnknownAccessKey)?;
        expect_session(headers, &secret, now)?;

        let signed_headers = &authorization.signed_headers;
        let canonical_request = canonical::request(&request, signed_headers, &payload_hash)?;
        let is_valid = signature::is_valid(
            &authorization.signature,
            &canonical_request,
            time,
            &authorization.scope,
            &secret.secret_access_key,
        );
        if !is_valid {
            return Err(Refusal::SignatureMismatch);
        }
        Ok(Verified {
            access_key_id: access_key_id.to_owned(),
            signed_headers: signed_headers.iter().map(ToString::to_string).collect(),
        })
    }

    fn expect_scope(&self, scope: &Scope<'_>, time: Timestamp) -> Result<(), Refusal> {
        if scope.terminator != TERMINATOR {
            return Err(Refusal::ScopeTerminator);
        }
        if scope.date != time.date() {
            return Err(Refusal::ScopeDate {
                scope: scope.date.to_owned(),
                time: time.to_string(),
            });
        }
        if scope.region != self.region {
            return Err(Refusal::ScopeRegion(scope.region.to_owned()));
        }
        if scope.service != self.service {
            return Err(Refusal::ScopeService {
                expected: self.service.clone(),
            });
        }
        Ok(())
    }

    fn expect_current(&self, time: Timestamp, now: Timestamp) -> Result<(), Refusal> {
        let minutes = self.max_skew.as_secs() / 60;
        let (earliest, latest) = (now.earlier(self.max_skew), now.later(self.max_skew));
        if time < earliest {
            return Err(Refusal::Expired {
                time: time.to_string(),
                earliest: earliest.to_string(),
                now: now.to_string(),
                minutes,
            });
        }
        if time > latest {
            return Err(Refusal::NotYetCurrent {
                time: time.to_string(),
                latest: latest.to_string(),
                now: now.to_string(),
                minutes,
            });
        }
        Ok(())
    }
}

/// The value of a header that must not be there twice: whoever reads only one of two could be told
/// something else than what was signed.
pub(crate) fn at_most_one<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Refusal::RepeatedHeader(name));
    }
    let text = first.map(|value| value.to_str().map_err(|_| Refusal::NoText(name)));
    Ok(text.transpose()?.map(str::trim))
}

/// When the request says that it was signed: `x-amz-date`, or else `date`.
fn time_of(headers: &HeaderMap) -> Result<Option<Timestamp>, Refusal> {
    let (name, date) = match at_most_one(headers, "x-amz-date")? {
        Some(date) => ("x-amz-date", date),
        None => match at_most_one(headers, "date")? {
            Some(date) => ("date", date),
            None => return Ok(None),
        },
    };
    let time = Timestamp::from_basic(date).or_else(|| {
        // AWS describes one format; `date` in HTTP's is what botocore signs.
        Timestamp::from_http(date).filter(|_| name == "date")
    });
    time.map(Some).ok_or(Refusal::MalformedDate(name))
}

fn expect_no_query_authentication(query: &str) -> Result<(), Refusal> {
    let is_of_signature = |name: &[u8]| {
        [
            &b"X-Amz-Algorithm"[..],
            b"X-Amz-Credential",
            b"X-Amz-Signature",
        ]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
    };
    if query::parameters(query).any(|(name, _)| is_of_signature(&name)) {
        return Err(Refusal::QueryAuthentication);
    }
    Ok(())
}

/// "You must include the host header and any x-amz-* headers in the signature", says AWS.
fn expect_signed(headers: &HeaderMap, signed: &[&str]) -> Result<(), Refusal> {
    // The list is sorted: that was expected when it was read.
    let is_signed = |name: &str| signed.binary_search(&name).is_ok();
    if !is_signed("host") {
        return Err(Refusal::HostNotSigned);
    }
    at_most_one(headers, "host")?;
    let of_aws = headers.keys().map(http::HeaderName::as_str);
    let mut of_aws = of_aws.filter(|name| name.starts_with("x-amz-"));
    match of_aws.find(|name| !is_signed(name)) {
        Some(name) => Err(Refusal::HeaderNotSigned(name.to_owned())),
        None => Ok(()),
    }
}

/// A temporary credential is its secret and its token; a lasting one has none.
fn expect_session(headers: &HeaderMap, secret: &Secret, now: SystemTime) -> Result<(), Refusal> {
    let sent = at_most_one(headers, "x-amz-security-token")?;
    let is_its = match (sent, &secret.session_token) {
        (Some(sent), Some(its)) => sent.as_bytes().ct_eq(its.as_bytes()).into(),
        (None, None) => true,
        _ => false,
    };
    if !is_its {
        return Err(Refusal::InvalidSessionToken);
    }
    if secret.expires.is_some_and(|expires| expires <= now) {
        return Err(Refusal::ExpiredToken);
    }
    Ok(())
}
