//! Requests that no client library sends.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::soon;

/// Opens a connection, sends these bytes, and returns all that comes back until the app closes.
pub async fn raw_exchange(address: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the app listens");
    stream.write_all(request).await.expect("the app reads");
    let mut answer = Vec::new();
    soon("the end of the answer", stream.read_to_end(&mut answer))
        .await
        .expect("the app answers");
    String::from_utf8_lossy(&answer).into_owned()
}
