//! Arguments of tool calls, between the text that models write and the JSON that tools take.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// The arguments that a model wrote as `text`: the JSON object; none at all is the empty object, as
/// models write it for tools without parameters; what is not an object stays the text that it is.
pub(crate) fn parse_arguments(text: String) -> Value {
    if text.trim().is_empty() {
        return Value::Object(Map::new());
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(arguments)) => Value::Object(arguments),
        _ => Value::String(text),
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
    fn what_was_not_an_object_is_wrapped_for_the_model() {
        assert_eq!(*replayed_arguments(&json!({"a": 1})), json!({"a": 1}));
        assert_eq!(
            *replayed_arguments(&json!("{\"a\":")),
            json!({"malformed_arguments": "{\"a\":"})
        );
    }
}
