//! Conversations: list, make, read, change, delete.

use axum::{
    Json,
    extract::{Path, Request, State},
    http::StatusCode,
};
use serde::Deserialize;
use tidewire_chat::ChatError;
use tidewire_domain::{
    Conversation, ConversationId, ConversationPatch, ConversationQuery, NewConversation, Timestamp,
};
use utoipa::IntoParams;

use super::paging::{PageBody, Paging, Queried};
use crate::{
    http::{
        caller::Caller,
        json::read_json,
        problem::{Problem, ProblemDocument},
    },
    state::AppState,
};

/// The longest title, in characters.
const MAX_TITLE: usize = 200;

/// The id in a path. What is no id names nothing.
pub(crate) fn conversation_id(text: &str) -> Result<ConversationId, Problem> {
    text.parse().map_err(|_| Problem::not_found("conversation"))
}

/// Which conversations are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// Only those whose title holds this text, whatever its case.
    q: Option<String>,
}

/// Lists conversations, the last written first.
#[utoipa::path(
    get,
    path = "/api/conversations",
    tag = "conversations",
    params(Paging, Search),
    responses(
        (status = 200, body = PageBody<Conversation>),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_conversations(
    Caller(principal): Caller,
    State(state): State<AppState>,
    Queried(paging): Queried<Paging>,
    Queried(search): Queried<Search>,
) -> Result<Json<PageBody<Conversation>>, Problem> {
    let query = ConversationQuery {
        page: paging.into_request()?,
        title_contains: search.q.filter(|q| !q.trim().is_empty()),
    };
    let page = state.store.conversations(&principal, query).await?;
    Ok(Json(page.into()))
}

/// Makes a conversation.
#[utoipa::path(
    post,
    path = "/api/conversations",
    tag = "conversations",
    request_body = NewConversation,
    responses(
        (status = 201, body = Conversation),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_conversation(
    Caller(principal): Caller,
    State(state): State<AppState>,
    request: Request,
) -> Result<(StatusCode, Json<Conversation>), Problem> {
    let new: NewConversation = read_json(request).await?.value;
    check(
        &state,
        new.title.as_deref(),
        new.model.as_deref(),
        new.system.as_deref(),
    )?;
    let now = Timestamp::now();
    let conversation = state
        .store
        .create_conversation(&principal, new, now)
        .await?;
    Ok((StatusCode::CREATED, Json(conversation)))
}

/// Reads a conversation.
#[utoipa::path(
    get,
    path = "/api/conversations/{id}",
    tag = "conversations",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Conversation),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read_conversation(
    Caller(principal): Caller,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<Conversation>, Problem> {
    let id = conversation_id(&id)?;
    Ok(Json(state.store.conversation(&principal, id).await?))
}

/// Changes a conversation's title, model or instructions.
#[utoipa::path(
    patch,
    path = "/api/conversations/{id}",
    tag = "conversations",
    params(("id" = String, Path)),
    request_body = ConversationPatch,
    responses(
        (status = 200, body = Conversation),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn update_conversation(
    Caller(principal): Caller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<Conversation>, Problem> {
    let id = conversation_id(&id)?;
    let patch: ConversationPatch = read_json(request).await?.value;
    check(
        &state,
        patch.title.as_deref(),
        patch.model.as_deref().filter(|model| !model.is_empty()),
        patch.system.as_deref(),
    )?;
    let now = Timestamp::now();
    let conversation = state
        .store
        .update_conversation(&principal, id, patch, now)
        .await?;
    Ok(Json(conversation))
}

/// Deletes a conversation with all its messages. A turn that runs on it is stopped.
#[utoipa::path(
    delete,
    path = "/api/conversations/{id}",
    tag = "conversations",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_conversation(
    Caller(principal): Caller,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = conversation_id(&id)?;
    state.engine.delete_conversation(&principal, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn check(
    state: &AppState,
    title: Option<&str>,
    model: Option<&str>,
    system: Option<&str>,
) -> Result<(), Problem> {
    if [title, system]
        .into_iter()
        .flatten()
        .any(|text| text.contains('\0'))
    {
        return Err(ChatError::NulCharacter.into());
    }
    if let Some(title) = title
        && (title.trim().is_empty() || title.chars().count() > MAX_TITLE)
    {
        return Err(Problem::invalid(format!(
            "A title has 1 to {MAX_TITLE} characters."
        )));
    }
    if let Some(system) = system
        && system.len() > state.max_text_bytes
    {
        return Err(ChatError::MessageTooLong {
            bytes: system.len(),
            max: state.max_text_bytes,
        }
        .into());
    }
    state.engine.catalogue().find(model)?;
    Ok(())
}
