//! A request as an event of payload format 2.0.
//! (AWS Lambda Developer Guide, "Invoking Lambda function URLs", request payload.)

use std::{collections::BTreeMap, net::IpAddr};

use base64::{Engine, engine::general_purpose::STANDARD};
use hyper::{
    HeaderMap,
    header::{self, HeaderName},
    http::request::Parts,
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};

/// Who called, as the signature says.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) access_key: String,
    pub(super) user_arn: String,
}

/// What is known of a request beside its bytes.
#[derive(Debug)]
pub(super) struct Origin<'a> {
    pub(super) peer: IpAddr,
    pub(super) identity: Option<&'a Identity>,
    pub(super) request_id: &'a str,
    pub(super) trace_id: &'a str,
}

/// The event of a request with this body.
pub(super) fn event(parts: &Parts, body: &[u8], origin: &Origin<'_>) -> Value {
    let now = Timestamp::now();
    let host = text(&parts.headers, &header::HOST);
    let prefix = host.split('.').next().unwrap_or_default();
    let source = origin.peer.to_string();
    let (body, is_base64) = encoded(&parts.headers, body);
    let authorizer = origin.identity.map(|identity| {
        json!({"iam": {
            "accessKey": identity.access_key,
            "accountId": "123456789012",
            "callerId": format!("{}:session", identity.access_key),
            "cognitoIdentity": null,
            "principalOrgId": null,
            "userArn": identity.user_arn,
            "userId": identity.access_key,
        }})
    });
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": parts.uri.path(),
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": headers(&parts.headers, origin.identity.is_some(), &source, origin.trace_id),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": prefix,
            "authorizer": authorizer,
            "domainName": host,
            "domainPrefix": prefix,
            "http": {
                "method": parts.method.as_str(),
                "path": parts.uri.path(),
                "protocol": "HTTP/1.1",
                "sourceIp": source,
                "userAgent": text(&parts.headers, &header::USER_AGENT),
            },
            "requestId": origin.request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": now.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "isBase64Encoded": is_base64,
    });
    if let Value::Object(event) = &mut event {
        add_optional(event, parts, body);
    }
    event
}

fn add_optional(event: &mut Map<String, Value>, parts: &Parts, body: Option<String>) {
    let cookies: Vec<&str> = parts
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split("; "))
        .collect();
    if !cookies.is_empty() {
        event.insert("cookies".into(), json!(cookies));
    }
    if let Some(query) = parts.uri.query() {
        event.insert("queryStringParameters".into(), json!(parameters(query)));
    }
    if let Some(body) = body {
        event.insert("body".into(), body.into());
    }
}

/// Lower-case names, one value each: repeated headers are joined. `Authorization` is the function
/// URL's own where it asks for signatures, and then never reaches the function; cookies travel
/// beside the headers.
fn headers(
    from: &HeaderMap,
    is_signed: bool,
    source: &str,
    trace_id: &str,
) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::new();
    for name in from.keys() {
        if (is_signed && name == header::AUTHORIZATION)
            || name == header::COOKIE
            || is_hop_by_hop(name)
        {
            continue;
        }
        let values: Vec<_> = from
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        headers.insert(name.to_string(), values.join(","));
    }
    headers
        .entry("x-forwarded-for".into())
        .or_insert_with(|| source.to_owned());
    headers.insert("x-forwarded-proto".into(), "https".into());
    headers.insert("x-forwarded-port".into(), "443".into());
    headers.insert("x-amzn-trace-id".into(), trace_id.to_owned());
    headers
}

pub(crate) fn is_hop_by_hop(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "keep-alive"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// Text types travel as text, everything else as base64, which takes a third more of the 6 MB.
fn encoded(headers: &HeaderMap, body: &[u8]) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    let kind = text(headers, &header::CONTENT_TYPE).to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_text = kind.starts_with("text/")
        || matches!(
            kind,
            "application/json" | "application/javascript" | "application/xml"
        );
    match std::str::from_utf8(body) {
        Ok(text) if is_text => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(body)), true),
    }
}

fn parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::<String, String>::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        parameters
            .entry(decoded(name))
            .and_modify(|values| {
                values.push(',');
                values.push_str(&decoded(value));
            })
            .or_insert_with(|| decoded(value));
    }
    parameters
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text
            .get(at + 1..at + 3)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hyper::Request;

    use super::*;

    fn event_of(request: hyper::http::request::Builder, body: &[u8]) -> Value {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let identity = Identity {
            access_key: "AKID".into(),
            user_arn: "arn".into(),
        };
        let origin = Origin {
            peer: Ipv4Addr::LOCALHOST.into(),
            identity: Some(&identity),
            request_id: "r",
            trace_id: "Root=1",
        };
        event(&parts, body, &origin)
    }

    #[test]
    fn authorization_never_reaches_the_function() {
        let request = Request::get("/").header("Authorization", "AWS4-HMAC-SHA256 secret");
        assert!(!event_of(request, b"").to_string().contains("secret"));
    }

    #[test]
    fn text_travels_as_text_and_the_rest_as_base64() {
        let json = Request::post("/").header("Content-Type", "application/json; charset=utf-8");
        let event = event_of(json, b"{}");
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!("{}"), &json!(false))
        );
        let image = Request::post("/").header("Content-Type", "image/png");
        let event = event_of(image, &[0xff, 0]);
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!("/wA="), &json!(true))
        );
        let broken = Request::post("/").header("Content-Type", "application/json");
        assert_eq!(event_of(broken, &[0xff])["isBase64Encoded"], true);
    }

    #[test]
    fn repeated_headers_and_parameters_are_joined_and_cookies_are_apart() {
        let request = Request::get("/a%20b?x=1&y&x=%32+3")
            .header("X-Twice", "1")
            .header("X-Twice", "2")
            .header("Cookie", "a=b; c=d");
        let event = event_of(request, b"");
        assert_eq!(event["headers"]["x-twice"], "1,2");
        assert_eq!(event["cookies"], json!(["a=b", "c=d"]));
        assert_eq!(
            event["queryStringParameters"],
            json!({"x": "1,2 3", "y": ""})
        );
        assert_eq!(
            (&event["rawPath"], &event["rawQueryString"]),
            (&json!("/a%20b"), &json!("x=1&y&x=%32+3"))
        );
        assert!(event["headers"].get("cookie").is_none());
    }
}
