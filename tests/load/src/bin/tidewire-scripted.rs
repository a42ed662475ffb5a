//! The whole app with models that cost nothing: what remains is Tidewire itself.
//!
//! Model `burst-N` says N tokens at once; `each-N` gives way before each of them.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use async_trait::async_trait;
use futures_util::Stream;
use tidewire::{App, LoadedSettings, ModelChoice, start_logging, stop_signal};
use tidewire_chat::{Catalogue, CatalogueEntry};
use tidewire_domain::{
    ChatModel, FinishReason, ModelError, ModelEvent, ModelInfo, ModelRequest, ModelStream,
};

struct Scripted {
    count: u64,
    each: bool,
}

#[async_trait]
impl ChatModel for Scripted {
    async fn stream(&self, _: ModelRequest) -> Result<ModelStream, ModelError> {
        Ok(Box::pin(Tokens {
            left: self.count + 1,
            each: self.each,
            gave_way: false,
        }))
    }
}

struct Tokens {
    left: u64,
    each: bool,
    gave_way: bool,
}

impl Stream for Tokens {
    type Item = Result<ModelEvent, ModelError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.each && !std::mem::replace(&mut self.gave_way, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.gave_way = false;
        match self.left {
            0 => return Poll::Ready(None),
            1 => {
                self.left = 0;
                return Poll::Ready(Some(Ok(ModelEvent::Finished(FinishReason::Stop))));
            }
            _ => self.left -= 1,
        }
        Poll::Ready(Some(Ok(ModelEvent::TextDelta(" token".into()))))
    }
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
