//! The Runtime API and the Extensions API of one environment.
//! (AWS Lambda Developer Guide, "Using the Lambda runtime API" and "Extensions API".)

use std::{
    collections::HashMap,
    future::pending,
    sync::{Mutex, PoisonError},
};

use http_body_util::BodyExt;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header,
};
use serde_json::json;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use super::{
    invocation::{Answer, Delivery, InvokeError},
    prelude::{Prelude, PreludeReader},
};
use crate::body::{self, Body, Broken};

const RUNTIME: &str = "/2018-06-01/runtime/";
const EXTENSION: &str = "/2020-01-01/extension/";
/// What is kept of an error that a runtime reports.
const MAX_ERROR_BYTES: usize = 4096;

type AnswerSender = oneshot::Sender<Result<Answer, InvokeError>>;

/// The API's side of one environment.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    deliveries: tokio::sync::Mutex<mpsc::Receiver<Delivery>>,
    /// Those that were handed out and not answered yet.
    open: Mutex<HashMap<String, AnswerSender>>,
    /// How often the runtime asked for work.
    asked: watch::Sender<u64>,
    init_error: Mutex<Option<String>>,
    function_arn: String,
}

impl RuntimeApi {
    pub(super) fn new(deliveries: mpsc::Receiver<Delivery>, function_arn: String) -> Self {
        Self {
            deliveries: tokio::sync::Mutex::new(deliveries),
            open: Mutex::default(),
            asked: watch::Sender::new(0),
            init_error: Mutex::default(),
            function_arn,
        }
    }

    /// Tells how often the runtime asked for work.
    pub(super) fn asked(&self) -> watch::Receiver<u64> {
        self.asked.subscribe()
    }

    /// What the runtime said went wrong before it asked for work.
    pub(super) fn init_error(&self) -> Option<String> {
        lock(&self.init_error).clone()
    }

    /// Ends what waits for an answer: nobody will give it.
    pub(super) fn give_up(&self, error: &InvokeError) {
        for (_, answer) in lock(&self.open).drain() {
            let _ = answer.send(Err(error.clone()));
        }
    }

    /// Answers a request of the runtime or of an extension.
    pub(super) async fn handle(&self, request: Request<Incoming>) -> Response<Body> {
        let path = request.uri().path().to_owned();
        if let Some(what) = path.strip_prefix(EXTENSION) {
            return match what {
                "register" => registered(),
                // No event is ever sent: the adapter registers for none.
                _ => pending().await,
            };
        }
        let steps: Vec<&str> = path
            .strip_prefix(RUNTIME)
            .unwrap_or_default()
            .split('/')
            .collect();
        match (request.method(), steps.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => {
                let id = (*id).to_owned();
                self.respond(&id, request).await
            }
            (&Method::POST, ["invocation", id, "error"]) => {
                let id = (*id).to_owned();
                self.fail(&id, request.into_body()).await
            }
            (&Method::POST, ["init", "error"]) => {
                let said = read_error(request.into_body()).await;
                *lock(&self.init_error) = Some(said);
                accepted()
            }
            _ => plain(StatusCode::NOT_FOUND),
        }
    }

    async fn next(&self) -> Response<Body> {
        let mut deliveries = self.deliveries.lock().await;
        self.asked.send_modify(|times| *times += 1);
        let Some(delivery) = deliveries.recv().await else {
            return pending().await;
        };
        drop(deliveries);
        let invocation = delivery.invocation;
        lock(&self.open).insert(invocation.request_id.clone(), delivery.answer);
        let response = Response::builder()
            .header(header::CONTENT_TYPE, "application/json")
            .header("lambda-runtime-aws-request-id", invocation.request_id)
            .header("lambda-runtime-trace-id", invocation.trace_id)
            .header("lambda-runtime-invoked-function-arn", &self.function_arn)
            .header(
                "lambda-runtime-deadline-ms",
                delivery.deadline_ms.to_string(),
            )
            .body(body::full(invocation.event));
        response.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
    }

    async fn respond(&self, id: &str, request: Request<Incoming>) -> Response<Body> {
        let Some(answer) = lock(&self.open).remove(id) else {
            return plain(StatusCode::BAD_REQUEST);
        };
        let has_prelude = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| {
                kind.as_bytes()
                    .starts_with(b"application/vnd.awslambda.http-integration-response")
            });
        let mut incoming = request.into_body();
        let begun = if has_prelude {
            read_prelude(&mut incoming).await
        } else {
            Some((Prelude::absent(), Bytes::new()))
        };
        let Some((prelude, first)) = begun else {
            let said = "the response has no prelude".to_owned();
            let _ = answer.send(Err(InvokeError::Function(said)));
            return plain(StatusCode::BAD_REQUEST);
        };
        let (pieces, body) = body::channel();
        let _ = answer.send(Ok(Answer { prelude, body }));
        pass_on(first, incoming, pieces).await;
        accepted()
    }

    async fn fail(&self, id: &str, body: Incoming) -> Response<Body> {
        let said = read_error(body).await;
        let Some(answer) = lock(&self.open).remove(id) else {
            return plain(StatusCode::BAD_REQUEST);
        };
        let _ = answer.send(Err(InvokeError::Function(said)));
        accepted()
    }
}

async fn read_prelude(body: &mut Incoming) -> Option<(Prelude, Bytes)> {
    let mut reader = PreludeReader::default();
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(piece) = frame.into_data()
            && let Some(begun) = reader.push(&piece).ok()?
        {
            return Some(begun);
        }
    }
    None
}

/// Reads the response to its end, whether or not anybody takes it: a function is never told that its
/// client went away.
async fn pass_on(first: Bytes, mut body: Incoming, pieces: body::Pieces) {
    let mut wanted = first.is_empty() || pieces.send(Ok(first)).await.is_ok();
    while let Some(frame) = body.frame().await {
        let piece = match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(data)) => Ok(data),
            // The trailers of a runtime that failed in mid-stream.
            Ok(Err(frame)) if failed(&frame) => Err(Broken),
            Ok(Err(_)) => continue,
            Err(_) => Err(Broken),
        };
        wanted = wanted && pieces.send(piece).await.is_ok();
    }
}

fn failed(frame: &hyper::body::Frame<Bytes>) -> bool {
    frame
        .trailers_ref()
        .is_some_and(|trailers| trailers.contains_key("lambda-runtime-function-error-type"))
}

async fn read_error(body: Incoming) -> String {
    let bytes = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let shown = &bytes[..bytes.len().min(MAX_ERROR_BYTES)];
    String::from_utf8_lossy(shown).into_owned()
}

fn registered() -> Response<Body> {
    let said =
        json!({"functionName": "tidewire", "functionVersion": "$LATEST", "handler": "bootstrap"});
    Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .header("lambda-extension-identifier", Uuid::new_v4().to_string())
        .body(body::full(said.to_string()))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
}

fn accepted() -> Response<Body> {
    let mut response = Response::new(body::full(r#"{"status":"OK"}"#));
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = status;
    response
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
