//! JSON as the AWS SDK holds it.

use aws_smithy_types::{Document, Number};
use serde_json::Value;

/// The same JSON as a document of the SDK.
pub(super) fn to_document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(truth) => Document::Bool(*truth),
        Value::Number(number) => Document::Number(if let Some(positive) = number.as_u64() {
            Number::PosInt(positive)
        } else if let Some(negative) = number.as_i64() {
            Number::NegInt(negative)
        } else {
            Number::Float(number.as_f64().unwrap_or_default())
        }),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(to_document).collect()),
        Value::Object(fields) => Document::Object(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), to_document(value)))
                .collect(),
        ),
    }
}
