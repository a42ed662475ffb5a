//! The app, behind the front that this run of the tests is about.

use std::sync::Arc;

use cloud_path::{CloudPath, Front, PathOptions, Programs, Trace, Wanted};
use tidewire::{App, LoadedSettings};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{Client, Site, key_of, process::program, soon};

/// What stands between the tests and the app: `FRONT` in the environment says it. `app`, or nothing:
/// the app alone, within the test's own process.
fn chosen_front() -> Option<Front> {
    match std::env::var("FRONT").as_deref() {
        Err(_) | Ok("" | "app") => None,
        Ok("adapter") => Some(Front::Adapter),
        Ok("lambda-http") => Some(Front::LambdaHttp),
        Ok("path") => Some(Front::Path),
        Ok(other) => panic!("FRONT is {other}: expected app, adapter, lambda-http or path"),
    }
}

/// A running app. It ends with the test.
#[derive(Debug)]
pub struct Service {
    address: String,
    /// Whose client is the one that names nobody: without keys it is everybody's, and shows none.
    everybody: Option<&'static str>,
    running: Running,
}

#[derive(Debug)]
enum Running {
    Here {
        shutdown: Option<oneshot::Sender<()>>,
        app: JoinHandle<()>,
    },
    Behind(Arc<CloudPath>),
}

impl Service {
    pub(crate) async fn start(site: &Site) -> Self {
        match chosen_front() {
            None => Self::start_here(site).await,
            Some(front) => Self::start_behind(front, site).await,
        }
    }

    async fn start_here(site: &Site) -> Self {
        let settings = LoadedSettings::from_variables(None, site.variables().clone())
            .expect("the test's settings are right");
        let app = App::start(&settings).await.expect("the app starts");
        let address = app.address().expect("the app listens").to_string();
        let (shutdown, asked) = oneshot::channel();
        let app = tokio::spawn(app.run(async {
            // A dropped sender is a test that ends, not one that shuts down.
            if asked.await.is_err() {
                std::future::pending::<()>().await;
            }
        }));
        Self {
            address,
            everybody: None,
            running: Running::Here {
                shutdown: Some(shutdown),
                app,
            },
        }
    }

    /// Behind CloudFront nobody is local: an app without keys gets one, for the principal `local`.
    async fn start_behind(front: Front, site: &Site) -> Self {
        let path = Self::start_path(front, site, |options| options).await;
        Self {
            address: path.public.to_string(),
            everybody: (!site.has_keys()).then_some("local"),
            running: Running::Behind(Arc::new(path)),
        }
    }

    /// The stages of a front before an app with the settings of `site`.
    pub(crate) async fn start_path(
        front: Front,
        site: &Site,
        change: impl FnOnce(PathOptions) -> PathOptions,
    ) -> CloudPath {
        let wanted = Wanted {
            app: Some(program()),
            needs_adapter: front != Front::LambdaHttp,
            needs_node: front == Front::Path,
            ..Wanted::default()
        };
        let programs = Programs::find(&wanted).await.expect("all is there");
        let variables = site.variables().iter();
        let options = PathOptions {
            programs,
            front,
            port: 0,
            function_port: 0,
            allowed: vec!["127.0.0.1/32".parse().expect("a range")],
            key: Some(key_of("local")),
            concurrency: 50,
            freezes: false,
            timeout: std::time::Duration::from_mins(1),
            acknowledgement: cloud_path::Acknowledgement::Immediate,
            data_dir: Some(site.data_dir()),
            variables: variables
                .filter(|(name, _)| *name != "TIDEWIRE_SERVER__PORT")
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            trace: Trace::Off,
        };
        CloudPath::start(change(options))
            .await
            .expect("the path starts")
    }

    /// Its address, such as `127.0.0.1:4000`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A client that shows no key.
    pub fn client(&self) -> Client {
        let client = match &self.running {
            Running::Here { .. } => Client::new(&self.address),
            Running::Behind(front) => Client::new(&self.address).behind(front),
        };
        match self.everybody {
            Some(name) => client.with_key(&key_of(name)),
            None => client,
        }
    }

    /// The client of a principal.
    pub fn client_of(&self, name: &str) -> Client {
        self.client().with_key(&key_of(name))
    }

    /// Shuts the app down as SIGTERM does, and waits until it has. Behind a front all environments
    /// are ended at once.
    pub async fn stop(self) {
        match self.running {
            Running::Here { shutdown, mut app } => {
                if let Some(shutdown) = shutdown {
                    let _ = shutdown.send(());
                }
                soon("the app ends", &mut app)
                    .await
                    .expect("the app ends well");
            }
            Running::Behind(path) => path.environments.recycle(),
        }
    }
}
