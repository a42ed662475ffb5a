//! A distribution: what happens to a viewer's request, in order.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::{Body as _, Incoming},
    header::{self, HeaderName, HeaderValue},
    http::request::Parts,
};
use ipnet::IpNet;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::{
    answers::error_page,
    behaviour,
    events::{self, FromOriginRequest, ShownBody},
    functions::Functions,
    origin::Origin,
    waf,
};
use crate::{
    body::{self, Body, Broken},
    credentials::Account,
    listener::{self, Acknowledgement},
    trace::Trace,
};

/// What a function on origin-request is shown of a body: the first 1 MB. ("Restrictions on
/// Lambda@Edge": before base64.)
const SHOWN_BYTES: usize = 1024 * 1024;
/// The longest path with its query. ("Quotas": maximum length of a URL.)
const MAX_URL_BYTES: usize = 8192;
/// All headers together. ("Quotas": maximum length of a request, including headers.)
const MAX_HEADER_BYTES: usize = 32_768;

/// What a distribution is made of.
#[derive(Debug)]
pub(crate) struct Distribution {
    /// Who may come in.
    pub(crate) allowed: Vec<IpNet>,
    /// The deployed JavaScript.
    pub(crate) functions: Functions,
    /// Where the function URL listens.
    pub(crate) origin: SocketAddr,
    /// The region of the function.
    pub(crate) region: String,
    /// Whose credentials origin access control signs with.
    pub(crate) account: Account,
    /// What is told of it.
    pub(crate) trace: Trace,
}

/// A distribution that serves.
#[derive(Debug, Clone)]
pub(crate) struct CloudFront(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    allowed: Vec<IpNet>,
    functions: Functions,
    origin: Origin,
    trace: Trace,
}

impl CloudFront {
    /// Puts it together.
    pub(crate) fn new(distribution: Distribution) -> Self {
        let origin = Origin::new(
            distribution.origin,
            &distribution.region,
            distribution.account,
        );
        Self(Arc::new(Shared {
            allowed: distribution.allowed,
            functions: distribution.functions,
            origin,
            trace: distribution.trace,
        }))
    }

    /// Serves until it is dropped.
    pub(crate) async fn serve(self, listener: TcpListener) {
        listener::serve(
            listener,
            Acknowledgement::Immediate,
            move |request, peer: SocketAddr| {
                let this = self.clone();
                async move { this.handle(request, peer.ip()).await }
            },
        )
        .await;
    }

    async fn handle(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Body> {
        let request_id = Uuid::new_v4().simple().to_string();
        let (parts, body) = request.into_parts();
        let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
        let visit = Visit {
            shared: &self.0,
            peer,
            request_id: &request_id,
        };
        let mut response = match visit.pass(parts, body).await {
            Ok(response) => response,
            Err(refusal) => *refusal,
        };
        visit.say(
            "CloudFront",
            format_args!("{method} {path} → {}", response.status().as_u16()),
        );
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert("x-amz-cf-id", id);
        }
        response
    }
}

type Refusal = Box<Response<Body>>;

fn refuse<T>(status: StatusCode, why: &str) -> Result<T, Refusal> {
    Err(Box::new(error_page(status, why)))
}

/// One request on its way.
struct Visit<'a> {
    shared: &'a Shared,
    peer: IpAddr,
    request_id: &'a str,
}

