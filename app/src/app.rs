//! The app, put together: settings in, a running server out.

use std::{fs, future::Future, io, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, anyhow};
use axum::{Router, http::HeaderName};
use tidewire_auth::{KeyRing, SessionSigner, StaticKey};
use tidewire_chat::{Engine, TurnLimits, current_holder, tools::CurrentTime};
use tidewire_domain::{Store, Timestamp};
use tidewire_store::SqliteStore;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::{
    announcement::Announcement,
    config::{Front, LoadedSettings, ServerSettings, Settings, SettingsError, TurnSettings},
    http::{caller::Authority, guard::Gate},
    lambda::answer_invocations,
    model_list::{ModelChoice, choose_models},
    router::router,
    routes::session::Instance,
    serve::{listen, serve},
    state::{AppParts, AppState},
};

/// The name of the secret that seals sessions.
const SESSION_SECRET: &str = "session";

/// An app that listens and is ready to serve.
pub struct App {
    /// `None` where Lambda's Runtime API hands over the requests.
    listener: Option<TcpListener>,
    state: AppState,
    router: Router,
    store: Arc<SqliteStore>,
    grace: Duration,
    announcement: String,
}

impl App {
    /// Opens the store, chooses the models and listens. Must be called within a tokio runtime.
    pub async fn start(loaded: &LoadedSettings) -> anyhow::Result<Self> {
        Self::start_with(loaded, choose_models(loaded).await?).await
    }

    /// The same with models of the caller's own.
    pub async fn start_with(loaded: &LoadedSettings, choice: ModelChoice) -> anyhow::Result<Self> {
        let settings = &loaded.settings;
        let keys = key_ring(settings)?;
        let listener = match loaded.front {
            Front::Lambda => None,
            Front::Auto | Front::Http => Some(open_listener(settings)?),
        };
        let address = match &listener {
            Some(listener) => Some(listener.local_addr()?),
            None => None,
        };
        let database = settings
            .store
            .path
            .clone()
            .unwrap_or_else(|| loaded.data_dir.join("tidewire.db"));
        make_private_dir(&loaded.data_dir)?;
        let store = SqliteStore::open(&database)
            .with_context(|| format!("cannot open the database {}", database.display()))?;
        let store = Arc::new(store);
        let announcement = Announcement {
            address,
            is_open: keys.is_empty(),
            data_dir: &loaded.data_dir,
            database: &database,
            choice: &choice,
        }
        .to_string();
        let port: Arc<dyn Store> = store.clone();
        let signer = session_signer(port.as_ref()).await?;
        let engine = Engine::start(
            Arc::clone(&port),
            choice.catalogue,
            vec![Arc::new(CurrentTime::new())],
            None,
            turn_limits(&settings.turn),
            current_holder(),
        );
        let state = AppState::new(AppParts {
            store: port,
            engine,
            gate: Gate {
                loopback_only: keys.is_empty(),
                hosts: settings.server.hosts.clone(),
                origins: settings.server.origins.clone(),
                host_header: host_header(&settings.server)?,
            },
            authority: Authority::new(keys, signer),
            instance: this_instance(),
            max_body_bytes: settings.server.max_body_bytes,
            max_text_bytes: settings.turn.max_text_bytes,
        });
        Ok(Self {
            router: router(state.clone()),
            listener,
            state,
            store,
            grace: Duration::from_secs(settings.server.shutdown_grace_seconds),
            announcement,
        })
    }

    /// What was chosen and why, in lines for whoever started the app.
    pub fn announcement(&self) -> &str {
        &self.announcement
    }

    /// Where it listens. Fails where it does not, because Lambda hands over the requests.
    pub fn address(&self) -> io::Result<SocketAddr> {
        let listener = self.listener.as_ref();
        listener
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))?
            .local_addr()
    }

    /// Serves until `shutdown`, then lets running turns end within the grace, stores what is left
    /// of them as interrupted, and closes the store.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let drain = self.state.engine.shut_down(self.grace);
        match self.listener {
            Some(listener) => serve(listener, self.router, shutdown, drain).await,
            None => answer_invocations(self.router, shutdown, drain).await,
        }
        self.store.close().await;
    }
}

fn key_ring(settings: &Settings) -> anyhow::Result<KeyRing> {
    let keys = settings
        .keys
        .iter()
        .map(|key| StaticKey::new(&key.name, &key.sha256))
        .collect::<Result<_, _>>()?;
    Ok(KeyRing::new(keys)?)
}

fn open_listener(settings: &Settings) -> anyhow::Result<TcpListener> {
    let server = &settings.server;
    let address = SocketAddr::new(server.host, server.port);
    listen(address).map_err(|error| {
        if error.kind() == std::io::ErrorKind::AddrInUse {
            anyhow!(
                "something else listens on {address} already: stop it, or choose another port, \
                 such as PORT={}",
                server.port.wrapping_add(1)
            )
        } else {
            anyhow!(error).context(format!("cannot listen on {address}"))
        }
    })
}

fn host_header(server: &ServerSettings) -> Result<Option<HeaderName>, SettingsError> {
    let Some(given) = &server.host_header else {
        return Ok(None);
    };
    match HeaderName::try_from(given) {
        Ok(name) => Ok(Some(name)),
        Err(_) => Err(SettingsError::Value {
            name: "server.host_header".into(),
            given: given.clone(),
            expected: "the name of a header, such as x-tidewire-host".into(),
        }),
    }
}

/// Conversations are nobody else's to read.
fn make_private_dir(dir: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).with_context(|| {
        format!(
            "cannot make the data directory {}: choose another one by data_dir, or TIDEWIRE_DATA_DIR",
            dir.display()
        )
    })
}

async fn session_signer(store: &dyn Store) -> anyhow::Result<SessionSigner> {
    let mut candidate = [0; 32];
    getrandom::fill(&mut candidate)?;
    let secret = store.shared_secret(SESSION_SECRET, &candidate).await?;
    Ok(SessionSigner::new(&secret))
}

fn turn_limits(settings: &TurnSettings) -> TurnLimits {
    TurnLimits {
        max_duration: Duration::from_secs(settings.max_seconds),
        max_silence: Duration::from_secs(settings.max_silence_seconds),
        token_budget: settings.token_budget,
        max_tool_rounds: settings.max_tool_rounds,
        max_text_bytes: settings.max_text_bytes,
        ..TurnLimits::default()
    }
}

fn this_instance() -> Instance {
    let host = fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_owned())
        .ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".into());
    Instance {
        host,
        id: Uuid::new_v4(),
        started_at: Timestamp::now(),
    }
}
