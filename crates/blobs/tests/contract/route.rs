//! The route of an app that hands presigned requests to local blobs, in a server without anything else.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use tidewire_blobs::{BLOB_ROUTE, Grant, GrantError, LocalBlobs, content_disposition};
use tidewire_domain::{BlobError, BlobStore, Timestamp};
use tidewire_test_scripted_http::{Listening, listen};

pub(crate) async fn serve(blobs: LocalBlobs) -> Listening {
    let app = Router::new()
        .route(
            &format!("{BLOB_ROUTE}{{*rest}}"),
            axum::routing::any(answer),
        )
        .with_state(blobs);
    listen(0, app).await.unwrap()
}

async fn answer(State(blobs): State<LocalBlobs>, request: Request) -> Response {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let path_and_query = request.uri().path_and_query().unwrap().as_str();
    let method = request.method().as_str();
    match blobs.verify(method, path_and_query, content_type, Timestamp::now()) {
        Ok(Grant::Upload { key, terms }) => {
            let body = request.into_body().into_data_stream();
            match blobs.receive(&key, &terms, body).await {
                Ok(info) => [(header::ETAG, info.etag)].into_response(),
                Err(BlobError::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
                Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
            }
        }
        Ok(Grant::Download { key, terms }) => match blobs.open(&key, u64::MAX).await {
            Ok((_, stream)) => {
                let disposition = content_disposition(&terms.file_name);
                let headers = [
                    (header::CONTENT_TYPE, terms.media_type),
                    (header::CONTENT_DISPOSITION, disposition),
                ];
                (headers, Body::from_stream(stream)).into_response()
            }
            Err(_) => StatusCode::NOT_FOUND.into_response(),
        },
        Err(GrantError::WrongMethod { .. }) => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        Err(_) => StatusCode::FORBIDDEN.into_response(),
    }
}
