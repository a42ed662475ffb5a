//! Two turns at once on one conversation.

use serde_json::json;
use tidewire_tests::{Scene, assert_whole_log};

#[tokio::test]
async fn the_second_turn_is_refused_and_told_of_the_first() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "first").await;
    let mut call = scene.upstream.call().await;
    for body in [
        json!({"text": "second"}),
        json!({"text": "x", "parent_id": null}),
    ] {
        let refused = scene.client.try_turn(&conversation, &body).await;
        let problem = refused.expect_problem(409, "turn_active");
        assert_eq!(problem["active_turn"], stream.turn_id());
    }
    assert_eq!(scene.client.messages(&conversation).await.len(), 2);
    let other = scene.client.conversation().await;
    let elsewhere = scene.client.say(&other, "hello").await;
    scene.upstream.answer("hi").await;
    assert_whole_log(&elsewhere.rest().await);
    call.say("done").await;
    call.finish("stop").await;
    assert_whole_log(&stream.rest().await);
    let next = scene.client.say(&conversation, "second").await;
    scene.upstream.answer("fine").await;
    assert_whole_log(&next.rest().await);
}
