//! A disk that is full: a file system of a megabyte, made for the test alone.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

use bytes::Bytes;
use tidewire_blobs::LocalBlobs;
use tidewire_domain::{BlobError, BlobStore};

use crate::scene::{key, terms};

/// Mounts where no other process sees it. Whoever is not root becomes it in a namespace of its own.
const SCRIPT: &str = r#"
    [ "$(id -u)" = 0 ] && alone="unshare --mount" || alone="unshare --map-root-user --mount"
    exec $alone sh -c 'mount -t tmpfs -o size=1m,mode=700 tidewire "$1" && cd "$1" && exec "$0" \
        --exact full::on_a_small_disk --ignored --nocapture' "$0" "$1"
"#;

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", SCRIPT])
        .arg(env::current_exe().unwrap())
        .arg(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("1 passed"), "{said}{error}");
}

#[tokio::test]
#[ignore = "the other test starts it"]
async fn on_a_small_disk() {
    let blobs = LocalBlobs::open(Path::new("blobs"), &[7; 32]).unwrap();
    let half = Bytes::from(vec![1; 500_000]);
    blobs
        .put(&key("old"), half.clone(), "text/plain")
        .await
        .unwrap();
    let whole = Bytes::from(vec![2; 1_000_000]);
    let body = futures_util::stream::iter([Ok::<_, ()>(whole.clone())]);
    for said in [
        blobs.put(&key("old"), whole.clone(), "text/plain").await,
        blobs
            .put_new(&key("new"), whole.clone(), "text/plain")
            .await,
        blobs.receive(&key("new"), &terms(u64::MAX), body).await,
    ] {
        assert!(matches!(said, Err(BlobError::Full)), "{said:?}");
    }
    assert!(blobs.get(&key("old"), u64::MAX).await.unwrap() == half);
    assert!(blobs.info(&key("new")).await.is_err());
    // There is as much room as before.
    blobs
        .put(&key("new"), Bytes::from(vec![3; 400_000]), "")
        .await
        .unwrap();
    blobs.delete(&key("old")).await.unwrap();
    blobs.put(&key("old"), half, "").await.unwrap();
}
