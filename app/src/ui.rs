//! The web UI, compiled in.

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

use crate::http::problem::Problem;

/// Everything is `self`: no inline script or style, no other site's pages around ours, no image
/// that would tell another site what a conversation says.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What the build script made: the UI, or a page that says how to get it.
#[derive(RustEmbed)]
#[folder = "$OUT_DIR/ui"]
struct Files;

/// The page. Never cached: a new release must be noticed.
pub(crate) async fn page() -> Response {
    serve("index.html", "no-cache").unwrap_or_else(|| Problem::internal().into_response())
}

/// A file with its content's hash in its name: the same for ever.
pub(crate) async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("assets/{path}");
    match serve(&path, "public, max-age=31536000, immutable") {
        // It can only be the same.
        Some(_) if headers.contains_key(header::IF_NONE_MATCH) => {
            StatusCode::NOT_MODIFIED.into_response()
        }
        Some(response) => response,
        None => Problem::not_found("file").into_response(),
    }
}

/// A file beside the page, such as the icon.
pub(crate) fn file(path: &str) -> Option<Response> {
    let path = path.trim_start_matches('/');
    (path != "index.html").then(|| serve(path, "no-cache"))?
}

fn serve(path: &str, cache_control: &'static str) -> Option<Response> {
    let file = Files::get(path)?;
    let headers = [
        (header::CONTENT_TYPE, media_type(path)),
        (header::CACHE_CONTROL, cache_control),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    Some((headers, file.data).into_response())
}

/// The media types of what a UI build makes.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
