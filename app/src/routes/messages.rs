//! The messages of a conversation.

use axum::{
    Json,
    extract::{Path, State},
};
use tidewire_domain::Message;

use super::{
    conversations::conversation_id,
    paging::{PageBody, Paging, Queried},
};
use crate::{
    http::{
        caller::Caller,
        problem::{Problem, ProblemDocument},
    },
    state::AppState,
};

/// Lists a conversation's messages of all branches, newest first. They form a tree by `parent_id`;
/// a parent is always older than its children.
#[utoipa::path(
    get,
    path = "/api/conversations/{id}/messages",
    tag = "conversations",
    params(("id" = String, Path), Paging),
    responses(
        (status = 200, body = PageBody<Message>),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_messages(
    Caller(principal): Caller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    Queried(paging): Queried<Paging>,
) -> Result<Json<PageBody<Message>>, Problem> {
    let id = conversation_id(&id)?;
    let page = state
        .store
        .messages(&principal, id, paging.into_request()?)
        .await?;
    Ok(Json(page.into()))
}
