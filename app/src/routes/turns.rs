//! Turns: start one, read its log, stop it.

use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::Response,
};
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};
use tidewire_chat::{Tail, TurnRequest};
use tidewire_domain::{ConversationId, Idempotency, Image, MessageId, Parent, Part, TurnId};
use utoipa::{IntoParams, ToSchema};

use super::{conversations::conversation_id, paging::Queried};
use crate::{
    http::{
        caller::Caller,
        json::{JsonBody, read_json},
        problem::{Problem, ProblemDocument},
        sse::event_stream,
    },
    state::AppState,
    wire::{image::check_image, native::NativeFrames},
};

const TURN_HEADER: HeaderName = HeaderName::from_static("x-turn-id");
const MAX_IDEMPOTENCY_KEY: usize = 200;

/// What a user asks.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::option_option,
    reason = "null and absent mean different things"
)]
pub(crate) struct NewTurn {
    /// What the user says, where it is text alone.
    text: Option<String>,
    /// What the user says, in parts.
    parts: Option<Vec<InputPart>>,
    /// The assistant message to answer under; null: a new root; absent: the newest message.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, format = "uuid")]
    parent_id: Option<Option<MessageId>>,
    /// The model that answers; absent: the conversation's.
    model: Option<String>,
    /// Answer again what this assistant message answered, beside it.
    regenerate: Option<MessageId>,
}

/// A part of what a user says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum InputPart {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// A picture.
    Image(Image),
}

/// Tells null from absent.
#[expect(
    clippy::option_option,
    reason = "null and absent mean different things"
)]
fn present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<MessageId>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Where to read on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct After {
    /// The last event that the reader has; the header Last-Event-ID overrules it.
    after: Option<String>,
}

/// Starts a turn and streams its events. A repetition under the same Idempotency-Key joins the turn
/// that the first request started.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/turns",
    tag = "turns",
    params(
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The client's name for the request."),
    ),
    request_body = NewTurn,
    responses(
        (status = 200, content_type = "text/event-stream", body = String,
            description = "The turn's events, to its end. X-Turn-Id names the turn."),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 507, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn start_turn(
    Caller(principal): Caller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let conversation_id = conversation_id(&id)?;
    // The body is a slice of the connection's read buffer: it goes before waiting begins.
    let turn = turn_request(conversation_id, &headers, read_json(request).await?)?;
    let tail = state.engine.start_turn(&principal, turn).await?;
    Ok(stream(tail))
}

/// Streams a turn's events from where the reader is, to its end.
#[utoipa::path(
    get,
    path = "/api/turns/{id}/events",
    tag = "turns",
    params(
        ("id" = String, Path),
        After,
        ("Last-Event-ID" = Option<String>, Header, description = "The last event that the reader has."),
    ),
    responses(
        (status = 200, content_type = "text/event-stream", body = String),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read_events(
    Caller(principal): Caller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    Queried(query): Queried<After>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = turn_id(&id)?;
    let after = last_seen(&headers, &query)?;
    let tail = state.engine.tail(&principal, id, after).await?;
    Ok(stream(tail))
}

/// Stops a turn. Does nothing to one that is over.
#[utoipa::path(
    post,
    path = "/api/turns/{id}/stop",
    tag = "turns",
    params(("id" = String, Path)),
    responses(
        (status = 202),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn stop_turn(
    Caller(principal): Caller,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    state.engine.stop(&principal, turn_id(&id)?).await?;
    Ok(StatusCode::ACCEPTED)
}

fn stream(tail: Tail) -> Response {
    let id = tail.turn_id().to_string();
    let mut response = event_stream(NativeFrames::new(tail));
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(TURN_HEADER, id);
    }
    response
}

fn turn_id(text: &str) -> Result<TurnId, Problem> {
    text.parse().map_err(|_| Problem::not_found("turn"))
}

/// The last event that the reader has; 0: none.
pub(crate) fn last_seen(headers: &HeaderMap, query: &After) -> Result<u64, Problem> {
    match headers.get("last-event-id") {
        Some(value) => seq(value.to_str().unwrap_or("?")),
        None => query.after.as_deref().map_or(Ok(0), seq),
    }
}

fn seq(text: &str) -> Result<u64, Problem> {
    text.trim().parse().map_err(|_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid_last_event_id",
            "Last-Event-ID is not the number of an event.",
        )
    })
}

/// What a body and its headers ask for.
pub(crate) fn turn_request(
    conversation_id: ConversationId,
    headers: &HeaderMap,
    JsonBody { value, bytes }: JsonBody<NewTurn>,
) -> Result<TurnRequest, Problem> {
    let idempotency = idempotency(headers, &bytes)?;
    let parent = parent(&value)?;
    Ok(TurnRequest {
        conversation_id,
        parent,
        parts: parts(value.text, value.parts)?,
        model: value.model,
        idempotency,
    })
}

fn parent(turn: &NewTurn) -> Result<Parent, Problem> {
    match (turn.regenerate, turn.parent_id) {
        (Some(_), Some(_)) => Err(Problem::invalid(
            "regenerate has its place in the tree already: leave out parent_id.",
        )),
        (Some(_), None) if turn.text.is_some() || turn.parts.is_some() => Err(Problem::invalid(
            "regenerate answers the same message again: leave out text and parts.",
        )),
        (Some(id), None) => Ok(Parent::SiblingOf(id)),
        (None, Some(parent)) => Ok(Parent::Under(parent)),
        (None, None) => Ok(Parent::Newest),
    }
}

fn parts(text: Option<String>, parts: Option<Vec<InputPart>>) -> Result<Vec<Part>, Problem> {
    match (text, parts) {
        (Some(_), Some(_)) => Err(Problem::invalid("Send text or parts, not both.")),
        (Some(text), None) => Ok(vec![Part::Text { text }]),
        (None, Some(parts)) => parts
            .into_iter()
            .map(|part| match part {
                InputPart::Text { text } => Ok(Part::Text { text }),
                InputPart::Image(image) => check_image(image).map(Part::Image),
            })
            .collect(),
        (None, None) => Ok(Vec::new()),
    }
}

fn idempotency(headers: &HeaderMap, body: &[u8]) -> Result<Option<Idempotency>, Problem> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match key.to_str() {
        Ok(key) if !key.trim().is_empty() && key.len() <= MAX_IDEMPOTENCY_KEY => {
            Ok(Some(Idempotency {
                key: key.trim().to_owned(),
                fingerprint: Sha256::digest(body).into(),
            }))
        }
        _ => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid_idempotency_key",
            format!("Idempotency-Key must be 1 to {MAX_IDEMPOTENCY_KEY} visible ASCII characters."),
        )),
    }
}
