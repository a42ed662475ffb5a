//! Where settings come from: `tidewire.toml`, then the environment. The only place that reads it.

mod front;
mod settings;

use std::{
    collections::{BTreeMap, HashMap},
    env,
    fmt::Write,
    path::{Path, PathBuf},
};

use config::{Config, ConfigError, Environment, File, FileFormat, Value};
use secrecy::SecretString;

pub use front::Front;
pub(crate) use settings::default_context_window;
pub use settings::{
    BedrockSettings, KeySettings, LogFormat, LogSettings, ModelSettings, OfflineSettings, Provider,
    Secret, ServerSettings, Settings, StoreKind, StoreSettings, TurnSettings,
};

/// The file that is read where none is named, if it is there.
const DEFAULT_FILE: &str = "tidewire.toml";
const PREFIX: &str = "TIDEWIRE";
/// Lists have no plain form in the environment: these hold JSON.
const JSON_LISTS: [&str; 2] = ["models", "keys"];

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file or a value is missing, unknown or malformed.
    #[error(transparent)]
    Source(#[from] ConfigError),
    /// A list in the environment is not JSON.
    #[error("{variable} is not a JSON list: {reason}")]
    JsonList {
        /// The variable.
        variable: String,
        /// What is wrong.
        reason: serde_json::Error,
    },
    /// A value that can be read and not be used.
    #[error("{name} = {given}: {expected}")]
    Value {
        /// The setting.
        name: String,
        /// What was given.
        given: String,
        /// What is accepted.
        expected: String,
    },
    /// There is no place for data.
    #[error("there is no data directory: set data_dir in tidewire.toml, or TIDEWIRE_DATA_DIR")]
    NoDataDir,
}

/// An OpenAI-compatible server that the environment names by the variables that all its clients know.
#[derive(Debug, Clone)]
pub struct OpenAiEnvironment {
    /// `OPENAI_BASE_URL`, or OpenAI's own.
    pub base_url: String,
    /// `OPENAI_API_KEY`.
    pub api_key: Option<SecretString>,
    /// The variables that were set, to be named at start.
    pub because: &'static str,
}

/// The settings, and where each came from.
#[derive(Debug, Clone)]
pub struct LoadedSettings {
    /// The settings.
    pub settings: Settings,
    /// The directory that everything is kept in.
    pub data_dir: PathBuf,
    /// The server that `OPENAI_BASE_URL` and `OPENAI_API_KEY` name.
    pub openai: Option<OpenAiEnvironment>,
    /// How requests reach the app: HTTP or Lambda's Runtime API.
    pub front: Front,
    /// Whether AWS credentials lie around in the environment. They choose nothing.
    pub has_aws_credentials: bool,
    origins: BTreeMap<String, String>,
}

impl LoadedSettings {
    /// Reads `file`, or `tidewire.toml` if it is there, and the environment.
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        let variables: HashMap<String, String> = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self::from_variables(file, variables)
    }

    /// The same, with `variables` in place of the environment.
    pub fn from_variables(
        file: Option<&Path>,
        mut variables: HashMap<String, String>,
    ) -> Result<Self, SettingsError> {
        let mut builder = Config::builder();
        builder = match file {
            Some(file) => builder.add_source(File::from(file).format(FileFormat::Toml)),
            None => builder.add_source(File::new(DEFAULT_FILE, FileFormat::Toml).required(false)),
        };
        let openai = openai_environment(&variables);
        let has_aws_credentials =
            variables.contains_key("AWS_ACCESS_KEY_ID") || variables.contains_key("AWS_PROFILE");
        let detected = Front::detect(&variables);
        let mut origins = BTreeMap::new();
        let port = variables
            .get("PORT")
            .filter(|port| !port.is_empty())
            .cloned();
        let specific = format!("{PREFIX}_SERVER__PORT");
        if let Some(port) = port
            && !variables.contains_key(&specific)
        {
            variables.insert(specific, port);
            origins.insert("server.port".into(), "PORT".into());
        }
        for list in JSON_LISTS {
            let variable = format!("{PREFIX}_{}", list.to_uppercase());
            if let Some(json) = variables
                .remove(&variable)
                .filter(|json| !json.trim().is_empty())
            {
                let value: Value = serde_json::from_str::<Vec<serde_json::Value>>(&json)
                    .and_then(|_| serde_json::from_str(&json))
                    .map_err(|reason| SettingsError::JsonList {
                        variable: variable.clone(),
                        reason,
                    })?;
                builder = builder.set_override(list, value)?;
                origins.insert(list.into(), variable);
            }
        }
        let environment = Environment::with_prefix(PREFIX)
            .prefix_separator("_")
            .separator("__")
            .ignore_empty(true)
            .try_parsing(true)
            .list_separator(",")
            .with_list_parse_key("server.hosts")
            .with_list_parse_key("server.origins")
            .source(Some(variables));
        let merged = builder.add_source(environment).build()?;
        note_origins(&merged.cache, &mut Vec::new(), &mut origins);
        let settings: Settings = merged.try_deserialize()?;
        settings.check()?;
        let data_dir = match &settings.data_dir {
            Some(dir) => dir.clone(),
            None => dirs::data_dir()
                .ok_or(SettingsError::NoDataDir)?
                .join("tidewire"),
        };
        Ok(Self {
            front: settings.server.front.or_detected(detected),
            settings,
            data_dir,
            openai,
            has_aws_credentials,
            origins,
        })
    }

    /// The effective settings as TOML-like lines, each with where it came from; secrets masked.
    pub fn describe(&self) -> String {
        let json = serde_json::to_value(&self.settings).unwrap_or_default();
        let mut lines = Vec::new();
        describe_value(&json, "", &self.origins, &mut lines);
        let width = lines
            .iter()
            .map(|(line, _)| line.chars().count())
            .max()
            .unwrap_or(0)
            .min(60);
        let mut text = String::new();
        for (line, origin) in lines {
            // Writing to memory cannot fail.
            let _ = writeln!(text, "{line:width$}  # {origin}");
        }
        let _ = writeln!(text, "# everything is kept in {}", self.data_dir.display());
        text
    }
}

