//! The models that this service serves.

use axum::{Json, extract::State};
use serde::Serialize;
use tidewire_domain::ModelInfo;
use utoipa::ToSchema;

use crate::{
    http::{caller::Caller, problem::ProblemDocument},
    state::AppState,
};

/// A model of the list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelItem {
    #[serde(flatten)]
    info: ModelInfo,
    /// Whether it answers where none is named.
    default: bool,
}

/// All models: they are few, so there is one page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelList {
    /// The models, the default one first.
    items: Vec<ModelItem>,
}

/// Lists the models.
#[utoipa::path(
    get,
    path = "/api/models",
    tag = "models",
    responses(
        (status = 200, body = ModelList),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_models(_: Caller, State(state): State<AppState>) -> Json<ModelList> {
    let items = state
        .engine
        .catalogue()
        .entries()
        .iter()
        .enumerate()
        .map(|(place, entry)| ModelItem {
            info: entry.info.clone(),
            default: place == 0,
        })
        .collect();
    Json(ModelList { items })
}
