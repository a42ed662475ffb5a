//! Uploads that go wrong.

use std::{convert::Infallible, io};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tidewire_domain::{BlobError, BlobStore};

use crate::scene::{Place, key, terms};

/// A megabyte.
fn piece() -> Bytes {
    Bytes::from(vec![b'x'; 1_000_000])
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let place = Place::new();
    let blobs = place.open();
    let old = Bytes::from_static(b"old");
    blobs.put(&key("there"), old, "text/plain").await.unwrap();
    let before = place.tree();
    for path in ["there", "new/one"] {
        let body = stream::iter([
            Ok(piece()),
            Ok(piece()),
            Err(io::Error::from(io::ErrorKind::ConnectionReset)),
        ]);
        let said = blobs.receive(&key(path), &terms(u64::MAX), body).await;
        assert!(matches!(said, Err(BlobError::Unavailable(_))), "{said:?}");
    }
    assert_eq!(place.tree(), before);
    assert_eq!(blobs.get(&key("there"), 9).await.unwrap(), "old");
}

#[tokio::test]
async fn an_upload_that_nobody_waits_for_any_more_leaves_nothing() {
    let place = Place::new();
    let blobs = place.open();
    let (reached, has_reached) = tokio::sync::oneshot::channel();
    let body = stream::iter([piece(), piece()]).map(Ok::<_, Infallible>);
    let stuck = stream::once(async move {
        reached.send(()).unwrap();
        std::future::pending().await
    });
    let receiving = async {
        let body = body.chain(stuck);
        blobs.receive(&key("new"), &terms(u64::MAX), body).await
    };
    tokio::select! {
        _ = receiving => panic!("it has no end"),
        _ = has_reached => {}
    }
    assert_eq!(place.tree(), [".drafts"]);
}

#[tokio::test]
async fn an_upload_is_held_to_its_size_while_it_comes() {
    let place = Place::new();
    let blobs = place.open();
    let endless = stream::repeat(Ok::<_, Infallible>(piece()));
    let said = blobs
        .receive(&key("new"), &terms(2_999_999), endless.clone())
        .await;
    assert!(
        matches!(
            said,
            Err(BlobError::TooLarge {
                max_bytes: 2_999_999
            })
        ),
        "{said:?}"
    );
    assert_eq!(place.tree(), [".drafts"]);
    let body = endless.take(3);
    let info = blobs.receive(&key("new"), &terms(3_000_000), body).await;
    let info = info.unwrap();
    assert_eq!(info.size_bytes, 3_000_000);
    assert_eq!(blobs.info(&key("new")).await.unwrap(), info);
}

#[tokio::test]
async fn nothing_is_seen_of_an_upload_before_its_end() {
    let place = Place::new();
    let (blobs, other) = (place.open(), place.open());
    let seen = stream::once(async {
        assert!(other.info(&key("new")).await.is_err());
        assert_eq!(
            other
                .list(&key("new").principal, "", None, 9)
                .await
                .unwrap(),
            []
        );
        Ok::<_, Infallible>(Bytes::from_static(b"the end"))
    });
    let body = stream::once(async { Ok(piece()) }).chain(seen);
    let said = blobs.receive(&key("new"), &terms(u64::MAX), body).await;
    assert_eq!(said.unwrap().size_bytes, 1_000_007);
    assert_eq!(other.info(&key("new")).await.unwrap().size_bytes, 1_000_007);
}
