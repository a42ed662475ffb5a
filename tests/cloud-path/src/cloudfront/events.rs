//! Requests as events of the two kinds of functions, and back.
//! (Amazon CloudFront Developer Guide, "CloudFront Functions event structure" and "Lambda@Edge event
//! structure".)

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use hyper::{
    HeaderMap, Method, Response, StatusCode, Uri,
    header::{HeaderName, HeaderValue},
};
use serde_json::{Map, Value, json};

use crate::body::{self, Body};

const DOMAIN: &str = "d111111abcdef8.cloudfront.net";

/// The event of a viewer-request function.
pub(super) fn of_viewer(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    peer: IpAddr,
    request_id: &str,
) -> Value {
    let mut shown = Map::new();
    for name in headers.keys() {
        let values: Vec<_> = headers.get_all(name).iter().map(text).collect();
        let mut header = json!({"value": values[0]});
        if values.len() > 1 {
            let lines: Vec<_> = values.iter().map(|value| json!({"value": value})).collect();
            header["multiValue"] = lines.into();
        }
        shown.insert(name.to_string(), header);
    }
    json!({
        "version": "1.0",
        "context": {
            "distributionDomainName": DOMAIN,
            "distributionId": "EDFDVBD6EXAMPLE",
            "eventType": "viewer-request",
            "requestId": request_id,
        },
        "viewer": {"ip": peer.to_string()},
        "request": {
            "method": method.as_str(),
            "uri": uri.path(),
            "querystring": query(uri.query().unwrap_or_default()),
            "headers": shown,
            "cookies": {},
        },
    })
}

fn query(query: &str) -> Value {
    let mut shown = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        shown.insert(name.to_owned(), json!({"value": value}));
    }
    shown.into()
}

/// The headers of a request that a viewer-request function returned.
pub(super) fn headers_of_viewer(request: &Value) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, header) in request["headers"].as_object()? {
        let lines = match header["multiValue"].as_array() {
            Some(lines) => lines.as_slice(),
            None => std::slice::from_ref(header),
        };
        for line in lines {
            append(&mut headers, name, line["value"].as_str()?)?;
        }
    }
    Some(headers)
}

/// What a function on origin-request is shown of a body.
#[derive(Debug)]
pub(super) struct ShownBody<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) is_cut: bool,
}

/// The event of an origin-request function.
pub(super) fn of_origin(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    peer: IpAddr,
    request_id: &str,
    body: Option<&ShownBody<'_>>,
) -> Value {
    let mut shown = Map::new();
    for name in headers.keys() {
        let lines: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(|value| json!({"key": name.as_str(), "value": text(value)}))
            .collect();
        shown.insert(name.to_string(), lines.into());
    }
    let mut request = json!({
        "clientIp": peer.to_string(),
        "method": method.as_str(),
        "uri": uri.path(),
        "querystring": uri.query().unwrap_or_default(),
        "headers": shown,
    });
    if let Some(body) = body {
        request["body"] = json!({
            "inputTruncated": body.is_cut,
            "action": "read-only",
            "encoding": "base64",
            "data": STANDARD.encode(body.bytes),
        });
    }
    let config = json!({
        "distributionDomainName": DOMAIN,
        "distributionId": "EDFDVBD6EXAMPLE",
        "eventType": "origin-request",
        "requestId": request_id,
    });
    json!({"Records": [{"cf": {"config": config, "request": request}}]})
}

/// What an origin-request function returned.
pub(super) enum FromOriginRequest {
    /// The request goes on with these headers.
    GoOn(HeaderMap),
    /// The viewer gets this, the origin nothing.
    Answer(Box<Response<Body>>),
}

/// Reads the result of an origin-request function. `None` where CloudFront would answer 502: it is
/// neither, or it changes a header that is not the function's to change.
pub(super) fn of_origin_request(result: &Value, before: &HeaderMap) -> Option<FromOriginRequest> {
    let mut headers = HeaderMap::new();
    for (name, lines) in result["headers"].as_object()? {
        for line in lines.as_array()? {
            append(&mut headers, name, line["value"].as_str()?)?;
        }
    }
    let Some(status) = result["status"].as_str() else {
        let keeps = |name: &HeaderName| headers.get_all(name).iter().eq(before.get_all(name));
        return READ_ONLY
            .iter()
            .all(keeps)
            .then_some(FromOriginRequest::GoOn(headers));
    };
    let text = result["body"].as_str().unwrap_or_default().to_owned();
    let mut response = Response::new(body::full(text));
    *response.status_mut() = StatusCode::from_bytes(status.as_bytes()).ok()?;
    *response.headers_mut() = headers;
    Some(FromOriginRequest::Answer(Box::new(response)))
}

/// ("Restrictions on Lambda@Edge", read-only headers of origin-request.)
const READ_ONLY: [HeaderName; 5] = [
    hyper::header::ACCEPT_ENCODING,
    hyper::header::CONTENT_LENGTH,
    hyper::header::IF_NONE_MATCH,
    hyper::header::TRANSFER_ENCODING,
    hyper::header::VIA,
];

fn append(headers: &mut HeaderMap, name: &str, value: &str) -> Option<()> {
    // As bytes of Latin-1, as the values came.
    let value: Vec<u8> = value
        .chars()
        .map(|character| u8::try_from(character).ok())
        .collect::<Option<_>>()?;
    headers.append(
        HeaderName::try_from(name).ok()?,
        HeaderValue::from_bytes(&value).ok()?,
    );
    Some(())
}

/// Any bytes, each as the character of its number.
fn text(value: &HeaderValue) -> String {
    value.as_bytes().iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &[u8])]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    #[test]
    fn headers_survive_both_kinds_of_events() {
        let before = headers(&[("a", b"1"), ("a", b"2"), ("b", b"caf\xe9"), ("c", b"")]);
        let (method, uri) = (Method::POST, Uri::from_static("/x?a=b"));
        let peer = "127.0.0.1".parse().unwrap();
        let event = of_viewer(&method, &uri, &before, peer, "r");
        assert_eq!(headers_of_viewer(&event["request"]).unwrap(), before);
        let event = of_origin(&method, &uri, &before, peer, "r", None);
        let request = &event["Records"][0]["cf"]["request"];
        let Some(FromOriginRequest::GoOn(after)) = of_origin_request(request, &before) else {
            panic!("it goes on");
        };
        assert_eq!(after, before);
    }

    #[test]
    fn a_function_may_not_touch_what_is_read_only() {
        let before = headers(&[("content-length", b"5")]);
        let changed = json!({"headers": {"content-length": [{"value": "6"}]}});
        assert!(of_origin_request(&changed, &before).is_none());
        assert!(of_origin_request(&json!({"headers": {}}), &before).is_none());
    }
}
