//! A client that adds as little as it can to what it measures: bytes in, counts and moments out.

use std::{
    io::{Read, Write},
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(90);

/// Whether a GET of `path` is answered with 200.
pub(crate) fn blocking_get(address: SocketAddr, path: &str) -> bool {
    let Ok(mut stream) = std::net::TcpStream::connect(address) else {
        return false;
    };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut head = [0; 12];
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_exact(&mut head).is_ok()
        && head.starts_with(b"HTTP/1.1 200")
}

/// The bytes of a request.
pub(crate) fn request(method: &str, address: SocketAddr, path: &str, body: &str) -> Vec<u8> {
    request_with(method, address, path, "", body)
}

/// The same with more headers, each ended by CRLF.
pub(crate) fn request_with(
    method: &str,
    address: SocketAddr,
    path: &str,
    headers: &str,
    body: &str,
) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         {headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What reading a stream brings each time.
pub(crate) struct Arrival<'a> {
    /// What came.
    pub(crate) bytes: &'a [u8],
    /// When.
    pub(crate) at: Instant,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = timeout(PATIENCE, TcpStream::connect(address)).await??;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; 8 * 1024],
        })
    }

    /// Sends a request and reads its whole answer with a Content-Length.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>> {
        self.stream.write_all(request).await?;
        let mut answer = Vec::new();
        loop {
            let read = timeout(PATIENCE, self.stream.read(&mut self.buffer)).await??;
            if read == 0 {
                bail!("the connection ended inside an answer");
            }
            answer.extend_from_slice(&self.buffer[..read]);
            let Some(head) = find(&answer, b"\r\n\r\n") else {
                continue;
            };
            let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
            let length: usize = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .context("an answer without Content-Length")?
                .trim()
                .parse()?;
            if answer.len() >= head + 4 + length {
                if !text.starts_with("http/1.1 2") {
                    bail!("{}", String::from_utf8_lossy(&answer));
                }
                return Ok(answer.split_off(head + 4));
            }
        }
    }

    /// Sends a request and hands `each` what its chunked answer brings, until `each` says that it
    /// has enough or the answer ends.
    pub(crate) async fn stream(
        &mut self,
        request: &[u8],
        mut each: impl FnMut(Arrival<'_>) -> bool,
    ) -> Result<()> {
        self.stream.write_all(request).await?;
        let mut tail: Vec<u8> = Vec::with_capacity(16);
        let mut began = false;
        loop {
            let read = timeout(PATIENCE, self.stream.read(&mut self.buffer)).await??;
            let at = Instant::now();
            let bytes = &self.buffer[..read];
            if read == 0 {
                bail!("the connection ended inside a stream");
            }
            if !began && !bytes.starts_with(b"HTTP/1.1 200") {
                bail!("{}", String::from_utf8_lossy(bytes));
            }
            began = true;
            if !each(Arrival { bytes, at }) {
                return Ok(());
            }
            tail.extend_from_slice(&bytes[bytes.len().saturating_sub(5)..]);
            let cut = tail.len().saturating_sub(5);
            tail.drain(..cut);
            if tail == b"0\r\n\r\n" {
                return Ok(());
            }
        }
    }
}

/// Where `needle` first stands in `bytes`.
pub(crate) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

/// How often `needle` stands in `bytes`.
pub(crate) fn count(bytes: &[u8], needle: &[u8]) -> u64 {
    let first = needle[0];
    let mut found = 0;
    let mut at = 0;
    while let Some(step) = bytes[at..].iter().position(|byte| *byte == first) {
        at += step;
        if bytes[at..].starts_with(needle) {
            found += 1;
            at += needle.len();
        } else {
            at += 1;
        }
    }
    found
}
