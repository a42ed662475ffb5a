//! Calls that are made again, and calls that are not.

use serde_json::json;
use tidewire_domain::{ModelError, ModelRequest, ToolSpec};
use tidewire_test_openai_upstream::{Reply, Step, Upstream, events, sse, text_chunk};

use super::{answer, asking, model_at, say, text_of};

fn throttled() -> Reply {
    let error = json!({"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}});
    Reply::json(429, &error).header("retry-after", "0")
}

#[tokio::test]
async fn a_throttled_call_is_made_again() {
    let upstream = Upstream::start().await.unwrap();
    upstream.reply_next("echo", throttled());
    upstream.reply_next("echo", throttled());
    let events = answer(&upstream, "echo", asking("third time")).await;
    assert_eq!(text_of(&events), "third time");
    assert_eq!(upstream.requests().len(), 3);
}

#[tokio::test]
async fn an_error_object_before_the_first_token_counts_as_well() {
    let upstream = Upstream::start().await.unwrap();
    let error = json!({"error": {"message": "slow down", "code": 429}});
    upstream.reply_next("echo", events([Step::Send(sse(&error))]));
    let events = answer(&upstream, "echo", asking("again")).await;
    assert_eq!(text_of(&events), "again");
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn the_third_refusal_is_the_callers() {
    let upstream = Upstream::start().await.unwrap();
    for _ in 0..4 {
        upstream.reply_next("echo", throttled());
    }
    let said = say(&model_at(&upstream.base_url(), "echo"), asking("x")).await;
    assert!(matches!(
        said[..],
        [Err(ModelError::Throttled {
            retry_after: Some(_)
        })]
    ));
    assert_eq!(upstream.requests().len(), 3);
}

#[tokio::test]
async fn nothing_is_tried_again_after_the_first_token() {
    let upstream = Upstream::start().await.unwrap();
    let error = json!({"error": {"message": "slow down", "type": "rate_limit_error", "code": 429}});
    let steps = [
        Step::Send(text_chunk("echo", "begun")),
        Step::Send(sse(&error)),
    ];
    upstream.reply_next("echo", events(steps));
    let said = say(&model_at(&upstream.base_url(), "echo"), asking("x")).await;
    assert_eq!(said.len(), 2);
    assert_eq!(said[1], Err(ModelError::Throttled { retry_after: None }));
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_server_that_refuses_stream_options_is_asked_without() {
    let upstream = Upstream::start().await.unwrap();
    let model = model_at(&upstream.base_url(), "no-usage");
    for calls in [2, 3] {
        let said = say(&model, asking("hello")).await;
        assert!(said.iter().all(Result::is_ok), "{said:?}");
        // The second answer costs one request: what was learnt is kept.
        assert_eq!(upstream.requests().len(), calls);
    }
}

/// What Ollama answers for a model that was not made for tools.
fn no_tools() -> Reply {
    let error = json!({"error": {"message": "registry.ollama.ai/library/gemma3:4b does not support tools",
        "type": "api_error", "param": null, "code": null}});
    Reply::json(400, &error)
}

fn asking_with_tool(are_tools_optional: bool) -> ModelRequest {
    ModelRequest {
        tools: vec![ToolSpec {
            name: "current_time".into(),
            description: "Tells the time.".into(),
            parameters: json!({"type": "object", "properties": {}}),
        }],
        are_tools_optional,
        ..asking("hello")
    }
}

#[tokio::test]
async fn a_model_that_refuses_tools_that_nobody_asked_for_is_asked_without() {
    let upstream = Upstream::start().await.unwrap();
    let model = model_at(&upstream.base_url(), "echo");
    upstream.reply_next("echo", no_tools());
    for _ in 0..2 {
        let said = say(&model, asking_with_tool(true)).await;
        assert!(said.iter().all(Result::is_ok), "{said:?}");
    }
    let sent: Vec<bool> = upstream
        .requests()
        .iter()
        .map(|request| request.get("tools").is_some())
        .collect();
    assert_eq!(sent, [true, false, false]);
}

#[tokio::test]
async fn tools_that_a_client_asked_for_are_never_dropped() {
    let upstream = Upstream::start().await.unwrap();
    upstream.reply_next("echo", no_tools());
    let model = model_at(&upstream.base_url(), "echo");
    let said = say(&model, asking_with_tool(false)).await;
    assert!(
        matches!(&said[..], [Err(ModelError::Rejected(_))]),
        "{said:?}"
    );
    assert_eq!(upstream.requests().len(), 1);
}
