//! The whole app with models that cost nothing: what remains is Tidewire itself.
//!
//! Model `burst-N` says N tokens at once; `each-N` hands them over one at a time, from another task.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use tidewire::{App, LoadedSettings, ModelChoice, start_logging, stop_signal};
use tidewire_chat::{Catalogue, CatalogueEntry};
use tidewire_domain::{
    ChatModel, FinishReason, ModelError, ModelEvent, ModelInfo, ModelRequest, ModelStream,
};
use tokio::sync::mpsc;

struct Scripted {
    count: u64,
    each: bool,
}

#[async_trait]
impl ChatModel for Scripted {
    async fn stream(&self, _: ModelRequest) -> Result<ModelStream, ModelError> {
        let count = self.count;
        if !self.each {
            let tokens = stream::iter(
                (0..=count).map(move |index| Ok(if index == count { end() } else { token() })),
            );
            return Ok(tokens.boxed());
        }
        // One at a time, from another task: the next is there only after this one was taken.
        let (tokens, taken) = mpsc::channel(1);
        tokio::spawn(async move {
            for _ in 0..count {
                if tokens.send(Ok(token())).await.is_err() {
                    return;
                }
            }
            let _ = tokens.send(Ok(end())).await;
        });
        Ok(stream::unfold(taken, |mut taken| async move {
            Some((taken.recv().await?, taken))
        })
        .boxed())
    }
}

fn token() -> ModelEvent {
    ModelEvent::TextDelta(" token".into())
}

fn end() -> ModelEvent {
    ModelEvent::Finished(FinishReason::Stop)
}

fn entry(count: u64, each: bool) -> CatalogueEntry {
    let id = format!("{}-{count}", if each { "each" } else { "burst" });
    CatalogueEntry {
        info: ModelInfo {
            name: id.clone(),
            id,
            provider: "scripted".into(),
            context_window: 200_000,
            max_output_tokens: None,
            capabilities: Vec::new(),
            price: None,
        },
        model: Arc::new(Scripted { count, each }),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = LoadedSettings::load(None)?;
    start_logging(&settings.settings.log)?;
    let choice = ModelChoice {
        catalogue: Catalogue::new(
            entry(1000, false),
            [entry(1000, true), entry(1, false), entry(20_000, false)],
        ),
        lines: Vec::new(),
    };
    App::start_with(&settings, choice)
        .await?
        .run(stop_signal()?)
        .await;
    Ok(())
}
