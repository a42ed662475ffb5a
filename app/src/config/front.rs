//! Who hands over requests.

use std::{collections::HashMap, path::Path};

use serde::{Deserialize, Serialize};

/// How requests reach the app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Front {
    /// Lambda's Runtime API where it is there and no adapter stands before the app, else HTTP.
    #[default]
    Auto,
    /// The app listens for HTTP.
    Http,
    /// The app asks Lambda's Runtime API for work.
    Lambda,
}

/// Where a layer or an image puts the Lambda Web Adapter.
const ADAPTER: &str = "/opt/extensions/lambda-adapter";

impl Front {
    /// What `Auto` comes to, by the variables that Lambda sets and those that the adapter takes.
    pub(super) fn detect(variables: &HashMap<String, String>) -> Self {
        let has_adapter = || {
            variables.keys().any(|name| name.starts_with("AWS_LWA_")) || Path::new(ADAPTER).exists()
        };
        if variables.contains_key("AWS_LAMBDA_RUNTIME_API") && !has_adapter() {
            Self::Lambda
        } else {
            Self::Http
        }
    }

    /// The front that runs: what was chosen, or what was detected where nothing was.
    pub(super) fn or_detected(self, detected: Self) -> Self {
        if self == Self::Auto { detected } else { self }
    }
}
