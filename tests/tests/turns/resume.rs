//! Readers that come late, come back, or are ahead.

use tidewire_tests::{Event, Scene, assert_whole_log, text_of};

/// A finished turn: its id and its log, as the reader who began it saw it.
async fn finished_turn(scene: &mut Scene, pieces: &[&str]) -> (String, Vec<Event>) {
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "hello").await;
    let turn = stream.turn_id();
    let mut call = scene.upstream.call().await;
    for piece in pieces {
        call.say(piece).await;
    }
    call.finish("stop").await;
    let log = stream.rest().await;
    assert_whole_log(&log);
    (turn, log)
}

#[tokio::test]
async fn after_the_end_a_reader_gets_exactly_what_it_has_not() {
    let mut scene = Scene::start().await;
    let (turn, log) = finished_turn(&mut scene, &["a", "b", "c"]).await;
    for after in 0..=log.len() {
        let events = scene.client.events(&turn, after as u64).await;
        assert_eq!(events.turn_id(), turn);
        assert_eq!(events.rest().await, log[after..], "after {after}");
    }
}

#[tokio::test]
async fn in_mid_turn_a_reader_gets_exactly_what_it_has_not() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let mut first = scene.client.say(&conversation, "hello").await;
    let mut call = scene.upstream.call().await;
    for piece in ["a", "b", "c"] {
        call.say(piece).await;
    }
    let seen = first.until_text("c").await;
    let turn = first.turn_id();
    let mut readers = Vec::new();
    for after in 0..=seen.len() {
        let mut reader = scene.client.events(&turn, after as u64).await;
        let mut events = Vec::new();
        while events.len() < seen.len() - after {
            events.push(reader.next().await.expect("the turn runs"));
        }
        assert_eq!(events, seen[after..], "after {after}");
        readers.push(reader);
    }
    call.say("d").await;
    call.finish("stop").await;
    let rest = first.rest().await;
    assert_eq!(text_of(&rest), "d");
    for reader in readers {
        assert_eq!(reader.rest().await, rest);
    }
    assert_whole_log(&[seen, rest].concat());
}

#[tokio::test]
async fn a_reader_whose_connection_broke_misses_nothing_and_sees_nothing_twice() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let mut stream = scene.client.say(&conversation, "hello").await;
    let turn = stream.turn_id();
    let mut call = scene.upstream.call().await;
    let mut log = stream.until("turn_started").await;
    for piece in ["one ", "two ", "three ", "four "] {
        // Said while nobody reads.
        drop(stream);
        call.say(piece).await;
        let seen = log.last().and_then(|event| event.seq).unwrap();
        stream = scene.client.events(&turn, seen).await;
        log.extend(stream.until_text(piece).await);
    }
    call.finish("stop").await;
    log.extend(stream.rest().await);
    assert_whole_log(&log);
    assert_eq!(text_of(&log), "one two three four ");
}

#[tokio::test]
async fn ahead_of_a_running_turn_a_reader_waits_for_what_it_has_not() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let mut first = scene.client.say(&conversation, "hello").await;
    let mut call = scene.upstream.call().await;
    call.say("two").await;
    first.until_text("two").await;
    // It has seen four events, says the reader; there are two.
    let ahead = scene.client.events(&first.turn_id(), 4).await;
    for piece in ["three", "four", "five"] {
        call.say(piece).await;
    }
    call.finish("stop").await;
    let events = ahead.rest().await;
    assert_eq!(events[0].seq, Some(5));
    assert_eq!(text_of(&events), "five");
    assert_eq!(events.last().unwrap().kind, "turn_finished");
}

#[tokio::test]
async fn a_reader_that_is_still_ahead_at_the_end_starts_anew() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let mut first = scene.client.say(&conversation, "hello").await;
    let mut log = first.until("turn_started").await;
    let mut call = scene.upstream.call().await;
    let ahead = scene.client.events(&first.turn_id(), 100).await;
    call.say("all").await;
    call.finish("stop").await;
    log.extend(first.rest().await);
    expect_reset(&ahead.rest().await, &log);
}

#[tokio::test]
async fn a_reader_ahead_of_a_finished_turn_starts_anew() {
    let mut scene = Scene::start().await;
    let (turn, log) = finished_turn(&mut scene, &["a"]).await;
    let end = log.len() as u64;
    for after in [end + 1, 1_000_000, i64::MAX as u64, u64::MAX] {
        let events = scene.client.events(&turn, after).await;
        expect_reset(&events.rest().await, &log);
    }
}

fn expect_reset(events: &[Event], log: &[Event]) {
    assert_eq!(events[0].kind, "reset", "{events:?}");
    assert_eq!(events[0].seq, None, "{events:?}");
    assert_eq!(events[1..], *log);
}

#[tokio::test]
async fn the_query_says_where_to_read_on_too_and_the_header_overrules_it() {
    let mut scene = Scene::start().await;
    let (turn, log) = finished_turn(&mut scene, &["a", "b"]).await;
    let path = format!("/api/turns/{turn}/events?after=3");
    let by_query = scene.client.stream(scene.client.request("GET", &path));
    assert_eq!(by_query.await.rest().await, log[3..]);
    let both = scene
        .client
        .request("GET", &path)
        .header("last-event-id", 1);
    assert_eq!(scene.client.stream(both).await.rest().await, log[1..]);
}

#[tokio::test]
async fn a_log_survives_a_restart() {
    let mut scene = Scene::start().await;
    let (turn, log) = finished_turn(&mut scene, &["a", "b"]).await;
    scene.service.stop().await;
    let again = scene.site.start().await;
    let events = again.client().events(&turn, 0).await;
    assert_eq!(events.rest().await, log);
}
