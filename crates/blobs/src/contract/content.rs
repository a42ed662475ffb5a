//! What a blob holds.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use tidewire_domain::BlobError;
use tokio::task::JoinSet;

use super::scene::{Subject, key, noise};

/// From none to nine megabytes.
pub async fn blobs_of_any_size_come_back(subject: &Subject) {
    for (path, size) in [
        ("empty", 0),
        ("one", 1),
        ("small", 70_000),
        ("documents/1/large", 9_000_000),
    ] {
        let (key, body) = (key(path), noise(size));
        let told = subject.store.put(&key, body.clone(), "application/pdf");
        let told = told.await.unwrap();
        assert_eq!(told.size_bytes, size as u64);
        assert_eq!(subject.other.info(&key).await.unwrap(), told);
        assert!(subject.get(&key).await == body, "{path}");
        let (info, mut stream) = subject.other.open(&key, size as u64).await.unwrap();
        assert_eq!(info, told);
        let mut read = Vec::new();
        while let Some(piece) = stream.next().await {
            read.extend_from_slice(&piece.unwrap());
        }
        assert!(read == body, "{path}");
    }
}

/// And has another etag then.
pub async fn a_blob_is_replaced_as_a_whole(subject: &Subject) {
    let key = key("a/b");
    let mut etags = Vec::new();
    for body in ["a long text", "short", "other"] {
        subject.put(&key, body).await;
        assert_eq!(subject.get(&key).await, body);
        let info = subject.other.info(&key).await.unwrap();
        assert_eq!(info.size_bytes, body.len() as u64);
        assert!(!etags.contains(&info.etag));
        etags.push(info.etag);
    }
}

/// Not even with the same content.
pub async fn a_new_blob_replaces_none(subject: &Subject) {
    let key = key("a/b");
    let put_new = async |body: &'static str| {
        let body = Bytes::from_static(body.as_bytes());
        subject.store.put_new(&key, body, "text/plain").await
    };
    let told = put_new("first").await.unwrap();
    for body in ["first", "second"] {
        let refused = put_new(body).await;
        assert!(matches!(refused, Err(BlobError::Exists)), "{refused:?}");
    }
    assert_eq!(subject.get(&key).await, "first");
    assert_eq!(subject.other.info(&key).await.unwrap(), told);
    subject.store.delete(&key).await.unwrap();
    put_new("third").await.unwrap();
    assert_eq!(subject.get(&key).await, "third");
}

/// In two processes.
pub async fn of_many_that_make_a_blob_one_does(subject: &Subject) {
    for round in 0..3 {
        let key = key(&format!("race/{round}"));
        let mut making = JoinSet::new();
        for number in 0..8_u8 {
            let store = Arc::clone(if number % 2 == 0 {
                &subject.store
            } else {
                &subject.other
            });
            let key = key.clone();
            making.spawn(async move {
                let body = Bytes::from(vec![number; 10_000]);
                match store.put_new(&key, body, "text/plain").await {
                    Ok(_) => Some(number),
                    Err(BlobError::Exists) => None,
                    Err(error) => panic!("{error:?}"),
                }
            });
        }
        let winners: Vec<_> = making.join_all().await.into_iter().flatten().collect();
        assert_eq!(winners.len(), 1, "{winners:?}");
        assert!(subject.get(&key).await == vec![winners[0]; 10_000]);
    }
}

/// Nor opened.
pub async fn what_is_too_large_is_not_read(subject: &Subject) {
    let key = key("a");
    subject.put(&key, "eleven here").await;
    let refused = subject.store.open(&key, 10).await.map(|_| ());
    assert!(
        matches!(refused, Err(BlobError::TooLarge { max_bytes: 10 })),
        "{refused:?}"
    );
    let refused = subject.store.get(&key, 0).await;
    assert!(matches!(refused, Err(BlobError::TooLarge { max_bytes: 0 })));
    assert_eq!(subject.store.get(&key, 11).await.unwrap(), "eleven here");
}

/// Whatever is asked of it.
pub async fn what_is_not_there_is_not_found(subject: &Subject) {
    subject.put(&key("a/b/c"), "something near").await;
    for path in ["nothing", "a", "a/b", "a/b/d"] {
        let key = key(path);
        let said = subject.store.open(&key, 10).await.map(|_| ());
        assert!(matches!(said, Err(BlobError::NotFound)), "{path}: {said:?}");
        let said = subject.store.get(&key, 10).await;
        assert!(matches!(said, Err(BlobError::NotFound)), "{path}: {said:?}");
        let said = subject.store.info(&key).await;
        assert!(matches!(said, Err(BlobError::NotFound)), "{path}: {said:?}");
    }
}

/// And touches nothing else.
pub async fn a_deletion_may_be_repeated(subject: &Subject) {
    let (gone, stays) = (key("a/b/gone"), key("a/stays"));
    subject.put(&gone, "1").await;
    subject.put(&stays, "2").await;
    for path in ["a/b/gone", "a/b/gone", "a/b", "a", "nothing/at/all"] {
        subject.store.delete(&key(path)).await.unwrap();
    }
    let said = subject.other.info(&gone).await;
    assert!(matches!(said, Err(BlobError::NotFound)));
    assert_eq!(subject.get(&stays).await, "2");
    subject.put(&gone, "3").await;
    assert_eq!(subject.get(&gone).await, "3");
}

/// Whatever becomes of the blob meanwhile: it reads the old one to its end, or is told that it
/// cannot.
pub async fn a_reader_keeps_what_it_opened(subject: &Subject) {
    let (key, body) = (key("a"), noise(9_000_000));
    let put = subject.store.put(&key, body.clone(), "text/plain");
    put.await.unwrap();
    let (_, mut stream) = subject.store.open(&key, u64::MAX).await.unwrap();
    let first = stream.next().await.unwrap().unwrap();
    subject.put(&key, "another").await;
    let mut read = first.to_vec();
    while let Some(Ok(piece)) = stream.next().await {
        read.extend_from_slice(&piece);
    }
    assert!(body.starts_with(&read));
    assert_eq!(subject.get(&key).await, "another");
}
