//! The one table of routes, and the layers around it.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, Uri},
    middleware::{from_fn, from_fn_with_state},
    response::Response,
    routing::get,
};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{
        guard::guard, openai_error::answer, panic::catch_panic, problem::Problem, trace::trace,
    },
    routes::{conversations, health, messages, models, openai, session, turns},
    state::AppState,
    ui,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tidewire",
        description = "A private, streaming LLM chat service. Authenticate with a key as Bearer \
            token or x-api-key, or with the cookie that POST /api/session sets."
    ),
    security((), ("bearer" = []), ("api_key" = [])),
    modifiers(&SecuritySchemes)
)]
struct ApiDocument;

struct SecuritySchemes;

impl utoipa::Modify for SecuritySchemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{
            ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme,
        };
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let api_key = ApiKey::Header(ApiKeyValue::new("x-api-key"));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(api_key));
    }
}

/// All that the app answers.
pub(crate) fn router(state: AppState) -> Router {
    let (api, document) = OpenApiRouter::with_openapi(ApiDocument::openapi())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(
            session::read_session,
            session::sign_in,
            session::sign_out
        ))
        .routes(routes!(models::list_models))
        .routes(routes!(
            conversations::list_conversations,
            conversations::create_conversation
        ))
        .routes(routes!(
            conversations::read_conversation,
            conversations::update_conversation,
            conversations::delete_conversation
        ))
        .routes(routes!(messages::list_messages))
        .routes(routes!(turns::start_turn))
        .routes(routes!(turns::read_events))
        .routes(routes!(turns::stop_turn))
        .routes(routes!(openai::list_models))
        .routes(routes!(openai::read_model))
        .routes(routes!(openai::chat_completions))
        .split_for_parts();
    let document = Arc::new(document);
    api.route(
        "/api/openapi.json",
        get(move || async move { Json(document.as_ref().clone()) }),
    )
    .route("/", get(ui::page))
    .route("/c/{id}", get(ui::page))
    .route("/assets/{*path}", get(ui::asset))
    .fallback(not_found)
    .method_not_allowed_fallback(method_not_allowed)
    .layer(DefaultBodyLimit::max(state.max_body_bytes))
    .layer(from_fn(catch_panic))
    .layer(from_fn_with_state(state.clone(), guard))
    .layer(from_fn(trace))
    .with_state(state)
}

async fn not_found(uri: Uri) -> Response {
    if let Some(file) = ui::file(uri.path()) {
        return file;
    }
    let problem = Problem::new(
        StatusCode::NOT_FOUND,
        "no_such_route",
        "There is nothing here. /api/openapi.json lists what there is.",
    );
    answer(&uri, problem)
}

async fn method_not_allowed(uri: Uri) -> Response {
    let problem = Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This route does not take that method. /api/openapi.json lists those it takes.",
    );
    answer(&uri, problem)
}
