//! Our messages in OpenAI's words.

use std::borrow::Cow;

use serde::Serialize;
use tidewire_domain::{ModelMessage, ModelRequest, Part, Role, ToolCall};

use crate::tool_arguments::replayed_arguments;

#[derive(Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub(super) enum WireMessage<'a> {
    System {
        content: &'a str,
    },
    User {
        content: Content<'a>,
    },
    Assistant {
        /// `null` where it only calls tools, as OpenAI's own clients send it.
        content: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<WireToolCall<'a>>,
    },
    Tool {
        tool_call_id: &'a str,
        content: &'a str,
    },
}

/// A bare text where that is enough: not every server takes a list.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<ContentPart<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ContentPart<'a> {
    Text { text: &'a str },
    ImageUrl { image_url: ImageUrl },
}

#[derive(Serialize)]
pub(super) struct ImageUrl {
    url: String,
}

#[derive(Serialize)]
pub(super) struct WireToolCall<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    function: WireFunctionCall<'a>,
}

#[derive(Serialize)]
struct WireFunctionCall<'a> {
    name: &'a str,
    /// JSON, as text.
    arguments: String,
}

/// The system prompt and the conversation. Reasoning is left out: no server of this dialect takes
/// it back, and most refuse fields that they do not know.
pub(super) fn wire_messages(request: &ModelRequest) -> Vec<WireMessage<'_>> {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    if let Some(content) = request.system.as_deref().filter(|text| !text.is_empty()) {
        messages.push(WireMessage::System { content });
    }
    for message in &request.messages {
        // Results answer the assistant's calls directly: nothing may stand between them.
        messages.extend(message.parts.iter().filter_map(|part| match part {
            Part::ToolResult(result) => Some(WireMessage::Tool {
                tool_call_id: &result.call_id,
                content: &result.content,
            }),
            _ => None,
        }));
        messages.extend(match message.role {
            Role::User => wire_user_content(message).map(|content| WireMessage::User { content }),
            Role::Assistant => wire_assistant_message(message),
        });
    }
    messages
}

fn wire_user_content(message: &ModelMessage) -> Option<Content<'_>> {
    let parts: Vec<ContentPart<'_>> = message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Text { text } if !text.is_empty() => Some(ContentPart::Text { text }),
            Part::Image(image) => Some(ContentPart::ImageUrl {
                image_url: ImageUrl {
                    url: format!("data:{};base64,{}", image.media_type, image.data_base64),
                },
            }),
            _ => None,
        })
        .collect();
    let texts: Option<Vec<&str>> = parts
        .iter()
        .map(|part| match part {
            ContentPart::Text { text } => Some(*text),
            ContentPart::ImageUrl { .. } => None,
        })
        .collect();
    match texts.as_deref() {
        Some([]) => None,
        Some([text]) => Some(Content::Text(Cow::Borrowed(text))),
        Some(texts) => Some(Content::Text(Cow::Owned(texts.join("\n\n")))),
        None => Some(Content::Parts(parts)),
    }
}

/// `None` where nothing is left to say, as after a turn that failed at once.
fn wire_assistant_message(message: &ModelMessage) -> Option<WireMessage<'_>> {
    let mut content = String::new();
    let mut tool_calls = Vec::new();
    for part in &message.parts {
        match part {
            // Pieces of one text, with calls and citations between them.
            Part::Text { text } => content.push_str(text),
            Part::ToolCall(call) => tool_calls.push(wire_tool_call(call)),
            _ => {}
        }
    }
    let content = Some(content).filter(|content| !content.is_empty());
    (content.is_some() || !tool_calls.is_empty()).then_some(WireMessage::Assistant {
        content,
        tool_calls,
    })
}

fn wire_tool_call(call: &ToolCall) -> WireToolCall<'_> {
    WireToolCall {
        id: &call.call_id,
        kind: "function",
        function: WireFunctionCall {
            name: &call.name,
            arguments: replayed_arguments(&call.arguments).to_string(),
        },
    }
}
