//! Two processes on one database, as several instances are.

use std::time::Duration;

use serde_json::json;
use tidewire_tests::{
    EventStream, Process, Site, Upstream, assert_whole_log, finish_reason, text_of,
};
use tokio::time::timeout;

struct Pair {
    upstream: Upstream,
    _site: Site,
    producer: Process,
    reader: Process,
    conversation: String,
}

impl Pair {
    async fn start() -> Self {
        let upstream = Upstream::start().await;
        let site = Site::new(&upstream);
        let (producer, reader) = tokio::join!(site.spawn(), site.spawn());
        let conversation = producer.client().conversation().await;
        Self {
            upstream,
            _site: site,
            producer,
            reader,
            conversation,
        }
    }

    /// A turn that one process produces, and the other one's view of it.
    async fn turn(&self) -> (EventStream, EventStream) {
        let here = self
            .producer
            .client()
            .say(&self.conversation, "hello")
            .await;
        let there = self.reader.client().events(&here.turn_id(), 0).await;
        (here, there)
    }
}

#[tokio::test]
async fn a_reader_follows_a_turn_of_the_other_process() {
    let mut pair = Pair::start().await;
    let (here, mut there) = pair.turn().await;
    let mut call = pair.upstream.call().await;
    let mut log = Vec::new();
    for piece in ["one ", "two ", "three"] {
        call.say(piece).await;
        log.extend(there.until_text(piece).await);
    }
    call.finish("stop").await;
    log.extend(there.rest().await);
    assert_whole_log(&log);
    assert_eq!(here.rest().await, log);
    let messages = pair.reader.client().messages(&pair.conversation).await;
    assert_eq!(messages[1]["parts"][0]["text"], "one two three");
}

#[tokio::test]
async fn stop_reaches_the_process_that_produces() {
    let mut pair = Pair::start().await;
    let (here, mut there) = pair.turn().await;
    let mut call = pair.upstream.call().await;
    call.say("half").await;
    let mut log = there.until_text("half").await;
    pair.reader.client().stop(&here.turn_id()).await;
    call.closed().await;
    log.extend(there.rest().await);
    assert_whole_log(&log);
    assert_eq!(finish_reason(&log), "stopped");
    assert_eq!(here.rest().await, log);
}

#[tokio::test]
async fn deleting_ends_the_turn_in_the_process_that_produces() {
    let mut pair = Pair::start().await;
    let (here, mut there) = pair.turn().await;
    let mut call = pair.upstream.call().await;
    call.say("half").await;
    there.until_text("half").await;
    let path = format!("/api/conversations/{}", pair.conversation);
    assert_eq!(pair.reader.client().delete(&path).await.status, 204);
    call.closed().await;
    for stream in [here, there] {
        assert_eq!(finish_reason(&stream.rest().await), "interrupted");
    }
    pair.producer.client().expect_healthy().await;
}

#[tokio::test]
async fn both_know_of_the_turn_that_runs() {
    let mut pair = Pair::start().await;
    let body = json!({"text": "hello"});
    let keyed = |process: &Process| {
        let client = process.client();
        let request = client.turn_request(&pair.conversation);
        let request = request.header("idempotency-key", "k").json(&body);
        async move { client.stream(request).await }
    };
    let first = keyed(&pair.producer).await;
    let joined = keyed(&pair.reader).await;
    assert_eq!(joined.turn_id(), first.turn_id());
    let client = pair.reader.client();
    let refused = client
        .try_turn(&pair.conversation, &json!({"text": "x"}))
        .await;
    let problem = refused.expect_problem(409, "turn_active");
    assert_eq!(problem["active_turn"], first.turn_id());
    pair.upstream.answer("once").await;
    let log = first.rest().await;
    assert_whole_log(&log);
    assert_eq!(joined.rest().await, log);
    pair.upstream.expect_no_call();
}

#[tokio::test]
async fn when_the_producer_is_killed_the_reader_is_told_at_once() {
    let mut pair = Pair::start().await;
    let (here, mut there) = pair.turn().await;
    let mut call = pair.upstream.call().await;
    call.say("half").await;
    let mut log = there.until_text("half").await;
    pair.producer.kill().await;
    // A lease lives for 30 s, but whoever shares the host can tell that its holder is dead.
    let rest = timeout(Duration::from_secs(10), there.rest()).await;
    log.extend(rest.expect("without waiting for the lease to end"));
    assert_whole_log(&log);
    assert_eq!(finish_reason(&log), "interrupted");
    assert_eq!(text_of(&log), "half");
    drop(here);
    let client = pair.reader.client();
    let next = client.say(&pair.conversation, "again").await;
    pair.upstream.answer("whole").await;
    assert_eq!(finish_reason(&next.rest().await), "stop");
}
