//! A data directory and the settings of the apps that run on it.

use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Process, Service, Upstream};

/// The key of the principal `name` in keyed apps.
pub fn key_of(name: &str) -> String {
    format!("tw_key-of-{name}-that-nobody-may-read-in-a-log")
}

/// Where apps run: several may run at once, and one after another.
#[derive(Debug)]
pub struct Site {
    dir: TempDir,
    variables: HashMap<String, String>,
}

impl Site {
    /// An empty data directory. The model `scripted` does what the test tells `upstream`, and
    /// answers where no model is named; `offline` answers as fast as it can.
    pub fn new(upstream: &Upstream) -> Self {
        Self::with_model(&json!({
            "id": "scripted",
            "provider": "openai_compatible",
            "base_url": upstream.base_url(),
        }))
    }

    /// The same with another model.
    pub fn with_model(model: &Value) -> Self {
        let dir = TempDir::new().expect("the system has a directory for temporary files");
        let site = Self {
            variables: HashMap::new(),
            dir,
        };
        let data_dir = site.data_dir().display().to_string();
        site.set("data_dir", data_dir)
            .set("server.port", 0)
            .set("offline.tokens_per_second", 0)
            .set("models", json!([model]))
    }

    /// An app where nothing but the offline model answers.
    pub fn offline() -> Self {
        Self::with_model(&json!({
            "id": "unreachable",
            "provider": "openai_compatible",
            "base_url": "http://127.0.0.1:9/v1",
        }))
        .set("default_model", "offline")
    }

    /// Sets a setting by its name in `tidewire.toml`.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl fmt::Display) -> Self {
        let variable = format!("TIDEWIRE_{}", name.replace('.', "__").to_uppercase());
        self.variables.insert(variable, value.to_string());
        self
    }

    /// Lets in these principals alone, each with [`key_of`] its name.
    #[must_use]
    pub fn keys(self, names: &[&str]) -> Self {
        let key =
            |name: &&str| json!({"name": name, "sha256": tidewire_auth::hash_key(&key_of(name))});
        let keys: Vec<Value> = names.iter().map(key).collect();
        self.set("keys", json!(keys))
    }

    /// Whether only those with a key are let in.
    pub fn has_keys(&self) -> bool {
        self.variables.contains_key("TIDEWIRE_KEYS")
    }

    /// Where the apps keep everything.
    pub fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The database in it.
    pub fn database(&self) -> PathBuf {
        self.data_dir().join("tidewire.db")
    }

    /// A directory beside it, for what the test itself puts down.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The settings as a process finds them in its environment.
    pub const fn variables(&self) -> &HashMap<String, String> {
        &self.variables
    }

    /// Starts the app behind the front that this run is about.
    pub async fn start(&self) -> Service {
        Service::start(self).await
    }

    /// Starts the app as a process of its own.
    pub async fn spawn(&self) -> Process {
        Process::start(self).await
    }
}
