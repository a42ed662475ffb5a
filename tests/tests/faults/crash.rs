//! A process that is killed in the middle of a turn.

use serde_json::{Value, json};
use tidewire_tests::{Site, Upstream, assert_whole_log, finish_reason, text_of};

#[tokio::test]
async fn what_was_stored_survives_and_the_turn_is_interrupted() {
    let mut upstream = Upstream::start().await;
    let site = Site::new(&upstream);
    let process = site.spawn().await;
    let client = process.client();
    let conversation = client.conversation().await;
    let mut stream = client.say(&conversation, "hello").await;
    let turn = stream.turn_id();
    let mut call = upstream.call().await;
    call.say("Stored. ").await;
    stream.until_text("Stored. ").await;
    // Another process sees what is stored and no more.
    let watcher = site.start().await;
    let mut watching = watcher.client().events(&turn, 0).await;
    watching.until_text("Stored. ").await;
    drop(watching);
    watcher.stop().await;
    call.say("Perhaps.").await;
    let seen = stream.until_text("Perhaps.").await;
    process.kill().await;
    let cut_off = stream.rest().await;
    assert_eq!(cut_off, [], "nobody was left to say that it ended");

    let process = site.spawn().await;
    let client = process.client();
    let log = client.events(&turn, 0).await.rest().await;
    assert_whole_log(&log);
    assert_eq!(finish_reason(&log), "interrupted");
    let text = text_of(&log);
    assert!(
        ["Stored. ", "Stored. Perhaps."].contains(&text.as_str()),
        "{text}"
    );
    let messages = client.messages(&conversation).await;
    assert_eq!(messages[1]["finish_reason"], "interrupted");
    assert_eq!(messages[1]["parts"][0]["text"], text);
    let after = client.read_conversation(&conversation).await;
    assert_eq!(after["active_turn"], Value::Null);

    // A reader of the first process may be ahead of the store, and its last event may have a
    // number that the end has now: whatever it has, it must be told of the end.
    let ahead = seen.last().unwrap().seq.unwrap().max(log.len() as u64);
    for after in 0..=ahead + 1 {
        let events = client.events(&turn, after).await.rest().await;
        if after < log.len() as u64 {
            assert_eq!(
                events,
                log[usize::try_from(after).unwrap()..],
                "after {after}"
            );
        } else {
            assert_eq!(
                events.first().map(|e| e.kind.as_str()),
                Some("reset"),
                "after {after}"
            );
            assert_eq!(events[1..], log, "after {after}");
        }
    }

    let again = json!({"regenerate": messages[1]["id"]});
    let stream = client.turn(&conversation, &again).await;
    upstream.answer("Whole.").await;
    let log = stream.rest().await;
    assert_eq!(finish_reason(&log), "stop");
    assert_eq!(text_of(&log), "Whole.");
}

#[tokio::test]
async fn the_next_question_need_not_wait_for_anybody_to_notice() {
    let mut upstream = Upstream::start().await;
    let site = Site::new(&upstream);
    let process = site.spawn().await;
    let conversation = process.client().conversation().await;
    let stream = process.client().say(&conversation, "hello").await;
    let _call = upstream.call().await;
    process.kill().await;
    stream.rest().await;
    let process = site.spawn().await;
    let stream = process.client().say(&conversation, "hello again").await;
    upstream.answer("hi").await;
    let log = stream.rest().await;
    assert_whole_log(&log);
    assert_eq!(finish_reason(&log), "stop");
}

#[tokio::test]
async fn the_database_is_whole_after_many_crashes() {
    let mut upstream = Upstream::start().await;
    let site = Site::new(&upstream);
    let mut conversations = Vec::new();
    for round in 0..5 {
        let process = site.spawn().await;
        let client = process.client();
        let conversation = client.conversation().await;
        let mut stream = client.say(&conversation, "hello").await;
        let mut call = upstream.call().await;
        for _ in 0..20 * round {
            call.say("many words ").await;
        }
        call.say("end").await;
        stream.until_text("end").await;
        process.kill().await;
        conversations.push(conversation);
    }
    let process = site.spawn().await;
    for conversation in &conversations {
        let messages = process.client().messages(conversation).await;
        assert_eq!(messages[0]["parts"][0]["text"], "hello");
    }
    process.client().expect_healthy().await;
    process.terminate().await;
    process.ended().await;
    let database = rusqlite::Connection::open(site.database()).unwrap();
    let verdict: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}
