//! Arguments of tool calls, between the text that models write and the JSON that tools take.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// How deep arguments may nest. `serde_json` reads no more than 127 levels, and where arguments are
/// stored they stand some levels down, in a record of a log or in the parts of a message: deeper
/// ones could be written and never read again, and the conversation with them.
const MAX_DEPTH: usize = 100;

/// The arguments that a model wrote as `text`: the JSON object; none at all is the empty object, as
/// models write it for tools without parameters; what is not an object, or nests too deep, stays the
/// text that it is.
pub(crate) fn parse_arguments(text: String) -> Value {
    if text.trim().is_empty() {
        return Value::Object(Map::new());
    }
    match serde_json::from_str(&text) {
        Ok(arguments @ Value::Object(_)) if nests_within(&arguments, MAX_DEPTH) => arguments,
        _ => Value::String(text),
    }
}

fn nests_within(value: &Value, levels: usize) -> bool {
    let within = |inner: &Value| nests_within(inner, levels - 1);
    match value {
        Value::Array(_) | Value::Object(_) if levels == 0 => false,
        Value::Array(items) => items.iter().all(within),
        Value::Object(fields) => fields.values().all(within),
        _ => true,
    }
}

/// The arguments as they are shown to a model again. Providers accept nothing but an object here,
/// so what was not one is wrapped: the model sees what it wrote, beside the tool's complaint.
pub(crate) fn replayed_arguments(arguments: &Value) -> Cow<'_, Value> {
    if arguments.is_object() {
        return Cow::Borrowed(arguments);
    }
    Cow::Owned(serde_json::json!({ "malformed_arguments": arguments }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_objects_are_arguments() {
        assert_eq!(parse_arguments(r#"{"a":1}"#.into()), json!({"a": 1}));
        assert_eq!(parse_arguments(" ".into()), json!({}));
        for text in ["[1]", "\"a\"", "{\"a\":", "null"] {
            assert_eq!(parse_arguments(text.into()), Value::String(text.into()));
        }
    }

    #[test]
    fn what_could_not_be_read_from_a_store_stays_text() {
        let nested = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
        assert!(parse_arguments(nested(MAX_DEPTH)).is_object());
        for levels in [MAX_DEPTH + 1, 126, 127, 1000] {
            let text = nested(levels);
            assert_eq!(parse_arguments(text.clone()), Value::String(text));
        }
    }

    #[test]
    fn what_was_not_an_object_is_wrapped_for_the_model() {
        assert_eq!(*replayed_arguments(&json!({"a": 1})), json!({"a": 1}));
        assert_eq!(
            *replayed_arguments(&json!("{\"a\":")),
            json!({"malformed_arguments": "{\"a\":"})
        );
    }
}
