//! SIGTERM, as platforms send it.

use serde_json::json;
use tidewire_tests::{Site, Upstream, assert_whole_log, finish_reason, soon, text_of};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn a_turn_that_outlasts_the_grace_is_stored_as_interrupted() {
    let mut upstream = Upstream::start().await;
    let site = Site::new(&upstream).set("server.shutdown_grace_seconds", 0);
    let process = site.spawn().await;
    let conversation = process.client().conversation().await;
    let mut stream = process.client().say(&conversation, "hello").await;
    let turn = stream.turn_id();
    let mut call = upstream.call().await;
    call.say("So far").await;
    let mut log = stream.until_text("So far").await;
    process.terminate().await;
    log.extend(stream.rest().await);
    assert_whole_log(&log);
    assert_eq!(finish_reason(&log), "interrupted");
    call.closed().await;
    let (status, said) = process.ended().await;
    assert_eq!(status.code(), Some(0), "{said}");

    let process = site.spawn().await;
    let client = process.client();
    assert_eq!(client.events(&turn, 0).await.rest().await, log);
    let messages = client.messages(&conversation).await;
    assert_eq!(messages[1]["parts"][0]["text"], "So far");
    assert_eq!(messages[1]["finish_reason"], "interrupted");
    let again = json!({"regenerate": messages[1]["id"]});
    let stream = client.turn(&conversation, &again).await;
    upstream.answer("Whole.").await;
    assert_eq!(finish_reason(&stream.rest().await), "stop");
}

#[tokio::test]
async fn a_turn_may_end_within_the_grace_while_nobody_else_is_let_in() {
    let mut upstream = Upstream::start().await;
    let site = Site::new(&upstream).set("server.shutdown_grace_seconds", 60);
    let process = site.spawn().await;
    let conversation = process.client().conversation().await;
    let mut stream = process.client().say(&conversation, "hello").await;
    let mut call = upstream.call().await;
    call.say("Before. ").await;
    let mut log = stream.until_text("Before. ").await;
    let mut idle = TcpStream::connect(process.address()).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"ok") {
        assert!(idle.read_buf(&mut answer).await.unwrap() > 0);
    }
    process.terminate().await;
    // It closes what is idle once it listens no more.
    let closed = soon("idle connections close", idle.read_buf(&mut answer)).await;
    assert_eq!(closed.unwrap_or(0), 0);
    let refused = TcpStream::connect(process.address()).await;
    assert_eq!(
        refused.unwrap_err().kind(),
        std::io::ErrorKind::ConnectionRefused
    );
    call.say("After.").await;
    call.finish("stop").await;
    log.extend(stream.rest().await);
    assert_whole_log(&log);
    assert_eq!(finish_reason(&log), "stop");
    assert_eq!(text_of(&log), "Before. After.");
    let (status, said) = process.ended().await;
    assert_eq!(status.code(), Some(0), "{said}");
}

#[tokio::test]
async fn an_idle_process_ends_at_once_and_leaves_one_file() {
    let upstream = Upstream::start().await;
    let site = Site::new(&upstream).set("server.shutdown_grace_seconds", 60);
    let process = site.spawn().await;
    process.client().expect_healthy().await;
    process.terminate().await;
    let (status, said) = process.ended().await;
    assert_eq!(status.code(), Some(0), "{said}");
    let files = std::fs::read_dir(site.data_dir()).unwrap();
    let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["tidewire.db"], "the write-ahead log is folded in");
}
