//! How all stages listen.

use std::{
    convert::Infallible,
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

use crate::body::Body;

/// When what a peer sends is acknowledged.
///
/// The adapter and `lambda_runtime` leave Nagle's algorithm on: a second small write waits until the
/// first is acknowledged, and Linux delays an acknowledgement by up to 40 ms. Whether AWS's side does
/// so is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Acknowledgement {
    /// At once.
    #[default]
    Immediate,
    /// When the system thinks fit.
    Delayed,
}

/// Answers every request to `listener` with what `handle` makes of it.
pub(crate) async fn serve<Handle, Answer>(
    listener: TcpListener,
    acknowledgement: Acknowledgement,
    handle: Handle,
) where
    Handle: Fn(Request<Incoming>, SocketAddr) -> Answer + Clone + Send + 'static,
    Answer: Future<Output = Response<Body>> + Send + 'static,
{
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            // Too many open files: whoever waits is accepted when one closes.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let stream = Acknowledging {
            stream,
            acknowledgement,
        };
        let handle = handle.clone();
        let service = service_fn(move |request| {
            let answer = handle(request, peer);
            async move { Ok::<_, Infallible>(answer.await) }
        });
        // A connection that breaks is its client's affair.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

struct Acknowledging {
    stream: TcpStream,
    acknowledgement: Acknowledgement,
}

impl AsyncRead for Acknowledging {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        if self.acknowledgement == Acknowledgement::Immediate {
            // Linux forgets the option after a while, so it is set again with every read.
            let _ = rustix::net::sockopt::set_tcp_quickack(&self.stream, true);
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Acknowledging {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
