//! The routes, as the document at `/api/openapi.json` lists them.

use serde_json::{Value, json};
use tidewire_tests::Client;
use uuid::Uuid;

/// One method of one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) method: String,
    /// With its parameters in braces.
    pub(crate) path: String,
}

impl Route {
    /// The path with `id` in place of its parameter.
    pub(crate) fn path_of(&self, id: &str) -> String {
        match (self.path.find('{'), self.path.find('}')) {
            (Some(start), Some(end)) => {
                format!("{}{id}{}", &self.path[..start], &self.path[end + 1..])
            }
            _ => self.path.clone(),
        }
    }

    /// The path with an id of nothing.
    pub(crate) fn path_of_nothing(&self) -> String {
        self.path_of(&Uuid::now_v7().to_string())
    }

    /// Whether other people's clients call it.
    pub(crate) fn is_openai(&self) -> bool {
        self.path.starts_with("/v1/")
    }

    /// A body that the route takes, where it takes one.
    pub(crate) fn body(&self) -> Option<Value> {
        match (self.method.as_str(), self.path.as_str()) {
            ("POST", "/api/conversations/{id}/turns") => Some(json!({"text": "hello"})),
            ("PATCH", _) => Some(json!({"title": "mine now"})),
            ("POST", "/v1/chat/completions") => {
                Some(json!({"messages": [{"role": "user", "content": "hello"}]}))
            }
            ("POST", _) => Some(json!({})),
            _ => None,
        }
    }

    /// The request for this route at `path`.
    pub(crate) fn request(&self, client: &Client, path: &str) -> reqwest::RequestBuilder {
        let request = client.request(&self.method, path);
        match self.body() {
            Some(body) => request.json(&body),
            None => request,
        }
    }
}

/// All documented routes.
pub(crate) async fn documented_routes(client: &Client) -> Vec<Route> {
    let document = client.get("/api/openapi.json").await.expect(200);
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().expect("it has paths") {
        for method in [
            "get", "put", "post", "delete", "options", "head", "patch", "trace",
        ] {
            if item.get(method).is_some() {
                routes.push(Route {
                    method: method.to_uppercase(),
                    path: path.clone(),
                });
            }
        }
    }
    // Fewer than there were is a document that lost its routes, and tests that test nothing.
    assert!(routes.len() >= 18, "{routes:?}");
    routes
}
