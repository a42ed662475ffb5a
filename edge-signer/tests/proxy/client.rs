//! A client that writes what it likes.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long anything may take before the test has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A connection to the proxy.
pub(crate) struct Client {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            read: Vec::new(),
        }
    }

    /// Writes these bytes. Whether the proxy took them: it may have closed the connection.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let written = timeout(PATIENCE, self.stream.write_all(bytes.as_ref())).await;
        written.expect("the proxy reads").is_ok()
    }

    /// What was read up to the end of `needle`, or to the end of the connection.
    pub(crate) async fn read_to(&mut self, needle: &str) -> String {
        loop {
            let needle = needle.as_bytes();
            let at = self
                .read
                .windows(needle.len())
                .position(|part| part == needle);
            if let Some(at) = at {
                let rest = self.read.split_off(at + needle.len());
                let read = std::mem::replace(&mut self.read, rest);
                return String::from_utf8(read).unwrap();
            }
            let reading = timeout(PATIENCE, self.stream.read_buf(&mut self.read)).await;
            if reading.expect("the proxy answers in time").unwrap_or(0) == 0 {
                return String::from_utf8(std::mem::take(&mut self.read)).unwrap();
            }
        }
    }

    /// The head of an answer, in lower case.
    pub(crate) async fn head(&mut self) -> String {
        self.read_to("\r\n\r\n").await.to_lowercase()
    }

    /// All that comes until the connection ends.
    pub(crate) async fn rest(&mut self) -> String {
        self.read_to("never in a text: \u{7}").await
    }
}
