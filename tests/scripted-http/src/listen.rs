//! A server on this machine.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, extract::DefaultBodyLimit, serve::ListenerExt};
use tokio::{net::TcpListener, task::JoinHandle};

/// A running server. It ends when this is dropped.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

/// Serves `app` on 127.0.0.1, port 0 standing for one that is free.
pub async fn listen(port: u16, app: Router) -> io::Result<Listening> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let address = listener.local_addr()?;
    // A token that waits for the acknowledgement of the one before it would come 40 ms late.
    let connections = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&connections);
    let listener = listener.tap_io(move |socket| {
        count.fetch_add(1, Ordering::Relaxed);
        let _ = socket.set_nodelay(true);
    });
    // Pictures travel in requests.
    let app = app.layer(DefaultBodyLimit::disable());
    let task = tokio::spawn(async move {
        let _ = axum::serve(listener, app).await;
    });
    Ok(Listening {
        address,
        connections,
        task,
    })
}

impl Listening {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections have come so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Serves until the process is ended.
    pub async fn forever(mut self) {
        let _ = (&mut self.task).await;
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}
