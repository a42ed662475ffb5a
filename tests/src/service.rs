//! The app within the test's own process.

use tidewire::{App, LoadedSettings};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{Client, key_of, soon};

/// A running app. It ends with the test.
#[derive(Debug)]
pub struct Service {
    address: String,
    shutdown: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

impl Service {
    pub(crate) async fn start(settings: &LoadedSettings) -> Self {
        let app = App::start(settings).await.expect("the app starts");
        let address = app.address().expect("the app listens").to_string();
        let (shutdown, asked) = oneshot::channel();
        let running = tokio::spawn(app.run(async {
            // A dropped sender is a test that ends, not one that shuts down.
            if asked.await.is_err() {
                std::future::pending::<()>().await;
            }
        }));
        Self {
            address,
            shutdown: Some(shutdown),
            running,
        }
    }

    /// Its address, such as `127.0.0.1:4000`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A client that shows no key.
    pub fn client(&self) -> Client {
        Client::new(&self.address)
    }

    /// The client of a principal.
    pub fn client_of(&self, name: &str) -> Client {
        self.client().with_key(&key_of(name))
    }

    /// Shuts the app down as SIGTERM does, and waits until it has.
    pub async fn stop(mut self) {
        if let Some(shutdown) = self.shutdown.take() {
            let _ = shutdown.send(());
        }
        soon("the app ends", &mut self.running)
            .await
            .expect("the app ends well");
    }
}
