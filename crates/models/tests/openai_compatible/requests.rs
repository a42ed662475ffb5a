//! What is sent.

use std::time::Duration;

use serde_json::{Value, json};
use tidewire_domain::{
    Image, ModelMessage, ModelRequest, Part, ResponseFormat, Role, ToolCall, ToolChoice, ToolResult,
};
use tidewire_test_openai_upstream::Upstream;

use super::{answer, asking, model_at, say, tool, user};

/// The body that the server gets.
async fn sent(request: ModelRequest) -> Value {
    let upstream = Upstream::start().await.unwrap();
    answer(&upstream, "echo", request).await;
    upstream.requests().remove(0)
}

fn text(text: &str) -> Part {
    Part::Text { text: text.into() }
}

fn assistant(parts: Vec<Part>) -> ModelMessage {
    ModelMessage {
        role: Role::Assistant,
        parts,
    }
}

/// What is between may have forgotten the connection without a word.
#[tokio::test]
async fn a_connection_is_used_again_but_not_after_half_a_minute() {
    let upstream = Upstream::start().await.unwrap();
    let model = model_at(&upstream.base_url(), "echo");
    for (idle_seconds, connections) in [(0, 1), (25, 1), (31, 2)] {
        // Server and client run here: when both have nothing left to do, the connection is back.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(idle_seconds)).await;
        tokio::time::resume();
        say(&model, asking("hello")).await;
        assert_eq!(upstream.connections(), connections, "{idle_seconds}");
    }
}

#[tokio::test]
async fn a_plain_question_is_a_short_request() {
    assert_eq!(
        sent(asking("hello")).await,
        json!({
            "model": "echo",
            "messages": [{"role": "user", "content": "hello"}],
            "stream": true,
            "stream_options": {"include_usage": true},
        })
    );
}

#[tokio::test]
async fn every_setting_is_sent() {
    let body = sent(ModelRequest {
        system: Some("Be brief.".into()),
        tools: vec![tool("search")],
        max_output_tokens: Some(100),
        temperature: Some(0.5),
        top_p: Some(0.9),
        stop: vec!["END".into()],
        seed: Some(7),
        reasoning_effort: Some("low".into()),
        response_format: ResponseFormat::JsonObject,
        ..asking("hello")
    })
    .await;
    assert_eq!(
        body,
        json!({
            "model": "echo",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "hello"},
            ],
            "stream": true,
            "stream_options": {"include_usage": true},
            "tools": [{"type": "function", "function": {
                "name": "search",
                "description": "Looks something up.",
                "parameters": {"type": "object"},
            }}],
            "max_tokens": 100,
            "temperature": 0.5,
            "top_p": 0.9,
            "stop": ["END"],
            "seed": 7,
            "reasoning_effort": "low",
            "response_format": {"type": "json_object"},
        })
    );
}

#[tokio::test]
async fn a_schema_is_sent() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let body = sent(ModelRequest {
        response_format: ResponseFormat::JsonSchema {
            name: "answer".into(),
            schema: schema.clone(),
            strict: true,
        },
        ..asking("hello")
    })
    .await;
    assert_eq!(
        body["response_format"],
        json!({"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": true}})
    );
}

#[tokio::test]
async fn the_choice_of_tools_is_sent_where_there_is_one() {
    for (choice, sent_choice) in [
        (ToolChoice::Auto, Value::Null),
        (ToolChoice::None, json!("none")),
        (ToolChoice::Required, json!("required")),
        (
            ToolChoice::Named("search".into()),
            json!({"type": "function", "function": {"name": "search"}}),
        ),
    ] {
        let request = ModelRequest {
            tool_choice: choice,
            ..asking("hello")
        };
        assert!(sent(request.clone()).await.get("tool_choice").is_none());
        let tools = vec![tool("search")];
        assert_eq!(
            sent(ModelRequest { tools, ..request }).await["tool_choice"],
            sent_choice
        );
    }
}

#[tokio::test]
async fn a_round_of_tools_is_told_in_openais_order() {
    let call = |id: &str, arguments: Value| {
        Part::ToolCall(ToolCall {
            call_id: id.into(),
            name: "search".into(),
            arguments,
        })
    };
    let result = |id: &str, content: &str| {
        Part::ToolResult(ToolResult {
            call_id: id.into(),
            ok: true,
            content: content.into(),
        })
    };
    let reasoning = Part::Reasoning {
        text: "hm".into(),
        signature: None,
    };
    let body = sent(ModelRequest {
        messages: vec![
            user("look it up"),
            assistant(vec![
                reasoning.clone(),
                text("Let me "),
                text("look."),
                call("a", json!({"q": "x"})),
                call("b", json!("{\"q\":")),
            ]),
            ModelMessage {
                role: Role::User,
                parts: vec![result("a", "found"), text("and?"), result("b", "broken")],
            },
            assistant(vec![reasoning]),
            assistant(vec![call("c", json!({}))]),
            ModelMessage {
                role: Role::User,
                parts: vec![result("c", "")],
            },
        ],
        ..ModelRequest::default()
    })
    .await;
    let function = |id: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": "search", "arguments": arguments}});
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": "look it up"},
            {"role": "assistant", "content": "Let me look.", "tool_calls": [
                function("a", "{\"q\":\"x\"}"),
                function("b", "{\"malformed_arguments\":\"{\\\"q\\\":\"}"),
            ]},
            {"role": "tool", "tool_call_id": "a", "content": "found"},
            {"role": "tool", "tool_call_id": "b", "content": "broken"},
            {"role": "user", "content": "and?"},
            {"role": "assistant", "content": null, "tool_calls": [function("c", "{}")]},
            {"role": "tool", "tool_call_id": "c", "content": ""},
        ])
    );
}

#[tokio::test]
async fn pictures_are_data_urls() {
    let image = Part::Image(Image {
        media_type: "image/png".into(),
        data_base64: "iVBORw0KGgo=".into(),
    });
    let body = sent(ModelRequest {
        messages: vec![ModelMessage {
            role: Role::User,
            parts: vec![text("What is this?"), image, text("")],
        }],
        ..ModelRequest::default()
    })
    .await;
    assert_eq!(
        body["messages"][0]["content"],
        json!([
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
        ])
    );
}
