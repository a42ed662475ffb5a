//! Whose a blob is.

use bytes::Bytes;
use tidewire_domain::PrincipalId;

use super::scene::{Subject, key_of};

/// Whatever they are called.
pub async fn principals_never_meet(subject: &Subject) {
    let long = "x".repeat(4000);
    let names = [
        "",
        " ",
        ".",
        "..",
        "/",
        "a",
        "A",
        "a/",
        "a/../b",
        "b",
        "../b",
        "a\\b",
        "a\0",
        "alice",
        "Alice",
        "_",
        "__",
        "_41",
        "%41",
        "a%2F",
        ".drafts",
        "ü",
        "u\u{308}",
        "Ü",
        "é",
        "con",
        "~",
        "a:b",
        "*",
        &long,
        &format!("{long}y"),
        &format!("{long}Y"),
    ];
    for name in names {
        let key = key_of(name, "documents/1");
        let body = Bytes::from(format!("of {name:?}"));
        subject
            .store
            .put_new(&key, body, "text/plain")
            .await
            .unwrap();
    }
    for name in names {
        let body = subject.get(&key_of(name, "documents/1")).await;
        assert_eq!(body, format!("of {name:?}"));
        let principal = PrincipalId::new(name);
        let list = subject.other.list(&principal, "", None, 9);
        assert_eq!(list.await.unwrap(), ["documents/1".parse().unwrap()]);
    }
    for name in names {
        let key = key_of(name, "documents/1");
        subject.store.delete(&key).await.unwrap();
    }
    for name in names {
        let principal = PrincipalId::new(name);
        let list = subject.other.list(&principal, "", None, 9);
        assert_eq!(list.await.unwrap(), []);
    }
}
