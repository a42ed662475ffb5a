//! `/v1`: other people's clients, in OpenAI's dialect.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tidewire_chat::{CatalogueEntry, Generation};
use tidewire_domain::{Capability, ModelRequest, Part, RawEvent};
use tokio::time::timeout;

use crate::{
    http::{
        caller::Caller, json::read_json, openai_error::OpenAiError, problem::Problem,
        sse::event_stream,
    },
    state::AppState,
    wire::{
        openai_chat::{AnswerHead, ChunkEncoder, ChunkFrames, Collected},
        openai_chat_request::ChatRequest,
    },
};

/// How long a refusal may take to become a status. Later than that the stream has begun, so that
/// pings keep it alive, and a refusal is an event.
const REFUSAL_PATIENCE: Duration = Duration::from_secs(5);

/// Lists the models.
#[utoipa::path(get, path = "/v1/models", tag = "openai", responses((status = 200, body = Object), (status = 401)))]
pub(crate) async fn list_models(_: Caller, State(state): State<AppState>) -> Json<Value> {
    let data: Vec<Value> = state
        .engine
        .catalogue()
        .entries()
        .iter()
        .map(|entry| model_object(entry))
        .collect();
    Json(json!({"object": "list", "data": data}))
}

/// Reads a model.
#[utoipa::path(
    get,
    path = "/v1/models/{id}",
    tag = "openai",
    params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 404))
)]
pub(crate) async fn read_model(
    _: Caller,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<Value>, OpenAiError> {
    let entry = state.engine.catalogue().find(Some(&id))?;
    Ok(Json(model_object(entry)))
}

fn model_object(entry: &CatalogueEntry) -> Value {
    json!({"id": entry.info.id, "object": "model", "created": 0, "owned_by": entry.info.provider})
}

/// Answers a chat, streamed or whole. Nothing is stored; a client that goes away cancels the
/// model's call. An answer that is not streamed cannot be kept alive by pings: behind `CloudFront` it
/// must be done within the origin read timeout, 120 s at most.
#[utoipa::path(
    post,
    path = "/v1/chat/completions",
    tag = "openai",
    request_body = Object,
    responses(
        (status = 200, body = Object),
        (status = 400), (status = 401), (status = 404), (status = 413), (status = 429), (status = 502),
    )
)]
pub(crate) async fn chat_completions(
    _: Caller,
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, OpenAiError> {
    let body: ChatRequest = read_json(request).await.map_err(OpenAiError)?.value;
    let entry = state.engine.catalogue().find(body.model.as_deref())?;
    let head = AnswerHead::new(&entry.info.id);
    let include_usage = body.include_usage();
    let is_streamed = body.stream.unwrap_or(false);
    let mut request = body.into_model_request().map_err(OpenAiError)?;
    let longest = [request.max_output_tokens, entry.info.max_output_tokens];
    request.max_output_tokens = longest.into_iter().flatten().min();
    check_images(&request, entry).map_err(OpenAiError)?;
    let mut generation = state.engine.generate(entry, request);
    if is_streamed {
        if let Ok(first_word) = timeout(REFUSAL_PATIENCE, generation.first_word()).await {
            first_word?;
        }
        let encoder = ChunkEncoder::new(&head, include_usage);
        return Ok(event_stream(ChunkFrames {
            generation,
            encoder,
        }));
    }
    generation.first_word().await?;
    let collected = collect(generation).await;
    match collected.error {
        Some(error) => Err(OpenAiError(Problem::new(
            axum::http::StatusCode::BAD_GATEWAY,
            "model_failed",
            format!("{} ({})", error.message, error.code),
        ))),
        None => Ok(Json(collected.completion(&head)).into_response()),
    }
}

fn check_images(request: &ModelRequest, entry: &CatalogueEntry) -> Result<(), Problem> {
    let has_images = request
        .messages
        .iter()
        .flat_map(|message| &message.parts)
        .any(|part| matches!(part, Part::Image(_)));
    if has_images && !entry.info.capabilities.contains(&Capability::Images) {
        return Err(tidewire_chat::ChatError::NoImages(entry.info.id.clone()).into());
    }
    Ok(())
}

async fn collect(mut generation: Generation) -> Collected {
    let mut collected = Collected::default();
    let mut each = |event: RawEvent<'_>| collected.take(event);
    while std::future::poll_fn(|cx| generation.poll_events(cx, &mut each)).await {}
    collected
}
