//! Every setting, with its default.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, IntoDeserializer},
};
use tidewire_domain::{Capability, Price};

use super::front::Front;

/// All settings. Names are those of `tidewire.toml`; in the environment they stand in capitals
/// behind `TIDEWIRE_`, with `__` between levels.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where everything is kept; absent: the user's data directory.
    pub data_dir: Option<PathBuf>,
    /// The model that answers unless another is named; absent: the first of the list.
    pub default_model: Option<String>,
    /// How the app is reached.
    pub server: ServerSettings,
    /// Where conversations are kept.
    pub store: StoreSettings,
    /// The bounds of every turn.
    pub turn: TurnSettings,
    /// The offline model.
    pub offline: OfflineSettings,
    /// Amazon Bedrock.
    pub bedrock: BedrockSettings,
    /// What is logged.
    pub log: LogSettings,
    /// The models, beside `offline`, which is always there. In the environment: a JSON list.
    pub models: Vec<ModelSettings>,
    /// Who may call; nobody listed: this machine alone. In the environment: a JSON list.
    pub keys: Vec<KeySettings>,
}

/// How the app is reached.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// `auto`, `http` or `lambda`.
    #[serde(deserialize_with = "one_of")]
    pub front: Front,
    /// The address to listen on.
    pub host: std::net::IpAddr,
    /// The port to listen on; `PORT` in the environment sets it too. 0: any free one.
    pub port: u16,
    /// Host names that requests may carry when keys are set; none listed: any. In the environment:
    /// separated by commas.
    pub hosts: Vec<String>,
    /// Origins that the app's own pages have where a proxy before it changes Host, such as
    /// `https://chat.example.com`. In the environment: separated by commas.
    pub origins: Vec<String>,
    /// The header in which a proxy names the host that it was asked for, where it sends another one
    /// as Host. Only for proxies that set it themselves, whatever the client sent.
    pub host_header: Option<String>,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// How long running turns may go on after SIGTERM, in seconds.
    pub shutdown_grace_seconds: u64,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            front: Front::default(),
            host: std::net::Ipv4Addr::LOCALHOST.into(),
            port: 8080,
            hosts: Vec::new(),
            origins: Vec::new(),
            host_header: None,
            max_body_bytes: 6 * 1024 * 1024,
            shutdown_grace_seconds: 10,
        }
    }
}

/// Which store runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreKind {
    /// A file in the data directory.
    #[default]
    Sqlite,
}

/// Where conversations are kept.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSettings {
    /// `sqlite`.
    #[serde(deserialize_with = "one_of")]
    pub kind: StoreKind,
    /// The database file; absent: `tidewire.db` in the data directory.
    pub path: Option<PathBuf>,
}

/// The bounds of every turn.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TurnSettings {
    /// The longest duration, in seconds. Lambda allows 900 at most; the end must be stored before.
    pub max_seconds: u64,
    /// The longest silence of a model, in seconds.
    pub max_silence_seconds: u64,
    /// Tokens that all model calls of one turn may use together.
    pub token_budget: u64,
    /// How often a model may ask for tools in one turn.
    pub max_tool_rounds: u32,
    /// The longest text of one message, in bytes.
    pub max_text_bytes: usize,
}

impl Default for TurnSettings {
    fn default() -> Self {
        let limits = tidewire_chat::TurnLimits::default();
        Self {
            max_seconds: limits.max_duration.as_secs(),
            max_silence_seconds: limits.max_silence.as_secs(),
            token_budget: limits.token_budget,
            max_tool_rounds: limits.max_tool_rounds,
            max_text_bytes: limits.max_text_bytes,
        }
    }
}

/// The offline model.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct OfflineSettings {
    /// Its pace; 0: as fast as it can.
    pub tokens_per_second: f64,
}

impl Default for OfflineSettings {
    fn default() -> Self {
        Self {
            tokens_per_second: 60.0,
        }
    }
}

/// Amazon Bedrock. Absent values come from the AWS configuration of the machine.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct BedrockSettings {
    /// The region whose models are called.
    pub region: Option<String>,
    /// The profile whose credentials are used.
    pub profile: Option<String>,
    /// Another endpoint than AWS's own.
    pub endpoint_url: Option<String>,
}

/// In which form the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged, to standard error.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// A filter such as `info` or `warn,tidewire=debug`.
    pub filter: String,
    /// `text` or `json`.
    #[serde(deserialize_with = "one_of")]
    pub format: LogFormat,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            filter: "info".into(),
            format: LogFormat::default(),
        }
    }
}

/// Who serves a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Any server that speaks the OpenAI chat API.
    OpenaiCompatible,
    /// Amazon Bedrock's `ConverseStream`.
    Bedrock,
}

/// One model.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSettings {
    /// The name that requests use.
    pub id: String,
    /// The name that people read; absent: the id.
    #[serde(default)]
    pub name: Option<String>,
    /// Who serves it.
    #[serde(deserialize_with = "one_of")]
    pub provider: Provider,
    /// What the provider calls it; absent: the id. For Bedrock a model or inference profile id.
    #[serde(default)]
    pub upstream_id: Option<String>,
    /// Where an OpenAI-compatible server is, up to and with `/v1`.
    #[serde(default)]
    pub base_url: Option<String>,
    /// What that server wants as a Bearer token.
    #[serde(default)]
    pub api_key: Option<Secret>,
    /// Tokens that it takes in and gives out together.
    #[serde(default = "default_context_window")]
    pub context_window: u64,
    /// The longest answer, in tokens.
    #[serde(default)]
    pub max_output_tokens: Option<u64>,
    /// What it can do beyond text.
    #[serde(default = "default_capabilities", deserialize_with = "some_of")]
    pub capabilities: Vec<Capability>,
    /// What it costs.
    #[serde(default)]
    pub price: Option<Price>,
}

/// A name out of a few. Read as a text first: serde's own error then lists those that are accepted.
fn one_of<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    let name = String::deserialize(deserializer)?;
    T::deserialize(name.into_deserializer())
}

/// Several of them.
fn some_of<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Vec::<String>::deserialize(deserializer)?
        .into_iter()
        .map(|name| T::deserialize(name.into_deserializer()))
        .collect()
}

/// What nearly every model of today takes.
pub(crate) const fn default_context_window() -> u64 {
    32_768
}

fn default_capabilities() -> Vec<Capability> {
    vec![Capability::Tools]
}

/// One static key.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeySettings {
    /// Whose it is: the principal's name.
    pub name: String,
    /// SHA-256 of the key, in hexadecimal; `tidewire key NAME` prints it.
    pub sha256: String,
}

/// A text that is never shown.
#[derive(Debug, Clone)]
pub struct Secret(pub SecretString);

impl Secret {
    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(deserializer)?.into()))
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("********")
    }
}
