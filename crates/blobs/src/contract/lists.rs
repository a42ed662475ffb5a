//! Which blobs there are.

use tidewire_domain::{BlobPath, PrincipalId};

use super::scene::{Subject, key};

/// In the order of their bytes, in which `-` and `.` come before `/`.
const PATHS: [&str; 8] = [
    "a/1",
    "a/10",
    "a/2/x",
    "b-c/d",
    "b.c",
    "b/c",
    "b0",
    "c/d/e/f/g",
];

async fn fill(subject: &Subject) {
    for path in PATHS.iter().rev() {
        subject.put(&key(path), "content").await;
    }
}

async fn list(subject: &Subject, prefix: &str, after: Option<&str>, limit: u32) -> Vec<String> {
    let after: Option<BlobPath> = after.map(|path| path.parse().unwrap());
    let alice = PrincipalId::new("alice");
    let found = subject
        .other
        .list(&alice, prefix, after.as_ref(), limit)
        .await;
    let found = found.unwrap();
    found.iter().map(|path| path.as_str().to_owned()).collect()
}

/// Of all that a principal has.
pub async fn lists_are_in_order(subject: &Subject) {
    assert_eq!(list(subject, "", None, 100).await, [""; 0]);
    fill(subject).await;
    assert_eq!(list(subject, "", None, 100).await, PATHS);
    subject.store.delete(&key("b/c")).await.unwrap();
    let left: Vec<_> = PATHS.into_iter().filter(|path| *path != "b/c").collect();
    assert_eq!(list(subject, "", None, 100).await, *left);
}

/// Of any length, after any path, be it there or not.
pub async fn a_list_is_read_in_pieces(subject: &Subject) {
    fill(subject).await;
    for limit in 1..=4 {
        let mut all = Vec::new();
        loop {
            let after = all.last().cloned();
            let page = list(subject, "", after.as_deref(), limit).await;
            assert!(page.len() <= limit as usize);
            if page.is_empty() {
                break;
            }
            all.extend(page);
        }
        assert_eq!(all, PATHS);
    }
    assert_eq!(list(subject, "", None, 0).await, [""; 0]);
    for (after, first) in [
        ("a/2", "a/2/x"),
        ("a/3", "b-c/d"),
        ("b", "b-c/d"),
        ("0", "a/1"),
    ] {
        assert_eq!(list(subject, "", Some(after), 1).await, [first]);
    }
    assert_eq!(list(subject, "", Some("zzz"), 1).await, [""; 0]);
    assert_eq!(list(subject, "a/", Some("a/10"), 9).await, ["a/2/x"]);
    assert_eq!(list(subject, "b/", Some("a/10"), 9).await, ["b/c"]);
    assert_eq!(list(subject, "a/", Some("b/c"), 9).await, [""; 0]);
}

/// Not the beginning of a name, and nothing outside.
pub async fn a_prefix_is_a_whole_folder(subject: &Subject) {
    fill(subject).await;
    assert_eq!(list(subject, "b/", None, 9).await, ["b/c"]);
    assert_eq!(list(subject, "c/d/", None, 9).await, ["c/d/e/f/g"]);
    for prefix in ["b", "/", "../", "a/../", "a//", "b/c/", "nothing/", "b.c/"] {
        assert_eq!(list(subject, prefix, None, 9).await, [""; 0], "{prefix}");
    }
}
