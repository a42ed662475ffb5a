//! Headers on their way through the proxy.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Where the client's own `Authorization` travels, since the signature takes its place. The Lambda
/// Web Adapter moves it back (`AWS_LWA_AUTHORIZATION_SOURCE`).
const MOVED_AUTHORIZATION: HeaderName = HeaderName::from_static("x-tidewire-authorization");

/// Headers about one connection (RFC 9110, 7.6.1), beside those that `Connection` names.
const HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Takes away what is about one connection.
pub(super) fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Makes a client's headers those of the request that is signed.
pub(super) fn prepare(headers: &mut HeaderMap, host: HeaderValue) {
    remove_hop_by_hop(headers);
    headers.remove(MOVED_AUTHORIZATION);
    headers.remove(header::EXPECT);
    // Of the body as it came; the one that is sent is told by its own.
    headers.remove(header::CONTENT_LENGTH);
    let of_aws: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-amz-"))
        .cloned()
        .collect();
    for name in of_aws {
        headers.remove(name);
    }
    let own: Vec<HeaderValue> = headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .cloned()
        .collect();
    headers.remove(header::AUTHORIZATION);
    for value in own {
        headers.append(MOVED_AUTHORIZATION, value);
    }
    headers.insert(header::HOST, host);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let lines = lines.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, value);
        }
        headers
    }

    fn prepared(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = headers(lines);
        prepare(&mut headers, HeaderValue::from_static("a.on.aws"));
        headers
    }

    #[test]
    fn what_is_about_the_connection_ends_here() {
        let got = prepared(&[
            ("connection", "close, X-Once"),
            ("connection", "x-twice , , keep-alive"),
            ("x-once", "1"),
            ("x-twice", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "websocket"),
            ("proxy-authorization", "Basic eDp5"),
            ("expect", "100-continue"),
            ("content-length", "7"),
            ("host", "localhost:9000"),
            ("accept", "*/*"),
        ]);
        assert_eq!(got, headers(&[("accept", "*/*"), ("host", "a.on.aws")]));
    }

    #[test]
    fn authorization_moves_and_nobody_can_send_it_moved() {
        let got = prepared(&[
            ("x-tidewire-authorization", "Bearer of-somebody"),
            ("authorization", "Bearer mine"),
        ]);
        let moved = headers(&[
            ("x-tidewire-authorization", "Bearer mine"),
            ("host", "a.on.aws"),
        ]);
        assert_eq!(got, moved);
        let got = prepared(&[("x-tidewire-authorization", "Bearer of-somebody")]);
        assert_eq!(got, headers(&[("host", "a.on.aws")]));
    }

    #[test]
    fn headers_of_the_signature_are_ours_alone() {
        let got = prepared(&[
            ("x-amz-date", "19990101T000000Z"),
            ("x-amz-security-token", "a"),
            ("x-amz-anything", "b"),
            ("x-amzn-trace-id", "c"),
        ]);
        assert_eq!(
            got,
            headers(&[("x-amzn-trace-id", "c"), ("host", "a.on.aws")])
        );
    }
}
