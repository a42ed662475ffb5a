//! Our listener. `axum::serve` has no options: it leaves Nagle's algorithm on, which holds a first
//! token back for 44 ms, and its buffers are sized for files, not for ten thousand quiet streams.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    time::Duration,
};

use axum::{
    Router,
    http::{HeaderValue, Request, Uri},
};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpSocket},
    time::sleep,
};
use tower::{ServiceExt, service_fn};
use tracing::{debug, warn};

/// The longest request head, and what a connection buffers at most. Session cookies and tokens of
/// single sign-on fit; what is longer gets 431.
const MAX_BUFFER_BYTES: usize = 16 * 1024;
/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4096;

/// Who is at the other end of the connection that a request came over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The same request with a head of its own. As hyper makes it, the head's values are slices of the
/// connection's read buffer; while a handler holds them, hyper cannot read into that buffer again
/// and takes a second one of 8 kB, for every stream.
fn detach(request: Request<Incoming>) -> Request<Incoming> {
    let (mut head, body) = request.into_parts();
    for value in head.headers.values_mut() {
        if let Ok(mut copy) = HeaderValue::from_bytes(value.as_bytes()) {
            copy.set_sensitive(value.is_sensitive());
            *value = copy;
        }
    }
    if let Ok(copy) = Uri::try_from(head.uri.to_string()) {
        head.uri = copy;
    }
    Request::from_parts(head, body)
}

/// Listens on `address`.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // So that a restart need not wait for the last run's connections to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `shutdown`, then takes no new connection, lets `drain` end what runs, and waits for
/// the last answers to leave.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
    drain: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_BUFFER_BYTES);
    let connections = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Mostly: too many open files. Whoever waits is accepted when one closes.
                    warn!(%error, "cannot accept a connection");
                    sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "cannot switch Nagle's algorithm off");
        }
        let router = router.clone();
        let service =
            TowerToHyperService::new(service_fn(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(Peer(peer.ip()));
                router.clone().oneshot(detach(request))
            }));
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    let mut closed = pin!(connections.shutdown());
    let mut drain = pin!(drain);
    // Both are polled from now on: only that tells idle connections to close, and a client that
    // keeps one open must not start another turn.
    let all_closed = tokio::select! {
        () = &mut closed => true,
        () = &mut drain => false,
    };
    if all_closed {
        return drain.await;
    }
    // Streams end with their turns; whoever reads a turn of another process is cut and comes back.
    tokio::select! {
        () = closed => {}
        () = sleep(Duration::from_secs(1)) => {}
    }
}
