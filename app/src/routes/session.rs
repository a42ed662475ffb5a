//! Signing in and out, and who serves whom.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tidewire_auth::Session;
use tidewire_domain::{PrincipalId, Timestamp};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    config::Secret,
    http::{
        caller::{clear_cookie, local_session},
        json::read_json,
        problem::{Problem, ProblemDocument},
    },
    state::AppState,
};

/// The process that answers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Instance {
    /// Its host's name.
    pub host: String,
    /// Another one after every start.
    pub id: Uuid,
    /// When it started.
    pub started_at: Timestamp,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PrincipalBody {
    id: PrincipalId,
    name: String,
}

/// Whether somebody needs to sign in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthKind {
    /// Nobody does: only this machine is answered.
    Local,
    /// With a key.
    Key,
}

/// The session of the browser that asks, and the instance that serves it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionBody {
    /// Stays the same over restarts and instances; null while nobody is signed in.
    session_id: Option<Uuid>,
    /// The version of the service.
    version: &'static str,
    instance: Instance,
    auth: AuthKind,
    signed_in: bool,
    principal: Option<PrincipalBody>,
}

/// What the sign-in form sends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// A key of this service.
    #[schema(value_type = String)]
    key: Secret,
}

fn body(state: &AppState, session: Option<&Session>) -> SessionBody {
    SessionBody {
        session_id: session.map(|session| session.id),
        version: env!("CARGO_PKG_VERSION"),
        instance: state.instance.clone(),
        auth: if state.authority.is_open() {
            AuthKind::Local
        } else {
            AuthKind::Key
        },
        signed_in: session.is_some(),
        principal: session.map(|session| PrincipalBody {
            id: PrincipalId::new(&session.principal),
            name: session.principal.clone(),
        }),
    }
}

/// Tells the session and the instance. Open to everybody: the sign-in page asks it.
#[utoipa::path(get, path = "/api/session", tag = "session", responses((status = 200, body = SessionBody)))]
pub(crate) async fn read_session(State(state): State<AppState>, headers: HeaderMap) -> Response {
    if let Some(session) = state.authority.session(&headers) {
        return no_store(Json(body(&state, Some(&session))));
    }
    if !state.authority.is_open() {
        return no_store(Json(body(&state, None)));
    }
    let session = local_session();
    let cookie = state.authority.cookie(&session, &headers);
    no_store((
        [(header::SET_COOKIE, cookie)],
        Json(body(&state, Some(&session))),
    ))
}

/// Signs in with a key; the answer sets an `HttpOnly` cookie.
#[utoipa::path(
    post,
    path = "/api/session",
    tag = "session",
    request_body = SignIn,
    responses(
        (status = 200, body = SessionBody),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let given: SignIn = read_json(request).await?.value;
    let session = if state.authority.is_open() {
        local_session()
    } else {
        let principal = state.authority.sign_in(given.key.expose()).ok_or_else(|| {
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "The key is not one of this service's.",
            )
        })?;
        Session::new(principal.as_str(), Timestamp::now())
    };
    let cookie = state.authority.cookie(&session, &headers);
    let body = Json(body(&state, Some(&session)));
    Ok(no_store(([(header::SET_COOKIE, cookie)], body)))
}

/// Signs out. Open to everybody: whoever is not signed in stays so.
#[utoipa::path(delete, path = "/api/session", tag = "session", responses((status = 204)))]
pub(crate) async fn sign_out(headers: HeaderMap) -> Response {
    let cookie = clear_cookie(&headers);
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response()
}

fn no_store(response: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], response).into_response()
}
