//! Readers that do not read.

use std::time::Duration;

use serde_json::json;
use tidewire_tests::{Call, Process, Scene, Site, Upstream, finish_reason, soon, text_of};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const MEGABYTE: usize = 1 << 20;

/// Sends a request, reads a byte of the answer and stops.
async fn read_one_byte(address: &str, method: &str, path: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    soon("a first byte", stream.read_exact(&mut [0]))
        .await
        .unwrap();
    stream
}

/// The memory that the process has in use, in bytes.
fn resident_bytes(process: &Process) -> usize {
    let path = format!("/proc/{}/status", process.pid());
    let status = std::fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<usize>().unwrap() * 1024
}

fn event_of(text: &str) -> Vec<u8> {
    let data = json!({"choices": [{"index": 0, "delta": {"content": text}}]});
    format!("data: {data}\n\n").into_bytes()
}

async fn say_much(call: &mut Call, size: usize) {
    let piece = event_of(&"x".repeat(16 * 1024));
    for _ in 0..size / (16 * 1024) {
        call.send(&piece).await;
    }
}

#[tokio::test]
async fn one_that_stops_does_not_slow_another_one_of_the_same_turn() {
    let mut scene = Scene::start_with(|site| site.set("turn.token_budget", 100_000_000)).await;
    let conversation = scene.client.conversation().await;
    let path = format!("/api/conversations/{conversation}/turns");
    let address = scene.service.address();
    let _stuck = read_one_byte(address, "POST", &path, r#"{"text":"hello"}"#).await;
    let active = scene.client.read_conversation(&conversation).await;
    let turn = active["active_turn"].as_str().unwrap();
    let reader = scene.client.events(turn, 0).await;
    let mut call = scene.upstream.call().await;
    let (log, ()) = tokio::join!(reader.rest(), async {
        say_much(&mut call, 4 * MEGABYTE).await;
        call.finish("stop").await;
    });
    assert_eq!(finish_reason(&log), "stop");
    assert_eq!(text_of(&log).len(), 4 * MEGABYTE);
}

#[tokio::test]
async fn many_that_stop_cost_no_more_memory_than_the_answer() {
    let mut upstream = Upstream::start().await;
    let site = Site::new(&upstream).set("turn.token_budget", 100_000_000);
    let process = site.spawn().await;
    let client = process.client();
    client.expect_healthy().await;
    let before = resident_bytes(&process);
    let conversation = client.conversation().await;
    let mut stream = client.say(&conversation, "hello").await;
    let path = format!("/api/turns/{}/events", stream.turn_id());
    let answer_bytes = 16 * MEGABYTE;
    let mut call = upstream.call().await;
    let (mut log, ()) = tokio::join!(stream.until_text("end"), async {
        say_much(&mut call, answer_bytes).await;
        call.say("end").await;
    });
    // All that was said is there for each of them at once.
    let mut stuck = Vec::new();
    for _ in 0..16 {
        stuck.push(read_one_byte(process.address(), "GET", &path, "").await);
    }
    let grown = resident_bytes(&process).saturating_sub(before);
    // Sixteen copies would be three times as much.
    assert!(grown < 6 * answer_bytes, "{} MB", grown / MEGABYTE);
    call.finish("stop").await;
    log.extend(stream.rest().await);
    assert_eq!(finish_reason(&log), "stop");
    assert_eq!(text_of(&log).len(), answer_bytes + 3);
    client.expect_healthy().await;
}

#[tokio::test]
async fn a_client_of_v1_that_stops_holds_the_model_back() {
    let mut upstream = Upstream::start().await;
    let site = Site::new(&upstream);
    let process = site.spawn().await;
    process.client().expect_healthy().await;
    let before = resident_bytes(&process);
    let body = r#"{"messages":[{"role":"user","content":"hi"}],"stream":true}"#;
    let path = "/v1/chat/completions";
    let asking = read_one_byte(process.address(), "POST", path, body);
    let speaking = async {
        let mut call = upstream.call().await;
        call.say("begin").await;
        call
    };
    let (_stuck, mut call) = tokio::join!(asking, speaking);
    let piece = event_of(&"x".repeat(16 * 1024));
    let mut sent = 0;
    // Sockets take a few megabytes; then nobody takes more.
    while timeout(Duration::from_secs(1), call.send(&piece))
        .await
        .is_ok()
    {
        sent += piece.len();
        assert!(sent < 64 * MEGABYTE, "the app takes what nobody reads");
    }
    let grown = resident_bytes(&process).saturating_sub(before);
    assert!(grown < 16 * MEGABYTE, "{} MB", grown / MEGABYTE);
    process.client().expect_healthy().await;
}
