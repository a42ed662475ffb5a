//! Puts tool calls together from their pieces.

use std::collections::HashSet;

use serde_json::Value;
use tidewire_domain::ToolCall;
use uuid::Uuid;

use super::chunk::{FunctionPiece, ToolCallPiece};
use crate::tool_arguments::parse_arguments;

/// The calls of one answer.
#[derive(Debug, Default)]
pub(super) struct ToolCalls {
    open: Vec<OpenCall>,
    /// The ids that calls of this conversation have already.
    used_ids: HashSet<String>,
}

#[derive(Debug)]
struct OpenCall {
    index: Option<u32>,
    id: String,
    name: String,
    arguments: String,
}

impl ToolCalls {
    /// No calls yet, in a conversation in which these ids are taken.
    pub(super) fn new(used_ids: HashSet<String>) -> Self {
        Self {
            open: Vec::new(),
            used_ids,
        }
    }

    /// Adds a piece to the call that it belongs to.
    pub(super) fn add(&mut self, piece: ToolCallPiece<'_>) {
        let id = piece.id.as_ref().map_or("", |id| id.as_str());
        let FunctionPiece { name, arguments } = piece.function.unwrap_or_default();
        let name = name.as_ref().map_or("", |name| name.as_str());
        let call = if let Some(position) = self.position(piece.index, id, name) {
            &mut self.open[position]
        } else {
            self.open.push(OpenCall {
                index: piece.index,
                id: String::new(),
                name: String::new(),
                arguments: String::new(),
            });
            self.open.last_mut().expect("one was just pushed")
        };
        // Some servers repeat id and name with every piece.
        if call.id.is_empty() {
            id.clone_into(&mut call.id);
        }
        if call.name.is_empty() {
            name.clone_into(&mut call.name);
        }
        match arguments {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => call.arguments.push_str(&text),
            Some(whole) => call.arguments.push_str(&whole.to_string()),
        }
    }

    /// The open call that a piece belongs to; `None`: a new one.
    fn position(&self, index: Option<u32>, id: &str, name: &str) -> Option<usize> {
        let position = match index {
            Some(_) => self.open.iter().rposition(|call| call.index == index)?,
            None if !id.is_empty() => self.open.iter().rposition(|call| call.id == id)?,
            None if !name.is_empty() => return None,
            None => self.open.len().checked_sub(1)?,
        };
        // Ollama once numbered all calls 0; only a name and another id together tell them apart,
        // since vLLM once sent a new id with every piece.
        let call = &self.open[position];
        let another = !name.is_empty() && !id.is_empty() && !call.id.is_empty() && call.id != id;
        (!another).then_some(position)
    }

    /// The calls, whole, each with an id of its own. Where the answer was `cut_short`, a call whose
    /// arguments are not whole is left out.
    pub(super) fn close(&mut self, cut_short: bool) -> Vec<ToolCall> {
        let mut calls = Vec::with_capacity(self.open.len());
        for open in std::mem::take(&mut self.open) {
            let arguments = parse_arguments(open.arguments);
            if cut_short && !arguments.is_object() {
                continue;
            }
            let call_id = if open.id.is_empty() || self.used_ids.contains(&open.id) {
                format!("call_{}", Uuid::new_v4().simple())
            } else {
                open.id
            };
            self.used_ids.insert(call_id.clone());
            calls.push(ToolCall {
                call_id,
                name: open.name,
                arguments,
            });
        }
        calls
    }
}
