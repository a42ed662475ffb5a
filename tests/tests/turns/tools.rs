//! The model asks for tools, gets their answers, and comes to its bounds.

use serde_json::{Value, json};
use tidewire_tests::{Event, Scene, assert_whole_log, finish_reason, text_of};

fn kinds(log: &[Event]) -> Vec<&str> {
    log.iter().map(|event| event.kind.as_str()).collect()
}

fn of_kind<'a>(log: &'a [Event], kind: &str) -> Vec<&'a Value> {
    log.iter()
        .filter(|event| event.kind == kind)
        .map(|event| &event.data)
        .collect()
}

#[tokio::test]
async fn a_tool_is_run_and_the_model_reads_its_answer() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "What time is it?").await;
    let mut call = scene.upstream.call().await;
    let offered = call.body["tools"][0]["function"]["name"].clone();
    assert_eq!(offered, "current_time");
    call.say("Let me look. ").await;
    let tokyo = json!({"time_zone": "Asia/Tokyo"});
    call.ask_tool("c1", "current_time", &tokyo).await;
    call.count(10, 5).await;
    call.finish("tool_calls").await;

    let mut call = scene.upstream.call().await;
    let shown = call.body["messages"].as_array().unwrap().clone();
    let [_, asked, answered] = shown.as_slice() else {
        panic!("{shown:?}");
    };
    assert_eq!(asked["tool_calls"][0]["function"]["name"], "current_time");
    assert_eq!(answered["role"], "tool");
    assert_eq!(answered["tool_call_id"], "c1");
    let time = answered["content"].as_str().unwrap();
    assert!(time.ends_with("+09:00 (Asia/Tokyo)"), "{time}");
    call.say("Late.").await;
    call.count(20, 2).await;
    call.finish("stop").await;

    let log = stream.rest().await;
    assert_whole_log(&log);
    assert_eq!(text_of(&log), "Let me look. Late.");
    let expected = [
        "turn_started",
        "text_delta",
        "tool_call",
        "usage",
        "tool_result",
        "text_delta",
        "usage",
        "turn_finished",
    ];
    assert_eq!(kinds(&log), expected);
    assert_eq!(
        *of_kind(&log, "tool_call")[0],
        json!({"call_id": "c1", "name": "current_time", "arguments": tokyo})
    );
    let result = of_kind(&log, "tool_result")[0];
    assert_eq!(
        *result,
        json!({"call_id": "c1", "ok": true, "content": time})
    );
    assert_eq!(of_kind(&log, "usage")[1]["input_tokens"], 30, "of the turn");

    let messages = scene.client.messages(&conversation).await;
    let parts = messages[1]["parts"].as_array().unwrap();
    let types: Vec<&Value> = parts.iter().map(|part| &part["type"]).collect();
    assert_eq!(types, ["text", "tool_call", "tool_result", "text"]);
}

#[tokio::test]
async fn a_later_turn_shows_the_model_what_its_tools_said() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "time?").await;
    let mut call = scene.upstream.call().await;
    call.ask_tool("c1", "current_time", &json!({})).await;
    call.finish("tool_calls").await;
    scene.upstream.answer("noon").await;
    stream.rest().await;
    let stream = scene.client.say(&conversation, "sure?").await;
    let shown = scene.upstream.answer("yes").await;
    stream.rest().await;
    let roles: Vec<&Value> = shown["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| &message["role"])
        .collect();
    assert_eq!(roles, ["user", "assistant", "tool", "assistant", "user"]);
}

#[tokio::test]
async fn a_tool_that_fails_tells_the_model_why() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "time?").await;
    for (name, arguments, reason) in [
        (
            "current_time",
            json!({"time_zone": "Mars/Base"}),
            "Mars/Base",
        ),
        ("launch_rocket", json!({}), "launch_rocket"),
    ] {
        let mut call = scene.upstream.call().await;
        call.ask_tool(name, name, &arguments).await;
        call.finish("tool_calls").await;
        let mut next = scene.upstream.call().await;
        let last = next.body["messages"].as_array().unwrap().last().unwrap();
        assert!(last["content"].as_str().unwrap().contains(reason), "{last}");
        // The same question again, for the next case to answer.
        next.ask_tool(&format!("{name} again"), "current_time", &json!({}))
            .await;
        next.finish("tool_calls").await;
    }
    scene.upstream.answer("I give up").await;
    let log = stream.rest().await;
    assert_eq!(finish_reason(&log), "stop");
    let failed = of_kind(&log, "tool_result");
    assert_eq!(failed[0]["ok"], false);
    assert_eq!(failed[2]["ok"], false);
}

#[tokio::test]
async fn a_model_that_never_stops_asking_for_tools_comes_to_its_bound() {
    let mut scene = Scene::start_with(|site| site.set("turn.max_tool_rounds", 2)).await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "time?").await;
    for round in 0..3 {
        let mut call = scene.upstream.call().await;
        let id = format!("c{round}");
        call.ask_tool(&id, "current_time", &json!({})).await;
        call.finish("tool_calls").await;
    }
    let log = stream.rest().await;
    assert_whole_log(&log);
    assert_eq!(finish_reason(&log), "budget");
    scene.upstream.expect_no_call();
}

#[tokio::test]
async fn tokens_that_the_model_counts_come_to_their_bound() {
    let mut scene = Scene::start_with(|site| site.set("turn.token_budget", 100)).await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "time?").await;
    let mut call = scene.upstream.call().await;
    call.ask_tool("c1", "current_time", &json!({})).await;
    call.count(90, 20).await;
    call.finish("tool_calls").await;
    let log = stream.rest().await;
    assert_whole_log(&log);
    assert_eq!(finish_reason(&log), "budget");
    scene.upstream.expect_no_call();
}

#[tokio::test]
async fn an_answer_without_end_comes_to_its_bound_and_the_model_is_cancelled() {
    let mut scene = Scene::start_with(|site| site.set("turn.token_budget", 100)).await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "Go on for ever").await;
    let mut call = scene.upstream.call().await;
    for _ in 0..5 {
        call.say(&"ever ".repeat(20)).await;
    }
    call.closed().await;
    let log = stream.rest().await;
    assert_whole_log(&log);
    assert_eq!(finish_reason(&log), "budget");
    let text = text_of(&log);
    assert!((400..=500).contains(&text.len()), "{}", text.len());
    let messages = scene.client.messages(&conversation).await;
    assert_eq!(messages[1]["parts"][0]["text"], text);
}

#[tokio::test]
async fn a_turn_comes_to_its_longest_duration_with_its_text() {
    let mut scene = Scene::start_with(|site| site.set("turn.max_seconds", 1)).await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "hello").await;
    let mut call = scene.upstream.call().await;
    call.say("So far").await;
    let log = stream.rest().await;
    call.closed().await;
    assert_eq!(finish_reason(&log), "timeout");
    assert_eq!(text_of(&log), "So far");
}
