//! Who calls: a static key as Bearer token or `x-api-key`, or a signed session cookie; without any
//! key in the configuration, the one local principal.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use cookie::{Cookie, SameSite, time::Duration};
use tidewire_auth::{KeyRing, Session, SessionSigner};
use tidewire_domain::{PrincipalId, Timestamp};

use super::{openai_error::answer, problem::Problem};
use crate::state::AppState;

/// The name of the session cookie.
const COOKIE: &str = "tidewire_session";
/// The principal of an app without keys.
const LOCAL: &str = "local";

/// The keys and the seal of sessions.
pub(crate) struct Authority {
    keys: KeyRing,
    signer: SessionSigner,
    local: PrincipalId,
}

impl Authority {
    /// An authority over these keys; without any, everybody is the local principal.
    pub(crate) fn new(keys: KeyRing, signer: SessionSigner) -> Self {
        Self {
            keys,
            signer,
            local: PrincipalId::new(LOCAL),
        }
    }

    /// Whether whoever reaches the app is its user.
    pub(crate) fn is_open(&self) -> bool {
        self.keys.is_empty()
    }

    /// The session that the request carries, if it is valid and the key that opened it is still
    /// one of ours.
    pub(crate) fn session(&self, headers: &HeaderMap) -> Option<Session> {
        let token = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
            .find(|cookie| cookie.name() == COOKIE)?;
        let hash = |name: &str| self.key_hash(name);
        self.signer.open(token.value(), Timestamp::now(), hash).ok()
    }

    /// What a session of this principal is bound to.
    fn key_hash(&self, name: &str) -> Option<&[u8]> {
        if self.is_open() {
            (name == LOCAL).then_some(&[])
        } else {
            self.keys.hash(name)
        }
    }

    /// The principal of a key that somebody typed in.
    pub(crate) fn sign_in(&self, key: &str) -> Option<PrincipalId> {
        self.keys.find(key.trim()).cloned()
    }

    /// Who calls; everybody, where there are no keys.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Result<PrincipalId, Problem> {
        let presented = bearer(headers).or_else(|| {
            let key = headers.get("x-api-key")?;
            key.to_str().ok()
        });
        if self.is_open() {
            // SDKs insist on sending some key: without any of ours, none is wrong.
            return Ok(self.local.clone());
        }
        if let Some(key) = presented {
            return self
                .keys
                .find(key)
                .cloned()
                .ok_or_else(|| unauthenticated("The key is not one of this service's."));
        }
        self.session(headers)
            .map(|session| PrincipalId::new(&session.principal))
            .ok_or_else(|| unauthenticated("Send a key as Bearer token or x-api-key, or sign in."))
    }

    /// The `Set-Cookie` value that gives a browser this session.
    pub(crate) fn cookie(&self, session: &Session, headers: &HeaderMap) -> HeaderValue {
        let seconds = session.seconds_left(Timestamp::now());
        let hash = self.key_hash(&session.principal).unwrap_or_default();
        set_cookie(self.signer.seal(session, hash), seconds, headers)
    }
}

/// The session of a browser that nobody asks to sign in.
pub(crate) fn local_session() -> Session {
    Session::new(LOCAL, Timestamp::now())
}

/// The `Set-Cookie` value that takes the session away.
pub(crate) fn clear_cookie(headers: &HeaderMap) -> HeaderValue {
    set_cookie(String::new(), 0, headers)
}

fn set_cookie(token: String, seconds: i64, headers: &HeaderMap) -> HeaderValue {
    // A browser drops a Secure cookie that came over plain HTTP, so it is set where TLS ends
    // before us.
    let secure = ["x-forwarded-proto", "cloudfront-forwarded-proto"]
        .iter()
        .any(|name| headers.get(*name).is_some_and(|proto| proto == "https"));
    let cookie = Cookie::build((COOKIE, token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(secure)
        .max_age(Duration::seconds(seconds))
        .build();
    HeaderValue::try_from(cookie.to_string()).expect("the token is URL-safe base64")
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

fn unauthenticated(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
}

/// The principal of a request. Handlers that take one are closed to everybody else.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) PrincipalId);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        state
            .authority
            .caller(&parts.headers)
            .map(Self)
            .map_err(|problem| answer(&parts.uri, problem))
    }
}
