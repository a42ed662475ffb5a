//! What is sent.

use std::time::Duration;

use serde_json::{Value, json};
use tidewire_domain::{
    Image, ModelError, ModelRequest, Part, ResponseFormat, Role, ToolCall, ToolChoice, ToolResult,
    ToolSpec,
};
use tidewire_test_bedrock::BedrockServer;

use super::{asking, message, model_at, say};

/// The body that the server gets.
async fn sent(request: ModelRequest) -> Value {
    let server = BedrockServer::start().await.unwrap();
    let said = say(&model_at(&server.endpoint_url()), request).await;
    assert!(said.iter().all(Result::is_ok), "{said:?}");
    server.requests().remove(0)
}

fn text(text: &str) -> Part {
    Part::Text { text: text.into() }
}

fn thought(text: &str, signature: Option<&str>) -> Part {
    Part::Reasoning {
        text: text.into(),
        signature: signature.map(str::to_owned),
    }
}

fn call(id: &str, arguments: Value) -> Part {
    Part::ToolCall(ToolCall {
        call_id: id.into(),
        name: "search".into(),
        arguments,
    })
}

fn result(id: &str, ok: bool, content: &str) -> Part {
    Part::ToolResult(ToolResult {
        call_id: id.into(),
        ok,
        content: content.into(),
    })
}

fn search() -> ToolSpec {
    ToolSpec {
        name: "search".into(),
        description: "Looks something up.".into(),
        parameters: json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": -1, "default": 0.5}}}),
    }
}

/// What is between may have forgotten the connection without a word.
#[tokio::test]
async fn a_connection_is_used_again_but_not_after_half_a_minute() {
    let server = BedrockServer::start().await.unwrap();
    let model = model_at(&server.endpoint_url());
    for (idle_seconds, connections) in [(0, 1), (25, 1), (31, 2)] {
        // Server and client run here: when both have nothing left to do, the connection is back.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(idle_seconds)).await;
        tokio::time::resume();
        say(&model, asking("hello")).await;
        assert_eq!(server.connections(), connections, "{idle_seconds}");
    }
}

#[tokio::test]
async fn a_plain_question_is_a_short_request() {
    assert_eq!(
        sent(asking("hello")).await,
        json!({"messages": [{"role": "user", "content": [{"text": "hello"}]}]})
    );
}

#[tokio::test]
async fn every_setting_is_sent() {
    let schema = json!({"type": "object"});
    let body = sent(ModelRequest {
        system: Some("Be brief.".into()),
        tools: vec![search()],
        tool_choice: ToolChoice::Required,
        max_output_tokens: Some(100),
        temperature: Some(1.5),
        top_p: Some(0.5),
        stop: vec!["END".into()],
        seed: Some(7),
        reasoning_effort: Some("low".into()),
        response_format: ResponseFormat::JsonSchema {
            name: "answer".into(),
            schema: schema.clone(),
            strict: true,
        },
        ..asking("hello")
    })
    .await;
    assert_eq!(
        body,
        json!({
            "messages": [{"role": "user", "content": [{"text": "hello"}]}],
            "system": [{"text": "Be brief."}],
            "inferenceConfig": {
                "maxTokens": 100,
                "temperature": 1.0,
                "topP": 0.5,
                "stopSequences": ["END"],
            },
            "toolConfig": {
                "tools": [{"toolSpec": {
                    "name": "search",
                    "description": "Looks something up.",
                    "inputSchema": {"json": search().parameters},
                }}],
                "toolChoice": {"any": {}},
            },
            "outputConfig": {
                "textFormat": {
                    "type": "json_schema",
                    "structure": {"jsonSchema": {"name": "answer", "schema": schema.to_string()}},
                },
                "effort": "low",
            },
        })
    );
}

#[tokio::test]
async fn json_without_a_schema_is_asked_for_in_words() {
    let body = sent(ModelRequest {
        system: Some("Be brief.".into()),
        response_format: ResponseFormat::JsonObject,
        ..asking("hello")
    })
    .await;
    assert_eq!(body["system"].as_array().unwrap().len(), 2);
    assert!(
        body["system"][1]["text"]
            .as_str()
            .unwrap()
            .contains("JSON object")
    );
    assert!(body.get("outputConfig").is_none());
}

