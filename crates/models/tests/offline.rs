//! The offline model from outside, over documents like Tidewire's own.

use futures_util::StreamExt;
use tidewire_domain::{
    ChatModel, Citation, FinishReason, ModelError, ModelEvent, ModelMessage, ModelRequest, Part,
    Role, Usage,
};
use tidewire_models::offline::{Document, Offline, OfflineConfig};

mod offline_cases;

/// Documents like Tidewire's own.
const DOCUMENTS: &[Document] = &[
    Document {
        id: "README.md",
        title: "Tidewire",
        markdown: include_str!("offline_documents/readme.md"),
    },
    Document {
        id: "docs/models.md",
        title: "Models",
        markdown: include_str!("offline_documents/models.md"),
    },
    Document {
        id: "docs/configuration.md",
        title: "Configuration",
        markdown: include_str!("offline_documents/configuration.md"),
    },
    Document {
        id: "docs/turns.md",
        title: "Turns",
        markdown: include_str!("offline_documents/turns.md"),
    },
    Document {
        id: "docs/development.md",
        title: "Development",
        markdown: include_str!("offline_documents/development.md"),
    },
    Document {
        id: "docs/deployment.md",
        title: "Deployment",
        markdown: include_str!("offline_documents/deployment.md"),
    },
    Document {
        id: "docs/api.md",
        title: "HTTP API",
        markdown: include_str!("offline_documents/api.md"),
    },
];

/// All that one call of the model said.
#[derive(Debug, Default)]
struct Told {
    text: String,
    tokens: u64,
    events: Vec<ModelEvent>,
}

impl Told {
    fn citations(&self) -> Vec<&Citation> {
        self.events
            .iter()
            .filter_map(|event| match event {
                ModelEvent::Citation(citation) => Some(citation),
                _ => None,
            })
            .collect()
    }

    fn usage(&self) -> Usage {
        self.events
            .iter()
            .find_map(|event| match event {
                ModelEvent::Usage(usage) => Some(*usage),
                _ => None,
            })
            .expect("every answer says what it cost")
    }

    fn finish(&self) -> FinishReason {
        match self.events.last() {
            Some(ModelEvent::Finished(reason)) => *reason,
            other => panic!("the last event is {other:?}"),
        }
    }
}

fn model(tokens_per_second: f64) -> Offline {
    Offline::new(OfflineConfig {
        documents: DOCUMENTS,
        tokens_per_second,
    })
}

fn says(role: Role, text: &str) -> ModelMessage {
    ModelMessage {
        role,
        parts: vec![Part::Text {
            text: text.to_owned(),
        }],
    }
}

fn question(text: &str) -> ModelRequest {
    ModelRequest {
        messages: vec![says(Role::User, text)],
        ..ModelRequest::default()
    }
}

async fn tell(model: &Offline, request: ModelRequest) -> Result<Told, ModelError> {
    let mut stream = model.stream(request).await?;
    let mut told = Told::default();
    while let Some(event) = stream.next().await {
        let event = event?;
        if let ModelEvent::TextDelta(token) = &event {
            told.text.push_str(token);
            told.tokens += 1;
        } else {
            told.events.push(event);
        }
    }
    Ok(told)
}

async fn ask(text: &str) -> Told {
    tell(&model(0.0), question(text))
        .await
        .expect("questions are answered")
}
