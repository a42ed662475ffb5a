//! Writes that the system refuses, by a limit on the size of files: nobody needs to be root for it.

use serde_json::json;
use tidewire_tests::{Process, Site, Upstream, assert_whole_log};
use tokio::process::Command;

/// 1 MB in blocks of 512 bytes. The signal that comes with the limit would end the process.
const SCRIPT: &str = r#"trap '' XFSZ; ulimit -S -f 2048; exec "$0""#;

#[tokio::test]
async fn they_are_told_and_damage_nothing_and_all_works_again_without_the_limit() {
    let upstream = Upstream::start().await;
    let site = Site::new(&upstream).set("default_model", "offline");
    let process = Process::start_in_shell(&site, SCRIPT).await;
    let client = process.client();
    let conversation = client.conversation().await;
    let lengthy = json!({"text": "x".repeat(200_000)});
    let mut stored = 0;
    let refused = loop {
        let answer = client.try_turn(&conversation, &lengthy).await;
        if answer.status != 200 {
            break answer;
        }
        stored += 2;
        assert!(stored < 100, "the limit is never reached");
    };
    // The system does not say that it is for want of room.
    refused.expect_problem(503, "storage_unavailable");
    assert_eq!(client.messages(&conversation).await.len(), stored);
    assert_eq!(client.get("/healthz").await.status, 200);

    let pid = process.pid().to_string();
    let lifted = Command::new("prlimit")
        .args(["--pid", &pid, "--fsize=unlimited:unlimited"])
        .status();
    assert!(lifted.await.unwrap().success());
    client.expect_healthy().await;
    let log = client.turn(&conversation, &lengthy).await.rest().await;
    assert_whole_log(&log);
    assert_eq!(client.messages(&conversation).await.len(), stored + 2);
    process.terminate().await;
    process.ended().await;
    let database = rusqlite::Connection::open(site.database()).unwrap();
    let verdict: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}