#[tokio::test]
async fn the_choice_of_tools_is_sent_where_there_is_one() {
    for (choice, wire) in [
        (ToolChoice::Auto, Value::Null),
        (ToolChoice::Required, json!({"any": {}})),
        (
            ToolChoice::Named("search".into()),
            json!({"tool": {"name": "search"}}),
        ),
    ] {
        let body = sent(ModelRequest {
            tools: vec![search()],
            tool_choice: choice,
            ..asking("hello")
        })
        .await;
        assert_eq!(body["toolConfig"]["toolChoice"], wire);
    }
    let body = sent(ModelRequest {
        tools: vec![search()],
        tool_choice: ToolChoice::None,
        ..asking("hello")
    })
    .await;
    assert!(body.get("toolConfig").is_none());
}

#[tokio::test]
async fn tools_that_were_called_are_named_though_they_are_offered_no_more() {
    let body = sent(ModelRequest {
        messages: vec![
            message(Role::User, vec![text("look")]),
            message(Role::Assistant, vec![call("a", json!({}))]),
            message(Role::User, vec![result("a", true, "found")]),
        ],
        ..ModelRequest::default()
    })
    .await;
    assert_eq!(body["toolConfig"]["tools"][0]["toolSpec"]["name"], "search");
}

#[tokio::test]
async fn a_round_of_tools_is_told_in_bedrocks_order() {
    let body = sent(ModelRequest {
        messages: vec![
            message(Role::User, vec![text("look it up"), text(" \n")]),
            message(
                Role::Assistant,
                vec![
                    thought("unsealed", None),
                    thought("hm", Some("c2ln")),
                    thought("", Some("redacted:AP8=")),
                    text(""),
                    text("Let me look."),
                ],
            ),
            // What a failed turn leaves: nothing, and two messages of one role in a row.
            message(Role::User, vec![text("  ")]),
            message(
                Role::Assistant,
                vec![call("a", json!({"q": -1})), call("b", json!("{\"q\":"))],
            ),
            message(
                Role::User,
                vec![
                    text("and?"),
                    result("a", true, "found"),
                    result("b", false, ""),
                ],
            ),
            message(Role::User, vec![text("more")]),
        ],
        ..ModelRequest::default()
    })
    .await;
    assert_eq!(
        body["messages"],
        json!([
            {"role": "user", "content": [{"text": "look it up"}]},
            {"role": "assistant", "content": [
                {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}},
                {"reasoningContent": {"redactedContent": "AP8="}},
                {"text": "Let me look."},
                {"toolUse": {"toolUseId": "a", "name": "search", "input": {"q": -1}}},
                {"toolUse": {"toolUseId": "b", "name": "search", "input": {"malformed_arguments": "{\"q\":"}}},
            ]},
            {"role": "user", "content": [
                {"toolResult": {"toolUseId": "a", "content": [{"text": "found"}], "status": "success"}},
                {"toolResult": {"toolUseId": "b", "content": [{"text": "(no output)"}], "status": "error"}},
                {"text": "and?"},
                {"text": "more"},
            ]},
        ])
    );
}

#[tokio::test]
async fn pictures_are_bytes_of_a_known_format() {
    let image = |media_type: &str, data: &str| {
        Part::Image(Image {
            media_type: media_type.into(),
            data_base64: data.into(),
        })
    };
    for (media_type, format) in [
        ("image/png", "png"),
        ("image/jpeg", "jpeg"),
        ("image/gif", "gif"),
        ("image/webp", "webp"),
    ] {
        let mut request = asking("What is this?");
        request.messages[0].parts.push(image(media_type, "AP8="));
        assert_eq!(
            sent(request).await["messages"][0]["content"][1],
            json!({"image": {"format": format, "source": {"bytes": "AP8="}}})
        );
    }
    for refused in [
        image("image/svg+xml", "AP8="),
        image("image/png", "no base64!"),
    ] {
        let mut request = asking("What is this?");
        request.messages[0].parts.push(refused);
        let said = say(&model_at("http://127.0.0.1:1"), request).await;
        assert!(
            matches!(said[..], [Err(ModelError::Rejected(_))]),
            "{said:?}"
        );
    }
}
