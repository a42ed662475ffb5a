//! The offline model behind the port.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use tidewire_domain::{ChatModel, ModelError, ModelRequest, ModelStream, ResponseFormat};
use tokio::task::spawn_blocking;

use super::{
    Document,
    answer::Answer,
    composition::compose_answer,
    errand::{Errand, count_input, read_errand},
    introduction::introduce,
    json_form::encode_json,
    library::Library,
    query::build_query,
    stream::AnswerStream,
    tool_use::report_results,
};

/// What the offline model is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OfflineConfig {
    /// What it answers from.
    pub documents: &'static [Document],
    /// How fast it speaks; 0 is as fast as it is listened to.
    pub tokens_per_second: f64,
}

/// The offline model. Cloning it costs nothing and shares the index.
#[derive(Clone)]
pub struct Offline {
    config: OfflineConfig,
    library: Arc<OnceLock<Result<Arc<Library>, String>>>,
}

impl Offline {
    /// Makes the model. The documentation is read at the first question, or by [`Offline::warm`].
    pub fn new(config: OfflineConfig) -> Self {
        Self {
            config,
            library: Arc::default(),
        }
    }

    /// Reads and indexes the documentation, unless that is done. Takes some milliseconds of the
    /// calling thread.
    pub fn warm(&self) {
        self.library.get_or_init(|| {
            let library = Library::build(self.config.documents).and_then(|library| {
                // The first search of all prepares what the others use.
                library.find(&build_query("how do I connect a model", None))?;
                Ok(Arc::new(library))
            });
            library.map_err(|error| error.to_string())
        });
    }

    async fn open_library(&self) -> Result<Arc<Library>, ModelError> {
        if self.library.get().is_none() {
            let model = self.clone();
            // A panic in there is reported as an index that cannot be read, below.
            let _ = spawn_blocking(move || model.warm()).await;
        }
        match self.library.get() {
            Some(Ok(library)) => Ok(Arc::clone(library)),
            Some(Err(error)) => Err(fail(error)),
            None => Err(fail("reading it broke off")),
        }
    }
}

/// A search takes some tens of microseconds, a few hundred for words that nobody asked for before,
/// and is done in place: to hand it to another thread and back would cost about as much.
#[async_trait]
impl ChatModel for Offline {
    async fn stream(&self, request: ModelRequest) -> Result<ModelStream, ModelError> {
        if let ResponseFormat::JsonSchema { strict: true, .. } = request.response_format {
            return Err(ModelError::Rejected(
                "the offline model fills no JSON schema; its JSON is {\"answer\", \"citations\"}"
                    .to_owned(),
            ));
        }
        let library = self.open_library().await?;
        let input_tokens = count_input(&request);
        let max_output_tokens = request.max_output_tokens;
        let is_json = request.response_format != ResponseFormat::Text;
        let stops = request.stop.clone();

        let mut answer = match read_errand(&request)? {
            Errand::Introduce => introduce(library.documents()),
            Errand::Find(query) => {
                let hits = library.find(&query).map_err(fail)?;
                compose_answer(&library, &hits)
            }
            Errand::Call(call) => Answer {
                call: Some(Box::new(call)),
                ..Answer::default()
            },
            Errand::Report => report_results(request),
        };
        if is_json && answer.call.is_none() {
            answer = encode_json(answer, &library);
        }
        answer.cut_at(&stops);
        Ok(Box::pin(AnswerStream::new(
            answer,
            library,
            input_tokens,
            max_output_tokens,
            self.config.tokens_per_second,
        )))
    }
}

fn fail(error: impl std::fmt::Display) -> ModelError {
    ModelError::Unavailable(format!("the index of the documentation: {error}"))
}
