//! Our messages in Bedrock's words.

use aws_sdk_bedrockruntime::{
    error::BuildError,
    primitives::Blob,
    types::{
        ContentBlock, ConversationRole, ImageBlock, ImageFormat, ImageSource, Message,
        ReasoningContentBlock, ReasoningTextBlock, ToolResultBlock, ToolResultContentBlock,
        ToolResultStatus, ToolUseBlock,
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};
use tidewire_domain::{Image, ModelError, ModelMessage, Part, Role, ToolCall, ToolResult};

use super::{document::to_document, request::incomplete};
use crate::tool_arguments::replayed_arguments;

/// What stands before a seal that is the whole thought, encrypted. No signature holds a colon: they
/// are base64.
const REDACTED: &str = "redacted:";

/// What a tool that said nothing is taken to have said: Bedrock takes no blank text.
const NOTHING_SAID: &str = "(no output)";

/// The seal that stands for a thought of which only the encrypted form is known.
pub(super) fn redacted_seal(content: &[u8]) -> String {
    format!("{REDACTED}{}", BASE64_STANDARD.encode(content))
}

/// The conversation: users and assistants in turn, nothing blank, results before what else a user said.
pub(super) fn wire_messages(messages: &[ModelMessage]) -> Result<Vec<Message>, ModelError> {
    let mut turns: Vec<(ConversationRole, Vec<ContentBlock>)> = Vec::new();
    for message in messages {
        let role = match message.role {
            Role::User => ConversationRole::User,
            Role::Assistant => ConversationRole::Assistant,
        };
        let mut blocks = Vec::with_capacity(message.parts.len());
        for part in &message.parts {
            blocks.extend(wire_block(part)?);
        }
        match turns.last_mut() {
            _ if blocks.is_empty() => {}
            Some((last, earlier)) if *last == role => earlier.append(&mut blocks),
            _ => turns.push((role, blocks)),
        }
    }
    turns
        .into_iter()
        .map(|(role, mut blocks)| {
            if role == ConversationRole::User {
                blocks.sort_by_key(|block| !block.is_tool_result());
            }
            Message::builder()
                .role(role)
                .set_content(Some(blocks))
                .build()
                .map_err(|error| incomplete(&error))
        })
        .collect()
}

fn wire_block(part: &Part) -> Result<Option<ContentBlock>, ModelError> {
    let block = match part {
        Part::Text { text } if text.trim().is_empty() => return Ok(None),
        Part::Text { text } => Ok(ContentBlock::Text(text.clone())),
        Part::Image(image) => wire_image(image)?,
        Part::Reasoning {
            text,
            signature: Some(signature),
        } => wire_reasoning(text, signature)?,
        // Nobody vouches for it, so nobody takes it back.
        Part::Reasoning {
            signature: None, ..
        }
        | Part::Citation(_)
        | Part::Error(_) => return Ok(None),
        Part::ToolCall(call) => wire_tool_use(call),
        Part::ToolResult(result) => wire_tool_result(result),
    };
    block.map(Some).map_err(|error| incomplete(&error))
}

/// The outer error is ours, the inner one the SDK's.
type Block = Result<Result<ContentBlock, BuildError>, ModelError>;

fn wire_image(image: &Image) -> Block {
    let format = match image.media_type.as_str() {
        "image/png" => ImageFormat::Png,
        "image/jpeg" => ImageFormat::Jpeg,
        "image/gif" => ImageFormat::Gif,
        "image/webp" => ImageFormat::Webp,
        other => {
            return Err(ModelError::Rejected(format!(
                "pictures of type {other:?} are not taken: only PNG, JPEG, GIF and WebP are"
            )));
        }
    };
    let bytes = BASE64_STANDARD
        .decode(&image.data_base64)
        .map_err(|_| ModelError::Rejected("a picture is not valid base64".into()))?;
    Ok(ImageBlock::builder()
        .format(format)
        .source(ImageSource::Bytes(Blob::new(bytes)))
        .build()
        .map(ContentBlock::Image))
}

fn wire_reasoning(text: &str, signature: &str) -> Block {
    let Some(redacted) = signature.strip_prefix(REDACTED) else {
        return Ok(ReasoningTextBlock::builder()
            .text(text)
            .signature(signature)
            .build()
            .map(ReasoningContentBlock::ReasoningText)
            .map(ContentBlock::ReasoningContent));
    };
    let content = BASE64_STANDARD
        .decode(redacted)
        .map_err(|_| ModelError::Rejected("a sealed thought is not valid base64".into()))?;
    let content = ReasoningContentBlock::RedactedContent(Blob::new(content));
    Ok(Ok(ContentBlock::ReasoningContent(content)))
}

fn wire_tool_use(call: &ToolCall) -> Result<ContentBlock, BuildError> {
    ToolUseBlock::builder()
        .tool_use_id(&call.call_id)
        .name(&call.name)
        .input(to_document(&replayed_arguments(&call.arguments)))
        .build()
        .map(ContentBlock::ToolUse)
}

fn wire_tool_result(result: &ToolResult) -> Result<ContentBlock, BuildError> {
    let text = match result.content.trim() {
        "" => NOTHING_SAID,
        _ => &result.content,
    };
    ToolResultBlock::builder()
        .tool_use_id(&result.call_id)
        .content(ToolResultContentBlock::Text(text.to_owned()))
        .status(if result.ok {
            ToolResultStatus::Success
        } else {
            ToolResultStatus::Error
        })
        .build()
        .map(ContentBlock::ToolResult)
}
