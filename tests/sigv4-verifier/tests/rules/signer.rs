//! Signs requests for tests whose canonical form is plain.

use std::time::{Duration, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use sha2::{Digest, Sha256};
use sigv4_verifier::{Refusal, Secret, SignedRequest, Verified, Verifier};

pub(crate) const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SESSION_KEY_ID: &str = "ASIAEXAMPLE";
/// Of AWS's documentation.
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE==";
pub(crate) const REGION: &str = "eu-central-1";
pub(crate) const HOST: &str = "abc.lambda-url.eu-central-1.on.aws";
/// 2026-01-02T03:04:05Z.
pub(crate) const NOW: u64 = 1_767_323_045;

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// A request without a body, not signed yet.
pub(crate) fn plain() -> Draft {
    Draft::new("GET", "/", "")
}

/// A request with a body and its hash, not signed yet.
pub(crate) fn with_body(body: &'static [u8]) -> Draft {
    let mut draft = Draft::new("POST", "/chat", "");
    draft.body = body;
    draft.header("x-amz-content-sha256", &hex::encode(sha256(body)))
}

/// Whether AWS's text says that signatures differ.
pub(crate) fn says_mismatch(refusal: &Refusal) -> bool {
    refusal
        .message()
        .starts_with("The request signature we calculated does not match")
}

/// A request, and what it is to be signed as.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: &'static [u8],
    pub(crate) access_key_id: String,
    pub(crate) scope: String,
}

impl Draft {
    pub(crate) fn new(method: &str, path: &str, query: &str) -> Self {
        let draft = Self {
            method: method.parse().expect("a method"),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: HeaderMap::new(),
            body: b"",
            access_key_id: ACCESS_KEY_ID.to_owned(),
            scope: format!("20260102/{REGION}/lambda/aws4_request"),
        };
        draft
            .header("host", HOST)
            .header("x-amz-date", "20260102T030405Z")
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a name");
        self.headers
            .append(name, HeaderValue::from_str(value).expect("a value"));
        self
    }

    pub(crate) fn replace(mut self, name: &str, value: &str) -> Self {
        self.headers.remove(name);
        self.header(name, value)
    }

    pub(crate) fn of_session(mut self) -> Self {
        SESSION_KEY_ID.clone_into(&mut self.access_key_id);
        self.header("x-amz-security-token", TOKEN)
    }

    /// Signs all headers.
    pub(crate) fn signed(&self) -> Self {
        let mut names: Vec<&str> = self.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        self.signing(&names)
    }

    /// Signs these headers.
    pub(crate) fn signing(&self, names: &[&str]) -> Self {
        let value = |name: &&str| {
            let values = self.headers.get_all(*name).iter();
            let values: Vec<&str> = values.map(|value| value.to_str().expect("ASCII")).collect();
            format!("{}:{}\n", name.to_lowercase(), values.join(","))
        };
        let lines: String = names.iter().map(value).collect();
        let hash = self.headers.get("x-amz-content-sha256");
        let hash = hash.map_or_else(
            || hex::encode(sha256(self.body)),
            |hash| hash.to_str().expect("ASCII").to_owned(),
        );
        let canonical = format!(
            "{}\n{}\n{}\n{lines}\n{}\n{hash}",
            self.method,
            self.path,
            self.query,
            names.join(";"),
        );
        self.signed_as(&canonical)
    }

    /// Signs this canonical request, whatever the request is.
    pub(crate) fn signed_as(&self, canonical: &str) -> Self {
        let hash = hex::encode(sha256(canonical.as_bytes()));
        let scope = &self.scope;
        let string_to_sign = format!("AWS4-HMAC-SHA256\n20260102T030405Z\n{scope}\n{hash}");
        let mut key = format!("AWS4{SECRET}").into_bytes();
        for part in scope.split('/').chain([string_to_sign.as_str()]) {
            let mut hmac = Hmac::<Sha256>::new_from_slice(&key).expect("any length does");
            hmac.update(part.as_bytes());
            key = hmac.finalize().into_bytes().to_vec();
        }
        let signed_headers = canonical.rsplit('\n').nth(1).expect("several lines");
        let value = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed_headers}, Signature={}",
            self.access_key_id,
            hex::encode(key),
        );
        self.clone().replace("authorization", &value)
    }

    pub(crate) fn request(&self) -> SignedRequest<'_> {
        SignedRequest {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
        }
    }

    pub(crate) fn verify(&self) -> Result<Verified, Refusal> {
        verify_at(self, 0)
    }
}

/// Verifies a request so many seconds after it was signed.
pub(crate) fn verify_at(draft: &Draft, offset: i64) -> Result<Verified, Refusal> {
    let verifier = Verifier::of_lambda(REGION, |access_key_id: &str| match access_key_id {
        ACCESS_KEY_ID => Some(Secret::lasting(SECRET)),
        SESSION_KEY_ID => Some(Secret {
            session_token: Some(TOKEN.to_owned()),
            ..Secret::lasting(SECRET)
        }),
        _ => None,
    });
    let now = UNIX_EPOCH + Duration::from_secs(NOW.saturating_add_signed(offset));
    verifier.verify(draft.request(), &sha256(draft.body), now)
}
