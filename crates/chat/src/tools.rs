//! Tools that need nothing but the process itself.

use async_trait::async_trait;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use tidewire_domain::{Tool, ToolAnswer, ToolContext, ToolError, ToolSpec};

/// Tells the time, in any time zone.
pub struct CurrentTime {
    spec: ToolSpec,
}

impl CurrentTime {
    /// The tool.
    pub fn new() -> Self {
        Self {
            spec: ToolSpec {
                name: "current_time".into(),
                description:
                    "Tells the current date and time. Use it whenever the answer depends on now."
                        .into(),
                parameters: json!({
                    "type": "object",
                    "properties": {
                        "time_zone": {
                            "type": "string",
                            "description": "IANA time zone, such as Europe/Lisbon; UTC where absent"
                        }
                    },
                    "additionalProperties": false
                }),
            },
        }
    }
}

impl Default for CurrentTime {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Tool for CurrentTime {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(
        &self,
        _context: &ToolContext,
        arguments: &Value,
    ) -> Result<ToolAnswer, ToolError> {
        let zone = match arguments.get("time_zone") {
            None | Some(Value::Null) => TimeZone::UTC,
            Some(Value::String(name)) => TimeZone::get(name).map_err(|_| {
                ToolError(format!(
                    "{name:?} is not an IANA time zone, such as Europe/Lisbon"
                ))
            })?,
            Some(other) => {
                return Err(ToolError(format!("time_zone must be a text, not {other}")));
            }
        };
        let now = Timestamp::now().to_zoned(zone);
        let text = now.strftime("%A, %Y-%m-%dT%H:%M:%S%:z (%Q)").to_string();
        Ok(ToolAnswer::text(text))
    }
}

#[cfg(test)]
mod tests {
    use tidewire_domain::{ConversationId, PrincipalId, TurnId};

    use super::*;

    #[tokio::test]
    async fn it_knows_time_zones_and_says_which_it_does_not() {
        let tool = CurrentTime::new();
        let context = ToolContext {
            principal: PrincipalId::new("ada"),
            conversation_id: ConversationId::new(),
            turn_id: TurnId::new(),
            call_id: "c1".into(),
            next_citation: 1,
        };
        let ask = async |arguments: Value| tool.call(&context, &arguments).await;
        let utc = ask(json!({})).await.unwrap().content;
        assert!(utc.ends_with("+00:00 (UTC)"), "{utc}");
        let tokyo = ask(json!({"time_zone": "Asia/Tokyo"}))
            .await
            .unwrap()
            .content;
        assert!(tokyo.ends_with("+09:00 (Asia/Tokyo)"), "{tokyo}");
        let error = ask(json!({"time_zone": "Mars/Base"})).await.unwrap_err();
        assert!(error.0.contains("Mars/Base"), "{error}");
        assert!(ask(json!({"time_zone": 3})).await.is_err());
    }
}
