//! Which models this process serves, and why. AWS credentials that happen to lie around choose
//! nothing: `OPENAI_API_KEY` has no other meaning, they have.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, anyhow};
use secrecy::SecretString;
use tidewire_aws::{Aws, AwsSettings};
use tidewire_chat::{Catalogue, CatalogueEntry};
use tidewire_domain::{Capability, ChatModel, ModelInfo};
use tidewire_models::{
    bedrock::Bedrock,
    offline::{Offline, OfflineConfig},
    openai_compatible::{Connections, OpenAiCompatible, OpenAiCompatibleConfig, discover},
};

use crate::{
    config::{
        Front, LoadedSettings, ModelSettings, OpenAiEnvironment, Provider, default_context_window,
    },
    documentation::DOCUMENTS,
};

const OLLAMA: &str = "http://127.0.0.1:11434/v1";
/// A server on this machine that answers at all answers at once.
const OLLAMA_PATIENCE: Duration = Duration::from_millis(300);
const SERVER_PATIENCE: Duration = Duration::from_secs(3);
/// Some servers list hundreds.
const MAX_DISCOVERED: usize = 50;
/// How long after the start the documentation is read, if nobody asked before.
const WARM_AFTER: Duration = Duration::from_secs(1);
/// The offline model reads all it is given; this says how much history it is handed.
const OFFLINE_CONTEXT: u64 = 200_000;

/// The models, and a line for each reason.
pub struct ModelChoice {
    /// The models.
    pub catalogue: Catalogue,
    /// The reasons.
    pub lines: Vec<String>,
}

/// Chooses the models: those of the configuration; without any, those of a server that the
/// environment names or of an Ollama on this machine; `offline` always.
pub(crate) async fn choose_models(loaded: &LoadedSettings) -> anyhow::Result<ModelChoice> {
    let settings = &loaded.settings;
    let connections = Arc::new(Connections::default());
    let aws = Arc::new(Aws::new(AwsSettings {
        region: settings.bedrock.region.clone(),
        profile: settings.bedrock.profile.clone(),
        endpoint_url: settings.bedrock.endpoint_url.clone(),
        ..AwsSettings::default()
    }));
    let mut lines = Vec::new();
    let mut entries = Vec::new();
    for model in &settings.models {
        entries.push(configured(model, &connections, &aws)?);
    }
    if !entries.is_empty() {
        lines.push(format!("{}: listed in the configuration", names(&entries)));
    } else if let Some(openai) = &loaded.openai {
        entries = from_environment(openai, &connections, &mut lines).await?;
    } else if loaded.front != Front::Lambda {
        // Nothing but the app listens where it answers Lambda's Runtime API.
        entries = from_ollama(&connections, &mut lines).await?;
    }
    entries.push(offline(loaded.settings.offline.tokens_per_second));
    lines.push(
        "offline: always there; answers from this release's documentation, needs no network".into(),
    );
    if !settings
        .models
        .iter()
        .any(|model| model.provider == Provider::Bedrock)
    {
        lines.push(bedrock_hint(loaded.has_aws_credentials));
    }
    let default = match &settings.default_model {
        Some(id) => entries
            .iter()
            .position(|entry| entry.info.id == *id)
            .ok_or_else(|| {
                anyhow!(
                    "default_model = {id:?}: there is no such model; there are {}",
                    names(&entries)
                )
            })?,
        None => 0,
    };
    let default = entries.remove(default);
    lines.push(format!(
        "{} answers where no other is chosen",
        default.info.id
    ));
    Ok(ModelChoice {
        catalogue: Catalogue::new(default, entries),
        lines,
    })
}

fn names(entries: &[CatalogueEntry]) -> String {
    let ids: Vec<&str> = entries.iter().map(|entry| entry.info.id.as_str()).collect();
    match ids.as_slice() {
        [first @ .., last] if first.len() > 5 => {
            format!("{}, … {last} ({} models)", first[..5].join(", "), ids.len())
        }
        ids => ids.join(", "),
    }
}

fn bedrock_hint(has_credentials: bool) -> String {
    let found = if has_credentials {
        "AWS credentials are there, and choose nothing that costs money. "
    } else {
        ""
    };
    format!(
        "Bedrock is off. {found}To turn it on: TIDEWIRE_MODELS='[{{\"id\":\"claude\",\"provider\":\"bedrock\",\
         \"upstream_id\":\"MODEL_OR_INFERENCE_PROFILE_ID\"}}]' (docs/MODELS.md)"
    )
}

fn offline(tokens_per_second: f64) -> CatalogueEntry {
    let model = Offline::new(OfflineConfig {
        documents: DOCUMENTS,
        tokens_per_second,
    });
    // Reading the documentation takes longer than starting, and would take the processor from it
    // and from the first requests. Whoever asks before it is read waits for it.
    let warming = model.clone();
    tokio::spawn(async move {
        tokio::time::sleep(WARM_AFTER).await;
        tokio::task::spawn_blocking(move || warming.warm());
    });
    CatalogueEntry {
        info: ModelInfo {
            id: "offline".into(),
            name: "Documentation".into(),
            provider: "offline".into(),
            context_window: OFFLINE_CONTEXT,
            max_output_tokens: None,
            capabilities: vec![Capability::Tools],
            price: None,
        },
        model: Arc::new(model),
    }
}

