//! Which pages may talk to us: any page can rebind its name to 127.0.0.1, and any page can post to
//! another site.

use std::net::{IpAddr, Ipv6Addr};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::Response,
};

use super::{openai_error::answer, problem::Problem};
use crate::{serve::Peer, state::AppState};

/// What requests may say of where they come from and go to.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    /// Without keys whoever reaches the app is its user, so it must be reached by a loopback name.
    pub loopback_only: bool,
    /// Names that Host may carry; none: any.
    pub hosts: Vec<String>,
    /// Origins beside the app's own.
    pub origins: Vec<String>,
    /// Where a proxy names the host that it was asked for, if it sends another one as Host.
    pub host_header: Option<HeaderName>,
}

impl Gate {
    pub(crate) fn check(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        peer: Option<IpAddr>,
    ) -> Result<(), Problem> {
        let host_header = self
            .host_header
            .as_ref()
            .filter(|name| headers.contains_key(*name))
            .unwrap_or(&header::HOST);
        let authority = host_of(uri, headers, host_header).ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "invalid_host",
                "The request carries no valid Host header.",
            )
        })?;
        let name = authority.host();
        // The name is what a page can rebind, the peer what another machine cannot choose.
        if self.loopback_only && !(is_loopback(name) && peer.is_some_and(|peer| peer.is_loopback()))
        {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "foreign_host",
                "Without keys this service answers only this machine, by a loopback name such as \
                 localhost. To reach it otherwise, add a key: `tidewire key NAME`.",
            ));
        }
        if !self.loopback_only
            && !self.hosts.is_empty()
            && !self
                .hosts
                .iter()
                .any(|host| host.eq_ignore_ascii_case(name))
        {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "foreign_host",
                "This service does not answer to that Host; server.hosts lists those it does.",
            ));
        }
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => Ok(()),
            (Some(origin), None)
                if origin
                    .to_str()
                    .is_ok_and(|origin| self.allows(origin, &authority)) =>
            {
                Ok(())
            }
            _ => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "foreign_origin",
                "Pages of another origin may not call this service; server.origins lists those \
                 that may.",
            )),
        }
    }

    fn allows(&self, origin: &str, authority: &Authority) -> bool {
        let own = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"))
            .is_some_and(|rest| rest.eq_ignore_ascii_case(authority.as_str()));
        own || self
            .origins
            .iter()
            .any(|allowed| allowed.trim_end_matches('/').eq_ignore_ascii_case(origin))
    }
}

fn host_of(uri: &Uri, headers: &HeaderMap, name: &HeaderName) -> Option<Authority> {
    // HTTP/1.1 knows one Host; with two of them a proxy before us may have looked at the other.
    let mut hosts = headers.get_all(name).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return None;
    }
    let authority = match host {
        Some(host) => Authority::try_from(host.as_bytes()).ok()?,
        None => uri.authority()?.clone(),
    };
    (!authority.as_str().contains('@')).then_some(authority)
}

fn is_loopback(host: &str) -> bool {
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

/// Lets through what the gate allows.
pub(crate) async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let peer = request
        .extensions()
        .get::<Peer>()
        .map(|peer| peer.0.to_canonical());
    match state.gate.check(request.uri(), request.headers(), peer) {
        Ok(()) => next.run(request).await,
        Err(problem) => answer(request.uri(), problem),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::http::HeaderValue;

    use super::*;

    fn verdict(gate: &Gate, host: &str, origin: Option<&'static str>) -> Option<&'static str> {
        verdict_from(Ipv4Addr::LOCALHOST.into(), gate, host, origin)
    }

    fn verdict_from(
        peer: IpAddr,
        gate: &Gate,
        host: &str,
        origin: Option<&'static str>,
    ) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        gate.check(&Uri::from_static("/"), &headers, Some(peer))
            .err()
            .map(|problem| problem.code)
    }

    fn local() -> Gate {
        Gate {
            loopback_only: true,
            hosts: Vec::new(),
            origins: Vec::new(),
            host_header: None,
        }
    }

    #[test]
    fn a_local_app_answers_to_loopback_names_alone() {
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:8080",
        ] {
            assert_eq!(verdict(&local(), host, None), None, "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.168.0.1",
            "[::2]",
            "0.0.0.0",
        ] {
            assert_eq!(
                verdict(&local(), host, None),
                Some("foreign_host"),
                "{host}"
            );
        }
        assert_eq!(verdict(&local(), "a@localhost", None), Some("invalid_host"));
    }

    #[test]
    fn another_machine_cannot_pass_for_this_one() {
        let peer = IpAddr::from([192, 168, 0, 7]);
        assert_eq!(
            verdict_from(peer, &local(), "localhost", None),
            Some("foreign_host")
        );
        let keyed = Gate {
            loopback_only: false,
            ..local()
        };
        assert_eq!(verdict_from(peer, &keyed, "chat.example", None), None);
    }

    #[test]
    fn an_origin_must_be_the_apps_own_or_listed() {
        let own = Some("http://localhost:8080");
        assert_eq!(verdict(&local(), "localhost:8080", own), None);
        assert_eq!(
            verdict(&local(), "localhost:8081", own),
            Some("foreign_origin")
        );
        for origin in [
            "null",
            "http://evil.example",
            "http://localhost:8080.evil.example",
        ] {
            assert_eq!(
                verdict(&local(), "localhost:8080", Some(origin)),
                Some("foreign_origin")
            );
        }
        let keyed = Gate {
            loopback_only: false,
            hosts: vec!["url.on.aws".into()],
            origins: vec!["https://chat.example/".into()],
            ..local()
        };
        assert_eq!(
            verdict(&keyed, "url.on.aws", Some("https://chat.example")),
            None
        );
        assert_eq!(verdict(&keyed, "other.on.aws", None), Some("foreign_host"));
    }

    #[test]
    fn a_proxy_may_name_the_host_that_it_was_asked_for() {
        let behind = Gate {
            loopback_only: false,
            host_header: Some(HeaderName::from_static("x-asked-for")),
            ..local()
        };
        let check = |gate: &Gate, asked_for: &[&'static str]| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("url.on.aws"));
            let origin = HeaderValue::from_static("https://chat.example");
            headers.insert(header::ORIGIN, origin);
            for host in asked_for {
                headers.append("x-asked-for", HeaderValue::from_static(host));
            }
            let problem = gate.check(&Uri::from_static("/"), &headers, None).err();
            problem.map(|problem| problem.code)
        };
        assert_eq!(check(&behind, &["chat.example"]), None);
        assert_eq!(check(&behind, &["evil.example"]), Some("foreign_origin"));
        assert_eq!(check(&behind, &[]), Some("foreign_origin"));
        let two = ["chat.example", "chat.example"];
        assert_eq!(check(&behind, &two), Some("invalid_host"));
        let unaware = Gate {
            host_header: None,
            ..behind
        };
        assert_eq!(check(&unaware, &["chat.example"]), Some("foreign_origin"));
    }

    #[test]
    fn two_hosts_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, HeaderValue::from_static("localhost"));
        headers.append(header::HOST, HeaderValue::from_static("evil.example"));
        let peer = Some(Ipv4Addr::LOCALHOST.into());
        let problem = local()
            .check(&Uri::from_static("/"), &headers, peer)
            .unwrap_err();
        assert_eq!(problem.code, "invalid_host");
    }
}
