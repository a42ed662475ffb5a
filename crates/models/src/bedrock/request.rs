//! Our request in Bedrock's words.

use std::collections::BTreeSet;

use aws_sdk_bedrockruntime::{
    error::BuildError,
    types::{
        AnyToolChoice, InferenceConfiguration, JsonSchemaDefinition, Message, OutputConfig,
        OutputFormat, OutputFormatStructure, OutputFormatType, SpecificToolChoice,
        SystemContentBlock, Tool, ToolChoice as WireToolChoice, ToolConfiguration, ToolInputSchema,
        ToolSpecification,
    },
};
use serde_json::{Value, json};
use tidewire_domain::{ModelError, ModelRequest, Part, ResponseFormat, ToolChoice};

use super::{document::to_document, message::wire_messages};

/// What is said where the caller wants JSON without a schema, which Bedrock has no setting for.
const JSON_INSTRUCTION: &str = "Answer with one JSON object and nothing else.";

/// The parts of a request, as the SDK takes them.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) system: Option<Vec<SystemContentBlock>>,
    pub(super) messages: Vec<Message>,
    pub(super) inference: Option<InferenceConfiguration>,
    pub(super) tools: Option<ToolConfiguration>,
    pub(super) output: Option<OutputConfig>,
}

/// Fails with [`ModelError::Rejected`] where a picture is none that Bedrock takes.
pub(super) fn converse_request(request: &ModelRequest) -> Result<Request, ModelError> {
    Ok(Request {
        system: wire_system(request),
        messages: wire_messages(&request.messages)?,
        inference: wire_inference(request),
        tools: wire_tools(request).map_err(|error| incomplete(&error))?,
        output: wire_output(request).map_err(|error| incomplete(&error))?,
    })
}

/// The SDK misses a field of what was asked for.
pub(super) fn incomplete(error: &BuildError) -> ModelError {
    ModelError::Rejected(format!("the request cannot be made: {error}"))
}

fn wire_system(request: &ModelRequest) -> Option<Vec<SystemContentBlock>> {
    let wants_json = request.response_format == ResponseFormat::JsonObject;
    let texts = [
        request.system.as_deref(),
        wants_json.then_some(JSON_INSTRUCTION),
    ];
    let blocks: Vec<SystemContentBlock> = texts
        .into_iter()
        .flatten()
        .filter(|text| !text.trim().is_empty())
        .map(|text| SystemContentBlock::Text(text.to_owned()))
        .collect();
    (!blocks.is_empty()).then_some(blocks)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the SDK takes 32 bits, and nobody means the digits behind them"
)]
fn wire_inference(request: &ModelRequest) -> Option<InferenceConfiguration> {
    let max_tokens = request
        .max_output_tokens
        .map(|tokens| i32::try_from(tokens).unwrap_or(i32::MAX));
    let stop = Some(request.stop.clone()).filter(|stop| !stop.is_empty());
    let configuration = InferenceConfiguration::builder()
        .set_max_tokens(max_tokens)
        // Our scale ends at 2, theirs at 1.
        .set_temperature(request.temperature.map(|value| value.min(1.0) as f32))
        .set_top_p(request.top_p.map(|value| value as f32))
        .set_stop_sequences(stop)
        .build();
    (configuration != InferenceConfiguration::builder().build()).then_some(configuration)
}

/// Bedrock knows no `none`, and refuses a conversation in which tools were called if no tools are
/// named. So `none` takes the tools away unless the conversation holds calls; and tools that it calls
/// but that are offered no more are named with nothing said of them.
fn wire_tools(request: &ModelRequest) -> Result<Option<ToolConfiguration>, BuildError> {
    let mut called = called_tools(request);
    if request.tool_choice == ToolChoice::None && called.is_empty() {
        return Ok(None);
    }
    let mut tools = Vec::new();
    for spec in &request.tools {
        called.remove(spec.name.as_str());
        tools.push(wire_tool(&spec.name, &spec.description, &spec.parameters)?);
    }
    if tools.is_empty() {
        for name in called {
            let schema = json!({"type": "object"});
            tools.push(wire_tool(name, "Not available any more.", &schema)?);
        }
    }
    if tools.is_empty() {
        return Ok(None);
    }
    let choice = match &request.tool_choice {
        // A model that may not call tools may still read what they once said.
        ToolChoice::Auto | ToolChoice::None => None,
        ToolChoice::Required => Some(WireToolChoice::Any(AnyToolChoice::builder().build())),
        ToolChoice::Named(name) => Some(WireToolChoice::Tool(
            SpecificToolChoice::builder().name(name).build()?,
        )),
    };
    let configuration = ToolConfiguration::builder()
        .set_tools(Some(tools))
        .set_tool_choice(choice)
        .build()?;
    Ok(Some(configuration))
}

fn called_tools(request: &ModelRequest) -> BTreeSet<&str> {
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    parts
        .filter_map(|part| match part {
            Part::ToolCall(call) => Some(call.name.as_str()),
            _ => None,
        })
        .collect()
}

fn wire_tool(name: &str, description: &str, schema: &Value) -> Result<Tool, BuildError> {
    // An empty description is refused; none is not.
    let description = Some(description.to_owned()).filter(|text| !text.trim().is_empty());
    let spec = ToolSpecification::builder()
        .name(name)
        .set_description(description)
        .input_schema(ToolInputSchema::Json(to_document(schema)))
        .build()?;
    Ok(Tool::ToolSpec(spec))
}

fn wire_output(request: &ModelRequest) -> Result<Option<OutputConfig>, BuildError> {
    let text_format = match &request.response_format {
        ResponseFormat::Text | ResponseFormat::JsonObject => None,
        ResponseFormat::JsonSchema { name, schema, .. } => {
            let definition = JsonSchemaDefinition::builder()
                .name(name)
                .schema(schema.to_string())
                .build()?;
            let format = OutputFormat::builder()
                .r#type(OutputFormatType::JsonSchema)
                .structure(OutputFormatStructure::JsonSchema(definition))
                .build()?;
            Some(format)
        }
    };
    if text_format.is_none() && request.reasoning_effort.is_none() {
        return Ok(None);
    }
    let output = OutputConfig::builder()
        .set_text_format(text_format)
        .set_effort(request.reasoning_effort.clone())
        .build();
    Ok(Some(output))
}
