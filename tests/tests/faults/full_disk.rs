//! A disk that is full: a file system of a few megabytes, made for the test alone.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tidewire_tests::{Process, Site, Upstream, assert_whole_log, finish_reason, text_of};

/// Mounts over the data directory, where no other process sees it, and starts the program there.
/// Whoever is not root becomes it in a namespace of its own.
const SCRIPT: &str = r#"
    [ "$(id -u)" = 0 ] && alone="unshare --mount" || alone="unshare --map-root-user --mount"
    exec $alone sh -c 'mount -t tmpfs -o size=3m,mode=700 tidewire "$TIDEWIRE_DATA_DIR" && exec "$0"' "$0"
"#;

struct SmallDisk {
    upstream: Upstream,
    site: Site,
    process: Process,
}

impl SmallDisk {
    async fn start() -> Self {
        let upstream = Upstream::start().await;
        let site = Site::new(&upstream);
        fs::create_dir(site.data_dir()).unwrap();
        let process = Process::start_in_shell(&site, SCRIPT).await;
        Self {
            upstream,
            site,
            process,
        }
    }

    /// The directory as the process sees it.
    fn dir(&self) -> PathBuf {
        let root = format!("/proc/{}/root", self.process.pid());
        let inside = self.site.data_dir();
        Path::new(&root).join(inside.strip_prefix("/").unwrap())
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut ballast = File::create(self.dir().join("ballast")).unwrap();
        let page = [0; 4096];
        let error = loop {
            if let Err(error) = ballast.write_all(&page) {
                break error;
            }
        };
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    }

    fn make_room(&self) {
        fs::remove_file(self.dir().join("ballast")).unwrap();
    }

    /// Asserts that a copy of the database is whole. Nobody may write meanwhile.
    fn expect_whole_database(&self) {
        let copy = tempfile::tempdir_in(self.site.path()).unwrap();
        for name in ["tidewire.db", "tidewire.db-wal"] {
            fs::copy(self.dir().join(name), copy.path().join(name)).unwrap();
        }
        let database = rusqlite::Connection::open(copy.path().join("tidewire.db")).unwrap();
        let verdict: String = database
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(verdict, "ok");
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_refused_and_all_works_again_when_there_is_room() {
    let disk = SmallDisk::start().await;
    let client = disk.process.client();
    let offline = json!({"model": "offline", "title": "Kept"});
    let conversation = client.conversation_with(offline.clone()).await;
    client.say(&conversation, "before").await.rest().await;
    disk.fill();
    let refused = client
        .try_turn(&conversation, &json!({"text": "hello"}))
        .await;
    refused.expect_problem(507, "storage_full");
    let refused = client.post("/api/conversations", &offline).await;
    refused.expect_problem(507, "storage_full");
    assert_eq!(
        client.messages(&conversation).await.len(),
        2,
        "reading still works"
    );
    assert_eq!(client.get("/healthz").await.status, 200);
    disk.expect_whole_database();
    disk.make_room();
    client.expect_healthy().await;
    let log = client.say(&conversation, "after").await.rest().await;
    assert_whole_log(&log);
    assert_eq!(client.messages(&conversation).await.len(), 4);
    disk.expect_whole_database();
}

#[tokio::test]
async fn a_turn_that_can_no_longer_be_stored_says_so_and_ends() {
    let mut disk = SmallDisk::start().await;
    let client = disk.process.client();
    let conversation = client.conversation().await;
    let mut stream = client.say(&conversation, "hello").await;
    let turn = stream.turn_id();
    let mut call = disk.upstream.call().await;
    call.say("Stored. ").await;
    let mut log = stream.until_text("Stored. ").await;
    disk.fill();
    call.say(&"Lost. ".repeat(10_000)).await;
    call.closed().await;
    log.extend(stream.rest().await);
    assert_whole_log(&log);
    assert_eq!(finish_reason(&log), "error");
    let errors: Vec<&Value> = log
        .iter()
        .filter(|event| event.kind == "error")
        .map(|event| &event.data["code"])
        .collect();
    assert_eq!(errors, ["storage_failed"]);
    disk.expect_whole_database();

    disk.make_room();
    // Nobody produces it any more, which the store is told as soon as it takes it.
    let stored = client.events(&turn, 0).await.rest().await;
    assert_whole_log(&stored);
    assert_eq!(finish_reason(&stored), "interrupted");
    assert!(text_of(&log).starts_with(&text_of(&stored)));
    let next = client.say(&conversation, "again").await;
    disk.upstream.answer("fine").await;
    assert_eq!(finish_reason(&next.rest().await), "stop");
    disk.expect_whole_database();
}
