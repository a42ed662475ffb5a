//! Requests that need no credentials.

use std::time::Duration;

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use tidewire_domain::{BlobKey, DownloadTerms, SignedRequest, UploadTerms};

use super::scene::{Subject, key, key_of, noise};

const MINUTE: Duration = Duration::from_mins(1);

async fn upload(subject: &Subject, key: &BlobKey) -> SignedRequest {
    let terms = UploadTerms {
        media_type: "text/plain;charset=UTF-8".into(),
        max_bytes: 1_000_000,
    };
    subject
        .store
        .presign_put(key, &terms, MINUTE)
        .await
        .unwrap()
}

async fn download(subject: &Subject, key: &BlobKey, file_name: &str) -> SignedRequest {
    let terms = DownloadTerms {
        file_name: file_name.into(),
        media_type: "application/pdf".into(),
    };
    subject
        .store
        .presign_get(key, &terms, MINUTE)
        .await
        .unwrap()
}

/// Of a principal with any name.
pub async fn a_file_is_uploaded_and_downloaded(subject: &Subject) {
    let (key, body) = (
        key_of("a/../ü%2F b", "documents/1/original"),
        noise(300_000),
    );
    let request = upload(subject, &key).await;
    assert_eq!(request.method, "PUT");
    let response = subject.send(&request, body.clone()).await;
    assert_eq!(response.status(), 200);
    assert!(subject.get(&key).await == body);

    let request = download(subject, &key, "a b.pdf").await;
    assert_eq!((request.method, request.headers.len()), ("GET", 0));
    let response = subject.send(&request, Bytes::new()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/pdf");
    assert!(response.bytes().await.unwrap() == body);
}

/// As what it is.
pub async fn an_empty_file_is_uploaded(subject: &Subject) {
    let key = key("empty");
    let request = upload(subject, &key).await;
    let response = subject.send(&request, Bytes::new()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(subject.store.info(&key).await.unwrap().size_bytes, 0);
}

async fn expect_refused(subject: &Subject, request: &SignedRequest, key: &BlobKey) {
    let response = subject.send(request, Bytes::from_static(b"evil")).await;
    let status = response.status().as_u16();
    assert!((400..500).contains(&status), "{status} for {request:?}");
    assert!(subject.store.info(key).await.is_err(), "{request:?}");
}

/// Than the one that was signed; and none.
pub async fn another_content_type_is_refused(subject: &Subject) {
    let key = key("a");
    let request = upload(subject, &key).await;
    assert_eq!(request.headers.len(), 1);
    let mut other = request.clone();
    other.headers[0].1 = "text/html".into();
    expect_refused(subject, &other, &key).await;
    other.headers.clear();
    expect_refused(subject, &other, &key).await;
    let response = subject.send(&request, Bytes::from_static(b"good")).await;
    assert_eq!(response.status(), 200);
}

/// Whatever was altered: the signature, the path, the time.
pub async fn an_altered_request_is_refused(subject: &Subject) {
    let (signed, other) = (key("documents/1"), key("documents/2"));
    let request = upload(subject, &signed).await;
    let url = request.url.as_str();
    let at = url.find("ignature=").unwrap() + "ignature=".len();
    let digit = if url[at..].starts_with('0') { "1" } else { "0" };
    let later = ["&X-Amz-Expires=60", "?X-Amz-Expires=60"]
        .iter()
        .find(|found| url.contains(**found))
        .map_or_else(
            || url.replacen("expires=1", "expires=2", 1),
            |found| url.replacen(found, &found.replace("60", "600"), 1),
        );
    for altered in [
        format!("{}{digit}{}", &url[..at], &url[at + 1..]),
        url.replacen("documents/1", "documents/2", 1),
        later,
        url.split('?').next().unwrap().to_owned(),
    ] {
        assert_ne!(altered, url);
        let request = SignedRequest {
            url: altered,
            ..request.clone()
        };
        expect_refused(subject, &request, &signed).await;
        expect_refused(subject, &request, &other).await;
    }
}

/// A download is no upload, nor the other way around.
pub async fn a_request_is_for_its_method_alone(subject: &Subject) {
    let missing = key("missing");
    let mut request = download(subject, &missing, "a").await;
    request.method = "PUT";
    expect_refused(subject, &request, &missing).await;
    let there = key("there");
    subject.put(&there, "secret").await;
    let mut request = upload(subject, &there).await;
    for method in ["GET", "DELETE"] {
        request.method = method;
        let response = subject.send(&request, Bytes::new()).await;
        assert!(response.status().is_client_error(), "{method}");
    }
    assert_eq!(subject.get(&there).await, "secret");
}

/// As an attachment.
pub async fn any_file_name_is_handed_out(subject: &Subject) {
    let key = key("a");
    subject.put(&key, "content").await;
    for name in ["Größe \"50 %\" & 日本;x=y.pdf", "😀.txt", "a+b c.pdf", ""] {
        let request = download(subject, &key, name).await;
        let response = subject.send(&request, Bytes::new()).await;
        assert_eq!(response.status(), 200);
        let value = response.headers()["content-disposition"].to_str().unwrap();
        assert!(value.starts_with("attachment; filename=\""), "{value}");
        let (_, encoded) = value.split_once("; filename*=UTF-8''").unwrap();
        assert_eq!(percent_decode_str(encoded).decode_utf8().unwrap(), name);
        assert_eq!(response.bytes().await.unwrap(), "content");
    }
}

/// Though the request was signed before.
pub async fn what_was_deleted_is_not_handed_out(subject: &Subject) {
    let key = key("a");
    subject.put(&key, "content").await;
    let request = download(subject, &key, "a.txt").await;
    subject.store.delete(&key).await.unwrap();
    let response = subject.send(&request, Bytes::new()).await;
    assert_eq!(response.status(), 404);
}
