//! Which requests may act with the credentials of whoever runs the proxy.

use std::net::{IpAddr, Ipv6Addr};

use http::{HeaderMap, StatusCode, Uri, header, uri::Authority};

use super::refusal::Refusal;

/// What requests may say of where they come from and go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Requests to a loopback name: any web page can point its own name at 127.0.0.1.
    Loopback,
    /// Requests to any name, of which others may have several for this machine.
    Anywhere,
}

impl Gate {
    pub(super) fn check(self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let authority = host_of(uri, headers).ok_or_else(|| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                "invalid_host",
                "The request carries no valid Host header.",
            )
        })?;
        if self == Self::Loopback && !is_loopback(authority.host()) {
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "foreign_host",
                "This proxy answers to loopback names alone, such as localhost.",
            ));
        }
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let is_own = |origin: &[u8]| {
            let rest = origin.strip_prefix(b"http://");
            rest.is_some_and(|rest| rest.eq_ignore_ascii_case(authority.as_str().as_bytes()))
        };
        match (origins.next(), origins.next()) {
            (None, _) => Ok(()),
            (Some(origin), None) if is_own(origin.as_bytes()) => Ok(()),
            _ => Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "foreign_origin",
                "Pages of another origin may not use this proxy.",
            )),
        }
    }
}

/// The one name that the request goes to. Of two, each may be meant.
fn host_of(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?;
    if hosts.next().is_some() {
        return None;
    }
    let host = Authority::try_from(host.as_bytes()).ok()?;
    let is_same = uri.authority().is_none_or(|other| *other == host);
    (is_same && !host.as_str().contains('@')).then_some(host)
}

/// Whether a name, or an address in or out of brackets, is this machine's to itself.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = host.trim_end_matches('.');
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    match name.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(IpAddr::V4(address)) => address.is_loopback(),
        Ok(IpAddr::V6(address)) => address == Ipv6Addr::LOCALHOST,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn verdict(gate: Gate, host: &str, origin: Option<&str>) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        let checked = gate.check(&Uri::from_static("/"), &headers);
        checked.err().map(|refusal| refusal.code)
    }

    #[test]
    fn only_loopback_names_are_answered() {
        for host in ["localhost", "LOCALHOST:9000", "127.0.0.1:1", "[::1]:9000"] {
            assert_eq!(verdict(Gate::Loopback, host, None), None, "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.168.0.1",
            "0.0.0.0",
        ] {
            let refused = Some("foreign_host");
            assert_eq!(verdict(Gate::Loopback, host, None), refused, "{host}");
            assert_eq!(verdict(Gate::Anywhere, host, None), None, "{host}");
        }
        for gate in [Gate::Loopback, Gate::Anywhere] {
            assert_eq!(verdict(gate, "a@localhost", None), Some("invalid_host"));
            assert_eq!(verdict(gate, "", None), Some("invalid_host"));
        }
    }

    #[test]
    fn an_origin_must_be_the_proxys_own() {
        let own = Some("http://localhost:9000");
        assert_eq!(verdict(Gate::Loopback, "localhost:9000", own), None);
        for gate in [Gate::Loopback, Gate::Anywhere] {
            for origin in [
                "null",
                "http://evil.example",
                "https://localhost:9000",
                "http://localhost:9001",
                "http://localhost:9000.evil.example",
            ] {
                let refused = verdict(gate, "localhost:9000", Some(origin));
                assert_eq!(refused, Some("foreign_origin"), "{origin}");
            }
        }
    }

    #[test]
    fn two_hosts_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        let elsewhere = Uri::from_static("http://evil.example/");
        let refused = Gate::Loopback.check(&elsewhere, &headers).unwrap_err();
        assert_eq!(refused.code, "invalid_host");
        headers.append(header::HOST, HeaderValue::from_static("evil.example"));
        let refused = Gate::Loopback.check(&Uri::from_static("/"), &headers);
        assert_eq!(refused.unwrap_err().code, "invalid_host");
    }
}
