//! The HTTP connections that all OpenAI-compatible models share.

use std::{net::IpAddr, sync::OnceLock, time::Duration};

use reqwest::{Client, ClientBuilder, Url, redirect};
use tidewire_domain::ModelError;

/// How long an unused connection is kept. Load balancers forget one after 60 s, some without a word,
/// and a function's environment may be frozen for as long: whoever then uses it waits in vain.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// The pool of connections to OpenAI-compatible servers: one for the whole process.
///
/// Making it costs nothing. The clients behind it are built when they are first needed, because the
/// system's root certificates take longer to load than the rest of the program takes to start; a
/// server at `http://` on this machine never needs them.
///
/// Proxies are taken from `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, but never for a
/// loopback address: no proxy could reach it.
#[derive(Debug)]
pub struct Connections {
    connect_timeout: Duration,
    loopback: OnceLock<Client>,
    loopback_tls: OnceLock<Client>,
    remote: OnceLock<Client>,
}

impl Default for Connections {
    fn default() -> Self {
        Self::new(Duration::from_secs(10))
    }
}

impl Connections {
    /// Connections that give up after `connect_timeout`.
    pub const fn new(connect_timeout: Duration) -> Self {
        Self {
            connect_timeout,
            loopback: OnceLock::new(),
            loopback_tls: OnceLock::new(),
            remote: OnceLock::new(),
        }
    }

    /// The client for `url`. Clones share their connections.
    pub(super) fn client(&self, url: &Url) -> Result<Client, ModelError> {
        let (slot, builder) = match (is_loopback(url), url.scheme()) {
            // No roots: nothing here is ever asked to verify a certificate.
            (true, "http") => (
                &self.loopback,
                Client::builder().no_proxy().tls_certs_only([]),
            ),
            (true, _) => (&self.loopback_tls, Client::builder().no_proxy()),
            (false, _) => (&self.remote, Client::builder()),
        };
        if let Some(client) = slot.get() {
            return Ok(client.clone());
        }
        let client = self.build(builder)?;
        Ok(slot.get_or_init(|| client).clone())
    }

    fn build(&self, builder: ClientBuilder) -> Result<Client, ModelError> {
        // Fails where the program has chosen a provider already, and then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        builder
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(IDLE_TIMEOUT)
            // A request is one small write and every token is waited for.
            .tcp_nodelay(true)
            // A key is for the server that it was given for.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("tidewire/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| {
                ModelError::Unavailable(format!("no HTTP client can be made: {error}"))
            })
    }
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse()
                .is_ok_and(|address: IpAddr| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_addresses_are_known_by_name_and_number() {
        for (url, loopback) in [
            ("http://localhost:11434/v1", true),
            ("http://127.0.0.1:8000", true),
            ("http://127.8.7.6", true),
            ("http://[::1]:8000/v1", true),
            ("https://api.openai.com/v1", false),
            ("http://10.0.0.1:8000", false),
            ("http://localhost.example.com", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), loopback, "{url}");
        }
    }

    #[test]
    fn a_client_is_built_once() {
        let connections = Connections::default();
        let url = Url::parse("http://127.0.0.1:1/v1").unwrap();
        assert!(connections.loopback.get().is_none());
        connections.client(&url).unwrap();
        assert!(connections.loopback.get().is_some());
        assert!(connections.remote.get().is_none());
    }
}
