//! An OpenAI-compatible server that does what the test tells it, byte by byte.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};

use crate::soon;

/// The server. It ends when this is dropped.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    calls: mpsc::UnboundedReceiver<Call>,
    accepting: JoinHandle<()>,
}

/// A request that waits for its answer. Dropping it breaks the connection.
#[derive(Debug)]
pub struct Call {
    /// The request's body.
    pub body: Value,
    /// Its `Authorization`.
    pub authorization: Option<String>,
    stream: TcpStream,
    begun: bool,
    keeps: bool,
}

impl Upstream {
    /// Starts a server on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let (came, calls) = mpsc::unbounded_channel();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let came = came.clone();
                tokio::spawn(async move {
                    if let Some(call) = Call::read(stream).await {
                        // The test may be over.
                        let _ = came.send(call);
                    }
                });
            }
        });
        Self {
            address,
            calls,
            accepting,
        }
    }

    /// What the app is configured with.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The next request.
    pub async fn call(&mut self) -> Call {
        soon("a call of the model", self.calls.recv())
            .await
            .expect("the server runs")
    }

    /// Answers the next request with this text.
    pub async fn answer(&mut self, text: &str) -> Value {
        let mut call = self.call().await;
        call.say(text).await;
        let body = call.body.clone();
        call.finish("stop").await;
        body
    }

    /// Asserts that no request waits.
    pub fn expect_no_call(&mut self) {
        if let Ok(call) = self.calls.try_recv() {
            panic!("the model was called: {}", call.body);
        }
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Call {
    async fn read(mut stream: TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let head = loop {
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break bytes.drain(..end + 4).collect::<Vec<u8>>();
            }
        };
        let head = String::from_utf8(head).ok()?;
        let header = |wanted: &str| {
            let of_name = |line: &str| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case(wanted)
                    .then(|| value.trim().to_owned())
            };
            head.lines().find_map(of_name)
        };
        let length: usize = header("content-length")?.parse().ok()?;
        while bytes.len() < length {
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
        Some(Self {
            body: serde_json::from_slice(&bytes).ok()?,
            authorization: header("authorization"),
            stream,
            begun: false,
            keeps: false,
        })
    }

    /// Sends more of the answer.
    pub async fn say(&mut self, text: &str) {
        self.delta(&json!({"content": text})).await;
    }

    /// Asks for a tool.
    pub async fn ask_tool(&mut self, id: &str, name: &str, arguments: &Value) {
        let function = json!({"name": name, "arguments": arguments.to_string()});
        let call = json!({"index": 0, "id": id, "type": "function", "function": function});
        self.delta(&json!({"tool_calls": [call]})).await;
    }

    /// Says what the call cost.
    pub async fn count(&mut self, input: u64, output: u64) {
        let usage = json!({"prompt_tokens": input, "completion_tokens": output});
        self.event(&json!({"choices": [], "usage": usage})).await;
    }

    async fn delta(&mut self, delta: &Value) {
        self.event(&json!({"choices": [{"index": 0, "delta": delta}]}))
            .await;
    }

    async fn event(&mut self, data: &Value) {
        self.send(format!("data: {data}\n\n").as_bytes()).await;
    }

    /// Sends these bytes as a piece of the body.
    pub async fn send(&mut self, bytes: &[u8]) {
        assert!(self.try_send(bytes).await, "the app has gone");
    }

    /// The same, where the app may have gone: `false` if it has.
    pub async fn try_send(&mut self, bytes: &[u8]) -> bool {
        let mut written = Vec::new();
        if !std::mem::replace(&mut self.begun, true) {
            let connection = if self.keeps { "keep-alive" } else { "close" };
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                 connection: {connection}\r\ntransfer-encoding: chunked\r\n\r\n"
            );
            written.extend_from_slice(head.as_bytes());
        }
        written.extend_from_slice(format!("{:x}\r\n", bytes.len()).as_bytes());
        written.extend_from_slice(bytes);
        written.extend_from_slice(b"\r\n");
        self.stream.write_all(&written).await.is_ok()
    }

    /// Answers with this text, and offers the connection for the next call. It is open for as long
    /// as the test keeps what this returns.
    pub async fn answer_keeping(mut self, text: &str) -> TcpStream {
        self.keeps = true;
        self.say(text).await;
        self.end("stop").await;
        self.stream
    }

    /// Ends the answer for this reason.
    pub async fn finish(mut self, reason: &str) {
        self.end(reason).await;
    }

    async fn end(&mut self, reason: &str) {
        self.event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
            .await;
        self.send(b"data: [DONE]\n\n").await;
        let ended = self.stream.write_all(b"0\r\n\r\n").await;
        ended.expect("the app reads to the end");
    }

    /// Answers with a status that is no success.
    pub async fn refuse(mut self, status: u16, headers: &str, body: &str) {
        let answer = format!(
            "HTTP/1.1 {status} Refused\r\ncontent-type: application/json\r\nconnection: close\r\n\
             {headers}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let sent = self.stream.write_all(answer.as_bytes()).await;
        sent.expect("the app reads");
    }

    /// Breaks the connection in the middle of the answer.
    pub fn cut(self) {
        drop(self);
    }

    /// Waits until the app closes the connection, as a provider sees that a call was cancelled.
    pub async fn closed(mut self) {
        soon("the app cancels its call of the model", async {
            let mut ignored = [0; 256];
            while self.stream.read(&mut ignored).await.is_ok_and(|n| n > 0) {}
        })
        .await;
    }
}
