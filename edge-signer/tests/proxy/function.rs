//! A function URL whose answers the test gives.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts, response::Builder};
use http_body_util::BodyExt;
use hyper::{
    body::{Body, Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::client::PATIENCE;

/// A function URL.
pub(crate) struct Function {
    pub(crate) url: String,
    calls: mpsc::UnboundedReceiver<Call>,
    connections: Arc<AtomicUsize>,
}

/// A request that arrived and waits for its answer.
pub(crate) struct Call {
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
    pub(crate) answer: oneshot::Sender<Response<Script>>,
}

/// A body that the test sends piece by piece.
pub(crate) struct Script(mpsc::Receiver<io::Result<Bytes>>);

pub(crate) type Sender = mpsc::Sender<io::Result<Bytes>>;

impl Function {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, calls) = mpsc::unbounded_channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Relaxed);
                stream.set_nodelay(true).unwrap();
                let sender = sender.clone();
                let service = service_fn(move |request| answered(request, sender.clone()));
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        Self {
            url,
            calls,
            connections,
        }
    }

    /// The next request.
    pub(crate) async fn call(&mut self) -> Call {
        let call = timeout(PATIENCE, self.calls.recv()).await;
        call.expect("a request arrives in time").unwrap()
    }

    /// Whether no request has arrived that was not asked for.
    pub(crate) fn is_idle(&mut self) -> bool {
        self.calls.try_recv().is_err()
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Relaxed)
    }
}

async fn answered(
    request: Request<Incoming>,
    calls: mpsc::UnboundedSender<Call>,
) -> Result<Response<Script>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let (answer, given) = oneshot::channel();
    let _ = calls.send(Call { head, body, answer });
    Ok(given.await.expect("the test answers"))
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap())
    }

    /// Answers `ok` with these headers and this text.
    pub(crate) fn answer(self, headers: &[(&str, &str)], text: &'static str) {
        self.answer_with(Response::builder(), headers, text);
    }

    fn answer_with(self, mut response: Builder, headers: &[(&str, &str)], text: &'static str) {
        let (sender, body) = script();
        sender.try_send(Ok(Bytes::from(text))).unwrap();
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        assert!(self.answer.send(response.body(body).unwrap()).is_ok());
    }

    /// Answers with an error.
    pub(crate) fn refuse(self, status: u16, headers: &[(&str, &str)], text: &'static str) {
        self.answer_with(Response::builder().status(status), headers, text);
    }

    /// Begins an answer that is sent piece by piece.
    pub(crate) fn stream(self) -> Sender {
        let (sender, body) = script();
        let response = Response::builder().header("content-type", "text/event-stream");
        assert!(self.answer.send(response.body(body).unwrap()).is_ok());
        sender
    }
}

fn script() -> (Sender, Script) {
    let (sender, receiver) = mpsc::channel(1);
    (sender, Script(receiver))
}

impl Body for Script {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0
            .poll_recv(context)
            .map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
