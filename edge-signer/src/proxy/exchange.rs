//! One request and its answer.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, header, uri::PathAndQuery};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use tower::{Layer, ServiceExt};
use tracing::warn;

use super::{
    body,
    function_url::FunctionUrl,
    gate::Gate,
    headers,
    refusal::Refusal,
    upstream,
    upstream::{NoRoots, Upstream},
};
use crate::{
    CallError, CredentialsCache, Error, SignLayer, SignService, Signer, error::told, wire_form,
};

const NO_CREDENTIALS: &str = "There are no AWS credentials to sign with. Sign in (`aws sso login`), name a profile \
     (`--profile`, AWS_PROFILE), or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary ones, \
     AWS_SESSION_TOKEN; then try again. The log of edge-signer says what was tried.";

/// Signs requests and passes them to a function URL. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Proxy {
    url: FunctionUrl,
    gate: Gate,
    upstream: SignService<Upstream>,
}

/// What a client gets: what the function streams, as it comes, or a text of ours.
pub(super) type Answer = Response<Either<Incoming, Full<Bytes>>>;

impl Proxy {
    /// To `url`, signing with `credentials` what `gate` lets through.
    pub fn new(
        url: FunctionUrl,
        credentials: CredentialsCache,
        gate: Gate,
    ) -> Result<Self, NoRoots> {
        let layer = SignLayer::new(Signer::new(url.region()), credentials);
        let upstream = layer.layer(upstream::client(&url)?);
        Ok(Self {
            url,
            gate,
            upstream,
        })
    }

    pub(super) async fn answer(self, request: Request<Incoming>) -> Answer {
        let path = request.uri().path().to_owned();
        match self.pass_on(request).await {
            Ok(response) => response.map(Either::Left),
            Err(refusal) => refusal.into_response(&path).map(Either::Right),
        }
    }

    async fn pass_on(self, request: Request<Incoming>) -> Result<Response<Incoming>, Refusal> {
        let (mut parts, body) = request.into_parts();
        self.gate.check(&parts.uri, &parts.headers)?;
        let target = target(&parts.method, &parts.uri)?;
        let body = body::read(body, parts.headers.contains_key(header::EXPECT)).await?;
        parts.uri = self.url.at(wire_form(target));
        headers::prepare(&mut parts.headers, self.url.host());
        let mut request = Request::new(body);
        *request.method_mut() = parts.method;
        *request.uri_mut() = parts.uri;
        *request.headers_mut() = parts.headers;
        let answer = self.upstream.oneshot(request).await;
        let mut response = answer.map_err(|error| self.url.refusal(&error))?;
        tell_denial(response.status(), response.headers());
        headers::remove_hop_by_hop(response.headers_mut());
        Ok(response)
    }
}

/// What is asked for. Neither `CONNECT` nor `OPTIONS *` asks for anything that a function has.
fn target<'a>(method: &Method, uri: &'a Uri) -> Result<&'a PathAndQuery, Refusal> {
    let target = uri.path_and_query();
    target
        .filter(|target| target.path().starts_with('/') && *method != Method::CONNECT)
        .ok_or_else(|| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                "invalid_target",
                "The request must ask for a path: this is no forward proxy.",
            )
        })
}

impl FunctionUrl {
    /// The log says what happened, the client what to do. Neither is told a header.
    fn refusal(&self, error: &CallError<legacy::Error>) -> Refusal {
        match error {
            CallError::Sign(Error::NoCredentials(reason)) => {
                warn!("there are no AWS credentials to sign with: {reason}");
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Refusal::new(status, "no_credentials", NO_CREDENTIALS)
            }
            CallError::Sign(error) => {
                warn!(%error, "a request cannot be signed");
                let message = format!("The request cannot be signed: {error}.");
                Refusal::new(StatusCode::BAD_GATEWAY, "not_signed", message)
            }
            CallError::Call(error) => {
                warn!("no answer from {self}: {}", told(error));
                let message = if error.is_connect() {
                    format!("{self} cannot be reached: check the URL and the network.")
                } else {
                    format!("{self} broke off before it answered. Try again.")
                };
                Refusal::new(StatusCode::BAD_GATEWAY, "upstream_unreachable", message)
            }
        }
    }
}

/// Lambda's own refusal, which says little of what to do, said in the log.
fn tell_denial(status: StatusCode, headers: &HeaderMap) {
    let kind = headers.get("x-amzn-errortype");
    let Some(kind) = kind.and_then(|kind| kind.to_str().ok()) else {
        return;
    };
    if status != StatusCode::FORBIDDEN {
        return;
    }
    if kind.starts_with("AccessDenied") {
        warn!(
            kind,
            "Lambda refused: these credentials need lambda:InvokeFunctionUrl and lambda:InvokeFunction"
        );
    } else {
        warn!(
            kind,
            "Lambda refused the signature: check the region, the clock and the credentials"
        );
    }
}