impl Visit<'_> {
    fn say(&self, stage: &str, what: impl std::fmt::Display) {
        self.shared.trace.say(stage, self.request_id, what);
    }

    async fn pass(&self, parts: Parts, body: Incoming) -> Result<Response<Body>, Refusal> {
        if !waf::allows(&self.shared.allowed, self.peer) {
            self.say("WAF", format_args!("{} is not on the list", self.peer));
            return refuse(StatusCode::FORBIDDEN, "Request blocked.");
        }
        check(&parts, &body)?;
        let parts = self.viewer_request(parts).await?;
        let behaviour = behaviour::of(parts.uri.path());
        let (parts, body) = if behaviour.has_signer {
            self.origin_request(parts, body).await?
        } else {
            (parts, streamed(Bytes::new(), body))
        };
        self.say("OAC", format_args!("signs, by {}", behaviour.pattern));
        let origin = &self.shared.origin;
        Ok(origin.ask(parts, body, self.peer, self.request_id).await)
    }

    async fn viewer_request(&self, mut parts: Parts) -> Result<Parts, Refusal> {
        let hidden = hide(&mut parts.headers);
        let event = events::of_viewer(
            &parts.method,
            &parts.uri,
            &parts.headers,
            self.peer,
            self.request_id,
        );
        let result = self.shared.functions.run("viewer-request", &event).await;
        let headers = match &result {
            Ok(request) => events::headers_of_viewer(request),
            Err(error) => {
                self.say("function", error);
                None
            }
        };
        let Some(headers) = headers else {
            // CloudFront's status for a function that throws or returns what is no request.
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return refuse(status, "The CloudFront function returned an error.");
        };
        self.say("function", "viewer-request ran");
        parts.headers = headers;
        parts.headers.extend(hidden);
        Ok(parts)
    }

    async fn origin_request(
        &self,
        mut parts: Parts,
        mut body: Incoming,
    ) -> Result<(Parts, Body), Refusal> {
        let first = first_bytes(&mut body).await?;
        // DELETE's body is not shown.
        let is_shown = matches!(parts.method, Method::POST | Method::PUT | Method::PATCH);
        let shown = ShownBody {
            bytes: &first[..first.len().min(SHOWN_BYTES)],
            is_cut: first.len() > SHOWN_BYTES,
        };
        let event = events::of_origin(
            &parts.method,
            &parts.uri,
            &parts.headers,
            self.peer,
            self.request_id,
            is_shown.then_some(&shown),
        );
        let result = self.shared.functions.run("origin-request", &event).await;
        let read = match &result {
            Ok(result) => events::of_origin_request(result, &parts.headers),
            Err(error) => {
                self.say("Lambda@Edge", error);
                None
            }
        };
        match read {
            Some(FromOriginRequest::GoOn(headers)) => {
                self.say("Lambda@Edge", "origin-request signed the body");
                parts.headers = headers;
                Ok((parts, streamed(first, body)))
            }
            Some(FromOriginRequest::Answer(answer)) => {
                self.say("Lambda@Edge", "origin-request answered by itself");
                Err(answer)
            }
            None => refuse(
                StatusCode::BAD_GATEWAY,
                "The Lambda function returned invalid JSON or an invalid value.",
            ),
        }
    }
}

/// What CloudFront refuses by itself.
fn check(parts: &Parts, body: &Incoming) -> Result<(), Refusal> {
    let has_body = body.size_hint().exact() != Some(0);
    if has_body && matches!(parts.method, Method::GET | Method::HEAD) {
        return refuse(StatusCode::FORBIDDEN, "Bad request: a GET has no body.");
    }
    if !matches!(
        parts.method,
        Method::GET
            | Method::HEAD
            | Method::OPTIONS
            | Method::PUT
            | Method::POST
            | Method::PATCH
            | Method::DELETE
    ) {
        return refuse(StatusCode::FORBIDDEN, "This method is not supported.");
    }
    let url = parts
        .uri
        .path_and_query()
        .map_or(0, |url| url.as_str().len());
    if url > MAX_URL_BYTES {
        return refuse(StatusCode::URI_TOO_LONG, "The URL is too long.");
    }
    let lines = parts.headers.iter();
    let size: usize = lines
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if size > MAX_HEADER_BYTES {
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return refuse(status, "The request headers are too large.");
    }
    Ok(())
}

/// Takes out what functions are not shown; viewers cannot set it, so nothing of it is kept but the
/// length of the body.
fn hide(headers: &mut HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
    let reserved = |name: &HeaderName| {
        let name = name.as_str();
        name.starts_with("x-amz-cf-")
            || name.starts_with("x-edge-")
            || matches!(name, "x-forwarded-proto" | "x-real-ip" | "x-cache" | "via")
    };
    let names: Vec<_> = headers
        .keys()
        .filter(|name| reserved(name))
        .cloned()
        .collect();
    for name in names {
        headers.remove(name);
    }
    let kept = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
    let kept = kept.into_iter();
    kept.filter_map(|name| headers.remove(&name).map(|value| (name, value)))
        .collect()
}

/// A megabyte and at least a byte more, or all there is.
async fn first_bytes(body: &mut Incoming) -> Result<Bytes, Refusal> {
    let mut first = BytesMut::new();
    while first.len() <= SHOWN_BYTES {
        match body.frame().await {
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    first.extend_from_slice(&data);
                }
            }
            Some(Err(_)) => return refuse(StatusCode::BAD_REQUEST, "Bad request."),
            None => break,
        }
    }
    Ok(first.freeze())
}

/// The body as it comes, after what was read of it already.
fn streamed(first: Bytes, mut rest: Incoming) -> Body {
    if rest.is_end_stream() {
        return if first.is_empty() {
            body::empty()
        } else {
            body::full(first)
        };
    }
    let (pieces, body) = body::channel();
    tokio::spawn(async move {
        if !first.is_empty() && pieces.send(Ok(first)).await.is_err() {
            return;
        }
        while let Some(frame) = rest.frame().await {
            let piece = match frame.map(hyper::body::Frame::into_data) {
                Ok(Ok(data)) => Ok(data),
                Ok(Err(_)) => continue,
                Err(_) => Err(Broken),
            };
            if pieces.send(piece).await.is_err() {
                return;
            }
        }
    });
    body
}
