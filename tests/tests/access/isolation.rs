//! Two principals never see each other's conversations, by any route there is.

use serde_json::{Value, json};
use tidewire_tests::{Client, Scene, finish_reason};

use crate::routes::{Route, documented_routes};

/// What a route's parameter names.
enum Parameter {
    Conversation,
    Turn,
    /// Something that all principals share.
    Shared(&'static str),
}

/// A route that is not known here may show one principal's rows to another: whoever adds one says
/// here what its parameter names.
fn parameter(route: &Route) -> Option<Parameter> {
    match route.path.as_str() {
        "/api/conversations/{id}"
        | "/api/conversations/{id}/messages"
        | "/api/conversations/{id}/turns" => Some(Parameter::Conversation),
        "/api/turns/{id}/events" | "/api/turns/{id}/stop" => Some(Parameter::Turn),
        "/v1/models/{id}" => Some(Parameter::Shared("offline")),
        path => {
            let known = [
                "/healthz",
                "/readyz",
                "/api/session",
                "/api/models",
                "/api/conversations",
                "/v1/models",
                "/v1/chat/completions",
            ];
            assert!(
                known.contains(&path),
                "{route:?} is new: say here what of a principal's it may show, and test it"
            );
            None
        }
    }
}

async fn everything_of(client: &Client, conversation: &str) -> Value {
    json!({
        "list": client.get("/api/conversations").await.expect(200),
        "conversation": client.read_conversation(conversation).await,
        "messages": client.messages(conversation).await,
    })
}

#[tokio::test]
async fn no_route_shows_or_touches_what_another_principal_has() {
    let mut scene = Scene::start_with(|site| site.keys(&["ada", "bob"])).await;
    let ada = scene.service.client_of("ada");
    let bob = scene.service.client_of("bob");
    let conversation = ada.conversation_with(json!({"title": "Ada's"})).await;
    let stream = ada.say(&conversation, "hello").await;
    let turn = stream.turn_id();
    let mut call = scene.upstream.call().await;
    let before = everything_of(&ada, &conversation).await;
    for route in documented_routes(&bob).await {
        let (id, shared) = match parameter(&route) {
            Some(Parameter::Conversation) => (conversation.as_str(), false),
            Some(Parameter::Turn) => (turn.as_str(), false),
            Some(Parameter::Shared(id)) => (id, true),
            None => continue,
        };
        let path = route.path_of(id);
        let answer = bob.send(route.request(&bob, &path)).await;
        if shared {
            assert_eq!(answer.status, 200, "{route:?}");
            continue;
        }
        assert_eq!(answer.status, 404, "{route:?} {}", answer.text);
        let problem = answer.expect_problem(404, "not_found");
        // What is another's and what is not there must be told apart by nothing.
        let nothing = route.path_of_nothing();
        let other = bob.send(route.request(&bob, &nothing)).await;
        let other = other.expect_problem(404, "not_found");
        assert_eq!(other["detail"], problem["detail"], "{route:?}");
    }
    assert_eq!(everything_of(&ada, &conversation).await, before);
    scene.upstream.expect_no_call();
    call.say("undisturbed").await;
    call.finish("stop").await;
    assert_eq!(finish_reason(&stream.rest().await), "stop");
}

#[tokio::test]
async fn lists_hold_ones_own_conversations_alone() {
    let scene = Scene::start_with(|site| site.keys(&["ada", "bob"])).await;
    let ada = scene.service.client_of("ada");
    let bob = scene.service.client_of("bob");
    for number in 0..3 {
        let title = json!({"title": format!("Ada's {number}")});
        ada.conversation_with(title).await;
    }
    let own = bob.conversation_with(json!({"title": "Bob's"})).await;
    let page = ada.get("/api/conversations?limit=1").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    for query in [
        "",
        "?limit=200",
        "?q=Ada",
        "?q=s",
        &format!("?cursor={cursor}"),
    ] {
        let answer = bob.get(&format!("/api/conversations{query}")).await;
        assert!(!answer.text.contains("Ada's"), "{query}: {}", answer.text);
    }
    let page = bob.get("/api/conversations").await.expect(200);
    assert_eq!(page["items"][0]["id"], own);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn anothers_message_is_no_place_for_a_turn() {
    let scene =
        Scene::start_with(|site| site.keys(&["ada", "bob"]).set("default_model", "offline"));
    let scene = scene.await;
    let ada = scene.service.client_of("ada");
    let bob = scene.service.client_of("bob");
    let hers = ada.conversation().await;
    ada.say(&hers, "hello").await.rest().await;
    let message = ada.messages(&hers).await[1]["id"].clone();
    let his = bob.conversation().await;
    for body in [
        json!({"text": "x", "parent_id": message}),
        json!({"regenerate": message}),
    ] {
        let refused = bob.try_turn(&his, &body).await;
        refused.expect_problem(422, "invalid_parent");
    }
    assert!(bob.messages(&his).await.is_empty());
    assert_eq!(ada.messages(&hers).await.len(), 2);
}
