//! Answers that are no streams.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it came.
    pub text: String,
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.expect("the body comes whole"),
        }
    }

    /// The body, which must be JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text))
    }

    /// The header's value; empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str());
        value.and_then(Result::ok).unwrap_or_default()
    }

    /// The body of an answer that must have this status.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() {
            return Value::Null;
        }
        self.json()
    }

    /// Asserts that this is a problem document after RFC 9457 with this status and code, and with
    /// the trace id that the header names. Returns the document.
    pub fn expect_problem(&self, status: u16, code: &str) -> Value {
        let shown = format!(
            "expected {status} {code}, got {} {}",
            self.status, self.text
        );
        assert_eq!(self.status, status, "{shown}");
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{shown}"
        );
        let problem = self.json();
        assert_eq!(problem["code"], code, "{shown}");
        assert_eq!(problem["status"], status, "{shown}");
        assert_eq!(problem["type"], "about:blank", "{shown}");
        for field in ["title", "detail"] {
            let text = problem[field].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{field}: {shown}");
        }
        let trace_id = self.header("x-trace-id");
        assert!(!trace_id.is_empty(), "{shown}");
        assert_eq!(problem["trace_id"], trace_id, "{shown}");
        problem
    }

    /// Asserts that this is an error as OpenAI's clients read it. Returns the error object.
    pub fn expect_openai_error(&self, status: u16, kind: &str, code: &str) -> Value {
        let shown = format!(
            "expected {status} {code}, got {} {}",
            self.status, self.text
        );
        assert_eq!(self.status, status, "{shown}");
        assert_eq!(self.header("content-type"), "application/json", "{shown}");
        assert!(!self.header("x-trace-id").is_empty(), "{shown}");
        let body = self.json();
        let fields: Vec<&String> = body
            .as_object()
            .into_iter()
            .flat_map(|o| o.keys())
            .collect();
        assert_eq!(fields, ["error"], "{shown}");
        let error = body["error"].clone();
        assert_eq!(error["code"], code, "{shown}");
        assert_eq!(error["type"], kind, "{shown}");
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
        assert!(error.get("param").is_some(), "{shown}");
        error
    }
}
