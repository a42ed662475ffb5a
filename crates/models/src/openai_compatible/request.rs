//! Our request in OpenAI's words
//! (<https://platform.openai.com/docs/api-reference/chat/create>).

use reqwest::Url;
use serde::Serialize;
use serde_json::{Value, json};
use tidewire_domain::{ModelError, ModelRequest, ResponseFormat, ToolChoice, ToolSpec};

use super::message::{WireMessage, wire_messages};

/// What a server calls the longest answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// OpenAI's own: `max_completion_tokens`, as its reasoning models refuse the old name.
    OpenAi,
    /// Everybody else's: `max_tokens`.
    Compatible,
}

impl Dialect {
    /// The dialect of the server at `url`.
    pub(super) fn of(url: &Url) -> Self {
        if url.host_str() == Some("api.openai.com") {
            Self::OpenAi
        } else {
            Self::Compatible
        }
    }
}

#[derive(Serialize)]
struct ChatCompletionRequest<'a> {
    model: &'a str,
    messages: Vec<WireMessage<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<WireResponseFormat<'a>>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct WireTool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    function: &'a ToolSpec,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireResponseFormat<'a> {
    JsonObject,
    JsonSchema { json_schema: WireJsonSchema<'a> },
}

#[derive(Serialize)]
struct WireJsonSchema<'a> {
    name: &'a str,
    schema: &'a Value,
    strict: bool,
}

/// The body of a request for a streamed answer of `model`.
/// What is sent only to servers that have not refused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extras {
    /// The wish for usage at the end of the stream.
    pub(super) usage: bool,
    /// The tools.
    pub(super) tools: bool,
}

pub(super) fn chat_completion_request(
    model: &str,
    request: &ModelRequest,
    dialect: Dialect,
    extras: Extras,
) -> Result<Vec<u8>, ModelError> {
    let own = dialect == Dialect::OpenAi;
    let tools: &[ToolSpec] = if extras.tools { &request.tools } else { &[] };
    let body = ChatCompletionRequest {
        model,
        messages: wire_messages(request),
        stream: true,
        stream_options: extras.usage.then_some(StreamOptions {
            include_usage: true,
        }),
        tools: tools.iter().map(wire_tool).collect(),
        tool_choice: wire_tool_choice(request).filter(|_| !tools.is_empty()),
        max_tokens: request.max_output_tokens.filter(|_| !own),
        max_completion_tokens: request.max_output_tokens.filter(|_| own),
        temperature: request.temperature,
        top_p: request.top_p,
        stop: &request.stop,
        seed: request.seed,
        reasoning_effort: request.reasoning_effort.as_deref(),
        response_format: wire_response_format(&request.response_format),
    };
    serde_json::to_vec(&body)
        .map_err(|error| ModelError::Rejected(format!("the request is no JSON: {error}")))
}

fn wire_tool(spec: &ToolSpec) -> WireTool<'_> {
    WireTool {
        kind: "function",
        function: spec,
    }
}

/// Servers refuse a choice where there is nothing to choose from, and `auto` is what they do anyway.
fn wire_tool_choice(request: &ModelRequest) -> Option<Value> {
    if request.tools.is_empty() {
        return None;
    }
    match &request.tool_choice {
        ToolChoice::Auto => None,
        ToolChoice::None => Some(json!("none")),
        ToolChoice::Required => Some(json!("required")),
        ToolChoice::Named(name) => Some(json!({"type": "function", "function": {"name": name}})),
    }
}

fn wire_response_format(format: &ResponseFormat) -> Option<WireResponseFormat<'_>> {
    match format {
        ResponseFormat::Text => None,
        ResponseFormat::JsonObject => Some(WireResponseFormat::JsonObject),
        ResponseFormat::JsonSchema {
            name,
            schema,
            strict,
        } => Some(WireResponseFormat::JsonSchema {
            json_schema: WireJsonSchema {
                name,
                schema,
                strict: *strict,
            },
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body_for(url: &str) -> Value {
        let request = ModelRequest {
            max_output_tokens: Some(9),
            ..ModelRequest::default()
        };
        let dialect = Dialect::of(&Url::parse(url).unwrap());
        let body = chat_completion_request(
            "m",
            &request,
            dialect,
            Extras {
                usage: false,
                tools: true,
            },
        )
        .unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn openai_has_a_name_of_its_own_for_the_longest_answer() {
        let own = body_for("https://api.openai.com/v1");
        assert_eq!(
            (&own["max_completion_tokens"], &own["max_tokens"]),
            (&json!(9), &Value::Null)
        );
        let other = body_for("http://127.0.0.1:11434/v1");
        assert_eq!(
            (&other["max_completion_tokens"], &other["max_tokens"]),
            (&Value::Null, &json!(9))
        );
    }
}
