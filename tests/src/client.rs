//! A client of the native API.

use std::{
    net::IpAddr,
    sync::{Arc, Once},
};

use cloud_path::CloudPath;
use reqwest::{ClientBuilder, Method, RequestBuilder, header::ACCEPT, redirect::Policy};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{Answer, EventStream, soon};

/// An HTTP client that needs no certificates and no proxy, and keeps no connection.
pub fn http_client() -> reqwest::Client {
    built(client_builder())
}

fn built(builder: ClientBuilder) -> reqwest::Client {
    let client = builder.build();
    client.expect("a client without certificates can be built")
}

fn client_builder() -> ClientBuilder {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Fails where the app was first, and then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .pool_max_idle_per_host(0)
        // What a redirect says is what a test wants to see.
        .redirect(Policy::none())
}

/// A user's client.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
    /// What it talks through lives as long as its clients.
    front: Option<Arc<CloudPath>>,
}

impl Client {
    pub(crate) fn new(address: &str) -> Self {
        Self {
            http: http_client(),
            base: format!("http://{address}"),
            key: None,
            front: None,
        }
    }

    /// The same client, to an app behind this front.
    pub(crate) fn behind(mut self, front: &Arc<CloudPath>) -> Self {
        self.front = Some(Arc::clone(front));
        self
    }

    /// The same client, at another address of this machine.
    #[must_use]
    pub fn at(mut self, address: IpAddr) -> Self {
        self.http = built(client_builder().local_address(address));
        self
    }

    /// The same client with a key.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// A request, with the client's key if it has one.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("tests name methods");
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    /// Sends a request and reads its answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = async { Answer::of(self.execute(request).await).await };
        soon("an answer", answer).await
    }

    /// Sends a request without adding anything to it, and reads its answer.
    pub async fn send_as_it_is(&self, request: RequestBuilder) -> Answer {
        let answer = async { Answer::of(request.send().await.expect("it answers")).await };
        soon("an answer", answer).await
    }

    /// Sends it with the hash of its body, as our UI does: CloudFront's origin access control signs
    /// that and sees no body.
    async fn execute(&self, request: RequestBuilder) -> reqwest::Response {
        let mut request = request.build().expect("tests ask for what there is");
        if let Some(body) = request.body().and_then(reqwest::Body::as_bytes) {
            let hash = hex::encode(Sha256::digest(body));
            let hash = hash.parse().expect("digits");
            request.headers_mut().insert("x-amz-content-sha256", hash);
        }
        self.http.execute(request).await.expect("it answers")
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    /// POST with a body of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("POST", path).json(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request("DELETE", path)).await
    }

    /// Sends a request whose answer is a stream of events.
    pub async fn stream(&self, request: RequestBuilder) -> EventStream {
        let request = request.header(ACCEPT, "text/event-stream");
        let response = soon("the head of a stream", self.execute(request)).await;
        EventStream::of(response).await
    }

    /// Makes a conversation and returns its id.
    pub async fn conversation(&self) -> String {
        self.conversation_with(json!({})).await
    }

    /// Makes a conversation of this body and returns its id.
    pub async fn conversation_with(&self, body: Value) -> String {
        let made = self.post("/api/conversations", &body).await.expect(201);
        id_of(&made)
    }

    /// Reads a conversation.
    pub async fn read_conversation(&self, id: &str) -> Value {
        self.get(&format!("/api/conversations/{id}"))
            .await
            .expect(200)
    }

    /// Starts a turn and reads it.
    pub async fn turn(&self, conversation: &str, body: &Value) -> EventStream {
        self.stream(self.turn_request(conversation).json(body))
            .await
    }

    /// Starts a turn with this text and reads it.
    pub async fn say(&self, conversation: &str, text: &str) -> EventStream {
        self.turn(conversation, &json!({"text": text})).await
    }

    /// Asks for a turn, and reads the answer whole: for what is refused.
    pub async fn try_turn(&self, conversation: &str, body: &Value) -> Answer {
        self.send(self.turn_request(conversation).json(body)).await
    }

    /// The request for a turn, without its body.
    pub fn turn_request(&self, conversation: &str) -> RequestBuilder {
        self.request("POST", &format!("/api/conversations/{conversation}/turns"))
    }

    /// Reads a turn's events after the event `after`.
    pub async fn events(&self, turn: &str, after: u64) -> EventStream {
        let request = self
            .request("GET", &format!("/api/turns/{turn}/events"))
            .header("last-event-id", after);
        self.stream(request).await
    }

    /// Presses Stop.
    pub async fn stop(&self, turn: &str) {
        let path = format!("/api/turns/{turn}/stop");
        let answer = self.send(self.request("POST", &path)).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
    }

    /// The messages of a conversation, oldest first.
    pub async fn messages(&self, conversation: &str) -> Vec<Value> {
        let page = self
            .get(&format!("/api/conversations/{conversation}/messages"))
            .await
            .expect(200);
        let mut items = page["items"].as_array().expect("a list has items").clone();
        items.reverse();
        items
    }

    /// Asserts that the app is ready and answers a turn from its beginning to its end.
    pub async fn expect_healthy(&self) {
        assert_eq!(self.get("/readyz").await.status, 200);
        let conversation = self.conversation_with(json!({"model": "offline"})).await;
        let log = self.say(&conversation, "hello").await.rest().await;
        crate::assert_whole_log(&log);
        assert_eq!(crate::finish_reason(&log), "stop");
    }
}

fn id_of(body: &Value) -> String {
    body["id"].as_str().expect("it has an id").to_owned()
}
