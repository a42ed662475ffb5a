//! The way from CloudFront to the origin: origin access control signs, and nothing is buffered.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, SystemTime},
};

use edge_signer::{PayloadHash, Signer};
use http_body_util::BodyExt;
use hyper::{
    HeaderMap, Request, Response, StatusCode, Uri, Version,
    body::Incoming,
    header::{self, HeaderName, HeaderValue},
    http::request::Parts,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use super::answers::error_page;
use crate::{
    body::{self, Body, Broken},
    credentials::Account,
    function_url::is_hop_by_hop,
};

/// The longest silence of an origin, before its answer and between two pieces of it.
const READ_TIMEOUT: Duration = Duration::from_mins(2);
const CONTENT_SHA256: &str = "x-amz-content-sha256";

/// A function URL as an origin.
#[derive(Debug)]
pub(super) struct Origin {
    client: Client<HttpConnector, Body>,
    address: SocketAddr,
    /// The name that the URL has on AWS.
    host: HeaderValue,
    signer: Signer,
    account: Account,
}

impl Origin {
    pub(super) fn new(address: SocketAddr, region: &str, account: Account) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let host = format!("abcdefghijklmnopqrstuvwxyz012345.lambda-url.{region}.on.aws");
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            address,
            host: HeaderValue::try_from(host).unwrap_or(HeaderValue::from_static("origin")),
            signer: Signer::new(region),
            account,
        }
    }

    /// Sends a request on, and the answer back as it comes.
    pub(super) async fn ask(
        &self,
        mut parts: Parts,
        body: Body,
        peer: IpAddr,
        request_id: &str,
    ) -> Response<Body> {
        prepare(&mut parts.headers, peer, request_id);
        parts.headers.insert(header::HOST, self.host.clone());
        parts.version = Version::HTTP_11;
        if self.sign(&mut parts).is_err() {
            return error_page(StatusCode::BAD_GATEWAY, "The request cannot be signed.");
        }
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let Ok(uri) = Uri::try_from(format!("http://{}{path}", self.address)) else {
            return error_page(StatusCode::BAD_REQUEST, "Bad request.");
        };
        parts.uri = uri;
        let asked = self.client.request(Request::from_parts(parts, body));
        match tokio::time::timeout(READ_TIMEOUT, asked).await {
            Ok(Ok(response)) => pass_back(response),
            Ok(Err(_)) => error_page(
                StatusCode::BAD_GATEWAY,
                "CloudFront wasn't able to connect to the origin.",
            ),
            Err(_) => error_page(
                StatusCode::GATEWAY_TIMEOUT,
                "CloudFront attempted to establish a connection with the origin, but either the \
                 attempt failed or the origin closed the connection.",
            ),
        }
    }

    /// Signs as origin access control does, with signing behaviour `always`. It sees no body: a
    /// request without a hash is signed as one without a body.
    fn sign(&self, parts: &mut Parts) -> Result<(), edge_signer::Error> {
        let arn = "arn:aws:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE";
        let headers = &mut parts.headers;
        headers.insert(
            "x-amz-source-account",
            HeaderValue::from_static("123456789012"),
        );
        headers.insert("x-amz-source-arn", HeaderValue::from_static(arn));
        let sent: Vec<HeaderValue> = headers.get_all(CONTENT_SHA256).iter().cloned().collect();
        let well_formed = match sent.as_slice() {
            [hash] => hash.to_str().ok().and_then(|hash| hash.parse().ok()),
            _ => None,
        };
        let payload = well_formed.unwrap_or_else(|| PayloadHash::of(b""));
        let credentials = &self.account.oac;
        self.signer
            .sign(parts, &payload, credentials, SystemTime::now())?;
        if !sent.is_empty() {
            // What is not well formed, or there twice, goes on as it came; the URL refuses it.
            parts.headers.remove(CONTENT_SHA256);
            for hash in sent {
                parts.headers.append(CONTENT_SHA256, hash);
            }
        }
        Ok(())
    }
}

/// What CloudFront takes out and puts in on the way to an origin, with the policy
/// `AllViewerExceptHostHeader`.
fn prepare(headers: &mut HeaderMap, peer: IpAddr, request_id: &str) {
    let gone: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_hop_by_hop(name) || name.as_str().starts_with("proxy-"))
        .cloned()
        .collect();
    for name in gone {
        headers.remove(name);
    }
    headers.remove(header::EXPECT);
    let mut chain: Vec<String> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok().map(str::to_owned))
        .collect();
    chain.push(peer.to_string());
    set(headers, "x-forwarded-for", &chain.join(", "));
    set(
        headers,
        "via",
        "1.1 d111111abcdef8.cloudfront.net (CloudFront)",
    );
    set(headers, "x-amz-cf-id", request_id);
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn pass_back(response: Response<Incoming>) -> Response<Body> {
    let (mut parts, mut incoming) = response.into_parts();
    let gone: Vec<HeaderName> = parts
        .headers
        .keys()
        .filter(|name| is_hop_by_hop(name))
        .cloned()
        .collect();
    for name in gone {
        parts.headers.remove(name);
    }
    let cache = if parts.status.is_success() || parts.status.is_redirection() {
        "Miss from cloudfront"
    } else {
        "Error from cloudfront"
    };
    set(&mut parts.headers, "x-cache", cache);
    set(
        &mut parts.headers,
        "via",
        "1.1 d111111abcdef8.cloudfront.net (CloudFront)",
    );
    let (pieces, body) = body::channel();
    tokio::spawn(async move {
        loop {
            let frame = match tokio::time::timeout(READ_TIMEOUT, incoming.frame()).await {
                Ok(Some(Ok(frame))) => frame,
                Ok(None) => return,
                Ok(Some(Err(_))) | Err(_) => {
                    let _ = pieces.send(Err(Broken)).await;
                    return;
                }
            };
            if let Ok(data) = frame.into_data()
                && pieces.send(Ok(data)).await.is_err()
            {
                return;
            }
        }
    });
    Response::from_parts(parts, body)
}