impl Settings {
    fn check(&self) -> Result<(), SettingsError> {
        let wrong = |name: &str, given: &dyn std::fmt::Display, expected: &str| {
            Err(SettingsError::Value {
                name: name.into(),
                given: given.to_string(),
                expected: expected.into(),
            })
        };
        let turn = &self.turn;
        if !(1..=86_400).contains(&turn.max_seconds) {
            return wrong("turn.max_seconds", &turn.max_seconds, "expected 1 to 86400");
        }
        if !(1..=86_400).contains(&turn.max_silence_seconds) {
            let given = &turn.max_silence_seconds;
            return wrong("turn.max_silence_seconds", given, "expected 1 to 86400");
        }
        let pace = self.offline.tokens_per_second;
        if !(pace.is_finite() && pace >= 0.0) {
            return wrong("offline.tokens_per_second", &pace, "expected 0 or more");
        }
        for model in &self.models {
            let name = format!("models.{}.base_url", model.id);
            if model.id.is_empty() || model.id == "offline" {
                return wrong(
                    "models.id",
                    &format!("{:?}", model.id),
                    "expected a name that is not empty and not \"offline\"",
                );
            }
            if self
                .models
                .iter()
                .filter(|other| other.id == model.id)
                .count()
                > 1
            {
                return wrong(
                    "models.id",
                    &model.id,
                    "two models have this id; give each its own",
                );
            }
            match (&model.base_url, model.provider) {
                (None, Provider::OpenaiCompatible) => {
                    return wrong(
                        &name,
                        &"nothing",
                        "an openai_compatible model needs one, such as http://127.0.0.1:11434/v1",
                    );
                }
                (Some(url), Provider::OpenaiCompatible)
                    if !url.starts_with("http://") && !url.starts_with("https://") =>
                {
                    return wrong(&name, url, "expected http:// or https://");
                }
                (Some(url), Provider::Bedrock) => {
                    return wrong(
                        &name,
                        url,
                        "a bedrock model takes none; see bedrock.endpoint_url",
                    );
                }
                _ => {}
            }
            if model.context_window < 1024 {
                let name = format!("models.{}.context_window", model.id);
                return wrong(&name, &model.context_window, "expected 1024 tokens or more");
            }
        }
        if let Some(default) = &self.default_model
            && default != "offline"
            && !self.models.is_empty()
            && !self.models.iter().any(|model| model.id == *default)
        {
            return wrong(
                "default_model",
                default,
                "expected the id of a model of the list, or offline",
            );
        }
        Ok(())
    }
}

fn openai_environment(variables: &HashMap<String, String>) -> Option<OpenAiEnvironment> {
    let set = |name: &str| variables.get(name).filter(|value| !value.trim().is_empty());
    let because = match (set("OPENAI_BASE_URL"), set("OPENAI_API_KEY")) {
        (Some(_), Some(_)) => "OPENAI_BASE_URL and OPENAI_API_KEY are set",
        (Some(_), None) => "OPENAI_BASE_URL is set",
        (None, Some(_)) => "OPENAI_API_KEY is set",
        (None, None) => return None,
    };
    Some(OpenAiEnvironment {
        base_url: set("OPENAI_BASE_URL")
            .map_or("https://api.openai.com/v1", String::as_str)
            .to_owned(),
        api_key: set("OPENAI_API_KEY").map(|key| key.clone().into()),
        because,
    })
}

/// Notes for each value that some source gave which one it was.
fn note_origins(value: &Value, path: &mut Vec<String>, origins: &mut BTreeMap<String, String>) {
    if let config::ValueKind::Table(table) = &value.kind {
        for (name, value) in table {
            path.push(name.clone());
            note_origins(value, path, origins);
            path.pop();
        }
        return;
    }
    let name = path.join(".");
    let origin = match value.origin() {
        Some("the environment") | None => {
            format!("{PREFIX}_{}", path.join("__").to_uppercase())
        }
        Some(file) => file.to_owned(),
    };
    origins.entry(name).or_insert(origin);
}

fn describe_value(
    value: &serde_json::Value,
    path: &str,
    origins: &BTreeMap<String, String>,
    lines: &mut Vec<(String, String)>,
) {
    let from_list = |path: &str| {
        let list = path.split(['.', '[']).next().unwrap_or_default();
        origins.get(list).cloned()
    };
    match value {
        serde_json::Value::Object(table) => {
            for (name, value) in table {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                describe_value(value, &path, origins, lines);
            }
        }
        serde_json::Value::Array(items) if items.iter().any(serde_json::Value::is_object) => {
            for (index, item) in items.iter().enumerate() {
                describe_value(item, &format!("{path}[{index}]"), origins, lines);
            }
        }
        other => {
            let origin = origins
                .get(path)
                .cloned()
                .or_else(|| from_list(path))
                .unwrap_or_else(|| "default".into());
            let shown = if other.is_null() {
                "(not set)".into()
            } else {
                other.to_string()
            };
            lines.push((format!("{path} = {shown}"), origin));
        }
    }
}

#[cfg(test)]
mod tests;