fn configured(
    model: &ModelSettings,
    connections: &Arc<Connections>,
    aws: &Arc<Aws>,
) -> anyhow::Result<CatalogueEntry> {
    let upstream_id = model.upstream_id.as_ref().unwrap_or(&model.id).clone();
    let (provider, chat_model): (&str, Arc<dyn ChatModel>) = match model.provider {
        Provider::OpenaiCompatible => (
            "openai_compatible",
            Arc::new(
                OpenAiCompatible::new(
                    Arc::clone(connections),
                    OpenAiCompatibleConfig {
                        base_url: model.base_url.clone().unwrap_or_default(),
                        api_key: model.api_key.as_ref().map(|key| key.0.clone()),
                        upstream_model: upstream_id,
                    },
                )
                .with_context(|| format!("models.{}.base_url", model.id))?,
            ),
        ),
        Provider::Bedrock => (
            "bedrock",
            Arc::new(Bedrock::new(Arc::clone(aws), upstream_id)),
        ),
    };
    Ok(CatalogueEntry {
        info: ModelInfo {
            id: model.id.clone(),
            name: model.name.as_ref().unwrap_or(&model.id).clone(),
            provider: provider.into(),
            context_window: model.context_window,
            max_output_tokens: model.max_output_tokens,
            capabilities: model.capabilities.clone(),
            price: model.price,
        },
        model: chat_model,
    })
}

async fn from_environment(
    openai: &OpenAiEnvironment,
    connections: &Arc<Connections>,
    lines: &mut Vec<String>,
) -> anyhow::Result<Vec<CatalogueEntry>> {
    let key = openai.api_key.as_ref();
    match discover(connections, &openai.base_url, key, SERVER_PATIENCE).await {
        Ok(ids) if ids.is_empty() => {
            lines.push(format!(
                "none from {}: it lists no models ({})",
                openai.base_url, openai.because
            ));
            Ok(Vec::new())
        }
        Ok(ids) => {
            let entries = discovered(ids, &openai.base_url, key, connections)?;
            if entries.is_empty() {
                lines.push(format!(
                    "none from {}: none that it lists is for chat",
                    openai.base_url
                ));
                return Ok(entries);
            }
            lines.push(format!(
                "{}: at {}, because {}",
                names(&entries),
                openai.base_url,
                openai.because
            ));
            Ok(entries)
        }
        Err(error) => {
            lines.push(format!(
                "none from {}, though {}: {error}",
                openai.base_url, openai.because
            ));
            Ok(Vec::new())
        }
    }
}

async fn from_ollama(
    connections: &Arc<Connections>,
    lines: &mut Vec<String>,
) -> anyhow::Result<Vec<CatalogueEntry>> {
    match discover(connections, OLLAMA, None, OLLAMA_PATIENCE).await {
        Ok(ids) if !ids.is_empty() => {
            let entries = discovered(ids, OLLAMA, None, connections)?;
            lines.push(format!(
                "{}: an Ollama answers at 127.0.0.1:11434",
                names(&entries)
            ));
            Ok(entries)
        }
        _ => Ok(Vec::new()),
    }
}

fn discovered(
    ids: Vec<String>,
    base_url: &str,
    api_key: Option<&SecretString>,
    connections: &Arc<Connections>,
) -> anyhow::Result<Vec<CatalogueEntry>> {
    ids.into_iter()
        .filter(|id| id != "offline" && !is_no_chat_model(id))
        .take(MAX_DISCOVERED)
        .map(|id| {
            let model = OpenAiCompatible::new(
                Arc::clone(connections),
                OpenAiCompatibleConfig {
                    base_url: base_url.to_owned(),
                    api_key: api_key.cloned(),
                    upstream_model: id.clone(),
                },
            )?;
            Ok(CatalogueEntry {
                info: ModelInfo {
                    name: id.clone(),
                    id,
                    provider: "openai_compatible".into(),
                    context_window: default_context_window(),
                    max_output_tokens: None,
                    capabilities: vec![Capability::Tools, Capability::Images],
                    price: None,
                },
                model: Arc::new(model),
            })
        })
        .collect()
}

/// Servers list all their models together; these name what they are for.
fn is_no_chat_model(id: &str) -> bool {
    let id = id.to_ascii_lowercase();
    [
        "embed",
        "whisper",
        "tts",
        "dall-e",
        "moderation",
        "transcribe",
        "image",
        "realtime",
        "sora",
        "rerank",
    ]
    .iter()
    .any(|other| id.contains(other))
}
