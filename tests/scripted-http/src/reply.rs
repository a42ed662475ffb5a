//! A reply, step by step.

use std::{collections::VecDeque, convert::Infallible, io, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;

use crate::Script;

/// What the server does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Sends these bytes, as one chunk of HTTP.
    Send(Bytes),
    /// Writes to the socket what was sent so far: chunks that follow at once travel together.
    Flush,
    /// Lets time go by.
    Wait(Duration),
    /// Breaks the connection in the middle of the body.
    Cut,
    /// Sends nothing more, and keeps the connection open.
    Silence,
}

/// A response.
#[derive(Debug, Clone)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    steps: VecDeque<Step>,
}

impl Reply {
    /// A body that ends after the last step.
    pub fn new(
        status: u16,
        content_type: &'static str,
        steps: impl IntoIterator<Item = Step>,
    ) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]),
            steps: steps.into_iter().collect(),
        }
    }

    /// One JSON document.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(
            status,
            "application/json",
            [Step::Send(body.to_string().into())],
        )
    }

    /// The same with one more header.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).expect("tests write headers in ASCII"),
        );
        self
    }

    /// The same bytes, each as a chunk of HTTP of its own.
    pub fn bytewise(mut self) -> Self {
        self.steps = self
            .steps
            .into_iter()
            .flat_map(|step| match step {
                Step::Send(bytes) => (0..bytes.len())
                    .map(|at| Step::Send(bytes.slice(at..=at)))
                    .collect(),
                other => vec![other],
            })
            .collect();
        self
    }

    /// The response; `script` is told when the client goes before its end.
    pub fn into_response(self, script: Script) -> Response {
        let reading = Reading {
            steps: self.steps,
            script,
        };
        let body = stream::unfold(reading, |mut reading| async move {
            let item = reading.next().await?;
            Some((item, reading))
        });
        (self.status, self.headers, Body::from_stream(body)).into_response()
    }
}

/// A body on its way. hyper drops it early when the client goes.
struct Reading {
    steps: VecDeque<Step>,
    script: Script,
}

impl Reading {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            match self.steps.front()? {
                Step::Send(_) => {}
                // hyper writes when it must wait.
                Step::Flush => tokio::task::yield_now().await,
                Step::Wait(time) => tokio::time::sleep(*time).await,
                Step::Cut => {
                    // hyper throws away what it has not written yet.
                    tokio::task::yield_now().await;
                    self.steps.clear();
                    return Some(Err(io::ErrorKind::ConnectionAborted.into()));
                }
                Step::Silence => {
                    let never: Infallible = std::future::pending().await;
                    match never {}
                }
            }
            // Taken out only when it is done, so that what is left says whether the client stayed.
            if let Some(Step::Send(bytes)) = self.steps.pop_front() {
                return Some(Ok(bytes));
            }
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if !self.steps.is_empty() {
            self.script.tell_disconnected();
        }
    }
}
