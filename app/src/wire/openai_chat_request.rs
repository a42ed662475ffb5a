//! Requests of `POST /v1/chat/completions`. Clients send many fields that mean nothing to us; all
//! that is not named here is let pass.

use serde::Deserialize;
use serde_json::Value;
use tidewire_domain::{
    ModelMessage, ModelRequest, Part, ResponseFormat, Role, ToolCall, ToolChoice, ToolResult,
    ToolSpec,
};

use super::image::data_url_image;
use crate::http::problem::Problem;

/// A request as clients write it.
#[derive(Debug, Deserialize)]
pub(crate) struct ChatRequest {
    pub(crate) model: Option<String>,
    messages: Vec<ChatMessage>,
    #[serde(default)]
    pub(crate) stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    #[serde(default)]
    tools: Option<Vec<ChatTool>>,
    tool_choice: Option<Value>,
    max_tokens: Option<u64>,
    max_completion_tokens: Option<u64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    stop: Option<OneOrMany>,
    seed: Option<i64>,
    reasoning_effort: Option<String>,
    response_format: Option<ChatFormat>,
    n: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Deserialize)]
struct ChatMessage {
    role: ChatRole,
    content: Option<ChatContent>,
    tool_calls: Option<Vec<ChatToolCall>>,
    tool_call_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ChatRole {
    System,
    Developer,
    User,
    Assistant,
    Tool,
    Function,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ChatContent {
    Text(String),
    Parts(Vec<ChatPart>),
}

#[derive(Debug, Deserialize)]
struct ChatPart {
    r#type: String,
    text: Option<String>,
    image_url: Option<ImageUrl>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ImageUrl {
    Object { url: String },
    Plain(String),
}

#[derive(Debug, Deserialize)]
struct ChatToolCall {
    id: String,
    function: ChatFunctionCall,
}

#[derive(Debug, Deserialize)]
struct ChatFunctionCall {
    name: String,
    #[serde(default)]
    arguments: String,
}

#[derive(Debug, Deserialize)]
struct ChatTool {
    r#type: String,
    function: Option<ChatFunction>,
}

#[derive(Debug, Deserialize)]
struct ChatFunction {
    name: String,
    description: Option<String>,
    parameters: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct ChatFormat {
    r#type: String,
    json_schema: Option<ChatSchema>,
}

#[derive(Debug, Deserialize)]
struct ChatSchema {
    name: String,
    schema: Option<Value>,
    strict: Option<bool>,
}

impl ChatRequest {
    /// Whether the stream is to end with what it cost.
    pub(crate) fn include_usage(&self) -> bool {
        self.stream_options
            .as_ref()
            .and_then(|options| options.include_usage)
            .unwrap_or(false)
    }

    /// The request as models take it.
    pub(crate) fn into_model_request(self) -> Result<ModelRequest, Problem> {
        if self.n.is_some_and(|n| n > 1) {
            return Err(Problem::invalid("n must be 1: one answer comes at a time."));
        }
        let (system, messages) = split_messages(self.messages)?;
        if messages.is_empty() {
            return Err(Problem::invalid("messages holds nothing to answer."));
        }
        Ok(ModelRequest {
            system,
            messages,
            tools: self
                .tools
                .unwrap_or_default()
                .into_iter()
                .map(tool_spec)
                .collect::<Result<_, _>>()?,
            tool_choice: self
                .tool_choice
                .as_ref()
                .map(tool_choice)
                .transpose()?
                .unwrap_or_default(),
            // Whoever sends them means them.
            are_tools_optional: false,
            max_output_tokens: self.max_completion_tokens.or(self.max_tokens),
            temperature: self.temperature,
            top_p: self.top_p,
            stop: match self.stop {
                None => Vec::new(),
                Some(OneOrMany::One(one)) => vec![one],
                Some(OneOrMany::Many(many)) => many,
            },
            seed: self.seed,
            reasoning_effort: self.reasoning_effort,
            response_format: self
                .response_format
                .map(response_format)
                .transpose()?
                .unwrap_or_default(),
        })
    }
}

fn split_messages(
    messages: Vec<ChatMessage>,
) -> Result<(Option<String>, Vec<ModelMessage>), Problem> {
    let mut system: Vec<String> = Vec::new();
    let mut said: Vec<ModelMessage> = Vec::new();
    for message in messages {
        let role = match message.role {
            ChatRole::System | ChatRole::Developer => {
                for part in content_parts(message.content)? {
                    if let Part::Text { text } = part {
                        system.push(text);
                    }
                }
                continue;
            }
            ChatRole::User | ChatRole::Tool => Role::User,
            ChatRole::Assistant => Role::Assistant,
            ChatRole::Function => {
                return Err(Problem::invalid(
                    "The role \"function\" is gone from the API: use \"tool\" with tool_call_id.",
                ));
            }
        };
        let parts = if message.role == ChatRole::Tool {
            vec![tool_result(message)?]
        } else {
            let mut parts = content_parts(message.content)?;
            let calls = message.tool_calls.unwrap_or_default();
            if role == Role::User && !calls.is_empty() {
                return Err(Problem::invalid(
                    "Only messages of the assistant have tool_calls.",
                ));
            }
            parts.extend(calls.into_iter().map(tool_call));
            parts
        };
        match said.last_mut() {
            Some(last) if last.role == role => last.parts.extend(parts),
            _ if parts.is_empty() => {}
            _ => said.push(ModelMessage { role, parts }),
        }
    }
    Ok(((!system.is_empty()).then(|| system.join("\n\n")), said))
}

fn content_parts(content: Option<ChatContent>) -> Result<Vec<Part>, Problem> {
    match content {
        None => Ok(Vec::new()),
        Some(ChatContent::Text(text)) if text.is_empty() => Ok(Vec::new()),
        Some(ChatContent::Text(text)) => Ok(vec![Part::Text { text }]),
        Some(ChatContent::Parts(parts)) => parts.into_iter().map(content_part).collect(),
    }
}

fn content_part(part: ChatPart) -> Result<Part, Problem> {
    match (part.r#type.as_str(), part.text, part.image_url) {
        ("text" | "refusal", Some(text), _) => Ok(Part::Text { text }),
        ("image_url", _, Some(ImageUrl::Object { url } | ImageUrl::Plain(url))) => {
            data_url_image(&url).map(Part::Image)
        }
        (kind, _, _) => Err(Problem::invalid(format!(
            "A content part of type {kind:?} cannot be read: expected \"text\" with text, or \
             \"image_url\" with image_url."
        ))),
    }
}

fn tool_call(call: ChatToolCall) -> Part {
    let arguments = serde_json::from_str::<Value>(&call.function.arguments)
        .ok()
        .filter(Value::is_object)
        .unwrap_or(Value::String(call.function.arguments));
    Part::ToolCall(ToolCall {
        call_id: call.id,
        name: call.function.name,
        arguments,
    })
}

fn tool_result(message: ChatMessage) -> Result<Part, Problem> {
    let call_id = message
        .tool_call_id
        .ok_or_else(|| Problem::invalid("A message of the role \"tool\" needs tool_call_id."))?;
    let mut content = String::new();
    for part in content_parts(message.content)? {
        if let Part::Text { text } = part {
            content.push_str(&text);
        }
    }
    Ok(Part::ToolResult(ToolResult {
        call_id,
        ok: true,
        content,
    }))
}

fn tool_spec(tool: ChatTool) -> Result<ToolSpec, Problem> {
    match (tool.r#type.as_str(), tool.function) {
        ("function", Some(function)) => Ok(ToolSpec {
            name: function.name,
            description: function.description.unwrap_or_default(),
            parameters: function
                .parameters
                .unwrap_or_else(|| serde_json::json!({"type": "object", "properties": {}})),
        }),
        (kind, _) => Err(Problem::invalid(format!(
            "A tool of type {kind:?} cannot be offered: expected \"function\" with function."
        ))),
    }
}

fn tool_choice(choice: &Value) -> Result<ToolChoice, Problem> {
    match choice.as_str() {
        Some("auto") => return Ok(ToolChoice::Auto),
        Some("none") => return Ok(ToolChoice::None),
        Some("required") => return Ok(ToolChoice::Required),
        _ => {}
    }
    match choice.pointer("/function/name").and_then(Value::as_str) {
        Some(name) => Ok(ToolChoice::Named(name.to_owned())),
        None if choice.is_null() => Ok(ToolChoice::Auto),
        None => Err(Problem::invalid(
            "tool_choice must be \"auto\", \"none\", \"required\" or {\"type\":\"function\",\"function\":{\"name\":…}}.",
        )),
    }
}

fn response_format(format: ChatFormat) -> Result<ResponseFormat, Problem> {
    match (format.r#type.as_str(), format.json_schema) {
        ("text", _) => Ok(ResponseFormat::Text),
        ("json_object", _) => Ok(ResponseFormat::JsonObject),
        ("json_schema", Some(schema)) => Ok(ResponseFormat::JsonSchema {
            name: schema.name,
            schema: schema.schema.unwrap_or_else(|| serde_json::json!({})),
            strict: schema.strict.unwrap_or(false),
        }),
        (kind, _) => Err(Problem::invalid(format!(
            "response_format of type {kind:?} is not known: expected \"text\", \"json_object\" or \
             \"json_schema\" with json_schema."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(body: Value) -> Result<ModelRequest, String> {
        serde_json::from_value::<ChatRequest>(body)
            .map_err(|error| error.to_string())?
            .into_model_request()
            .map_err(|problem| problem.detail)
    }

    #[test]
    fn a_tool_exchange_becomes_turns_of_user_and_assistant() {
        let request = request(json!({"model": "m", "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "time?"},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "clock", "arguments": "{\"tz\":\"UTC\"}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "noon"},
            {"role": "user", "content": [{"type": "text", "text": "thanks"}]},
        ]}))
        .unwrap();
        assert_eq!(request.system.as_deref(), Some("be brief"));
        let roles: Vec<Role> = request.messages.iter().map(|m| m.role).collect();
        assert_eq!(roles, [Role::User, Role::Assistant, Role::User]);
        assert_eq!(request.messages[2].parts.len(), 2);
    }

    #[test]
    fn what_clients_send_needlessly_is_let_pass() {
        let request = request(
            json!({"model": "m", "messages": [{"role": "user", "content": "hi"}],
            "frequency_penalty": 0, "presence_penalty": 0, "user": "u", "logprobs": false,
            "logit_bias": {}, "metadata": {}, "store": false, "service_tier": "auto",
            "parallel_tool_calls": true, "n": 1, "tools": null, "stop": null, "max_tokens": 5}),
        )
        .unwrap();
        assert_eq!(request.max_output_tokens, Some(5));
    }

    #[test]
    fn what_cannot_be_honoured_is_refused_with_its_name() {
        let base = |extra: Value| {
            let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
            body.as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            request(body).unwrap_err()
        };
        assert!(base(json!({"n": 2})).contains("n must be 1"));
        assert!(base(json!({"tool_choice": "maybe"})).contains("tool_choice"));
        assert!(base(json!({"response_format": {"type": "xml"}})).contains("xml"));
        assert!(base(json!({"tools": [{"type": "web_search"}]})).contains("web_search"));
        let call =
            json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}});
        let calling_user = json!({"messages": [{"role": "user", "tool_calls": [call]}]});
        assert!(base(calling_user).contains("assistant"));
        let remote = json!({"messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "http://169.254.170.2/"}}]}]});
        assert!(base(remote).contains("data URL"));
        let audio = json!({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]});
        assert!(base(audio).contains("input_audio"));
    }
}
