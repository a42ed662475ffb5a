//! The connections to the function URL.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use super::function_url::FunctionUrl;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection is kept that nothing uses: less than servers keep it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest head of an answer, and what is read of its body at once.
const MAX_BUFFER_BYTES: usize = 64 * 1024;

/// A client whose clones share their connections.
pub(super) type Upstream = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Install the system's certificates.
#[derive(Debug, thiserror::Error)]
#[error("this machine has no certificates to know AWS by; on Debian: apt install ca-certificates")]
pub struct NoRoots(#[from] io::Error);

/// A client for this URL. It has `TCP_NODELAY` set and asks no HTTP proxy, as clients of AWS here do.
pub(super) fn client(url: &FunctionUrl) -> Result<Upstream, NoRoots> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has ciphers for them");
    let tls = if url.is_tls() {
        tls.with_native_roots()?.with_no_client_auth()
    } else {
        // Nothing is ever asked to prove its name.
        tls.with_root_certificates(RootCertStore::empty())
            .with_no_client_auth()
    };
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls);
    let connector = if url.is_tls() {
        connector.https_only()
    } else {
        connector.https_or_http()
    };
    Ok(Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http1_max_buf_size(MAX_BUFFER_BYTES)
        .build(connector.enable_http1().wrap_connector(tcp)))
}
