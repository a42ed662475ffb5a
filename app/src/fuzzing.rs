//! What the fuzz targets in `tests/fuzz` call. What reads requests is private to the app, so this is
//! there only with the feature `fuzz`, which no other build turns on. Nothing here decides anything:
//! each function hands bytes to what a handler hands them to.

use std::net::IpAddr;

use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Uri, header},
};
use bytes::Bytes;
use serde_json::Value;
use tidewire_auth::{KeyError, KeyRing, SessionSigner, StaticKey, hash_key};
use tidewire_chat::{TailItem, TurnRequest};
use tidewire_domain::{ConversationId, ModelRequest, PageRequest, RawEvent, RawEvents};

use crate::{
    http::{caller::Authority, guard::Gate, json::read_json},
    routes::{
        paging::{Paging, Queried},
        turns::{After, last_seen, turn_request},
    },
    wire::{
        native,
        openai_chat::{AnswerHead, ChunkEncoder, Collected},
        openai_chat_request::ChatRequest,
    },
};

/// Headers by their names.
pub type Headers<'a> = [(&'static str, &'a [u8])];

/// The headers of a request; `None` where one holds what HTTP does not let pass.
fn header_map(headers: &Headers<'_>) -> Option<HeaderMap> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = HeaderValue::from_bytes(value).ok()?;
            Some((HeaderName::from_static(name), value))
        })
        .try_fold(HeaderMap::new(), |mut map, header| {
            let (name, value) = header?;
            map.append(name, value);
            Some(map)
        })
}

fn json_request(body: Bytes) -> Request {
    let mut request = Request::new(Body::from(body));
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    request
}

/// The model call that a body of `POST /v1/chat/completions` asks for.
pub async fn chat_request(body: Bytes) -> Option<ModelRequest> {
    let read = read_json::<ChatRequest>(json_request(body)).await.ok()?;
    read.value.into_model_request().ok()
}

/// The turn that a body of `POST /api/conversations/{id}/turns` asks for.
pub async fn new_turn(headers: &Headers<'_>, body: Bytes) -> Option<TurnRequest> {
    let headers = header_map(headers)?;
    let read = read_json(json_request(body)).await.ok()?;
    turn_request(ConversationId::new(), &headers, read).ok()
}

/// Whether an app without keys lets such a request in.
pub fn passes_local_gate(headers: &Headers<'_>, peer: IpAddr) -> bool {
    let gate = Gate {
        loopback_only: true,
        hosts: Vec::new(),
        origins: Vec::new(),
        host_header: None,
    };
    header_map(headers).is_some_and(|headers| {
        gate.check(&Uri::from_static("/"), &headers, Some(peer))
            .is_ok()
    })
}

/// Who such a request comes from, where `ada` has the one key and `signer` seals the sessions.
pub fn caller(
    headers: &Headers<'_>,
    key: &str,
    signer: SessionSigner,
) -> Result<Option<String>, KeyError> {
    let keys = KeyRing::new(vec![StaticKey::new("ada", &hash_key(key))?])?;
    let authority = Authority::new(keys, signer);
    let principal = header_map(headers).and_then(|headers| authority.caller(&headers).ok());
    Ok(principal.map(|principal| principal.to_string()))
}

/// Where a reader of a log wants to read on.
pub async fn read_on_after(headers: &Headers<'_>, query: &str) -> Option<u64> {
    let after: After = queried(query).await?;
    last_seen(&header_map(headers)?, &after).ok()
}

/// The page of a list that a query string asks for.
pub async fn page(query: &str) -> Option<PageRequest> {
    let paging: Paging = queried(query).await?;
    paging.into_request().ok()
}

async fn queried<T: serde::de::DeserializeOwned>(query: &str) -> Option<T> {
    let uri: Uri = format!("/?{query}").parse().ok()?;
    let mut request = Request::new(());
    *request.uri_mut() = uri;
    let (mut parts, ()) = request.into_parts();
    let queried = Queried::from_request_parts(&mut parts, &()).await.ok()?;
    Some(queried.0)
}

/// The native stream of a log, up to the record that cannot be read.
pub fn native_stream(log: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (seq, event) in (1..).zip(RawEvents::new(log).map_while(Result::ok)) {
        native::encode(TailItem::Event { seq, event }, &mut out);
    }
    out
}

/// The stream of chunks and the whole completion that a log comes to.
pub fn chat_answers(log: &[u8]) -> (Vec<u8>, Value) {
    let events = || RawEvents::new(log).map_while(Result::ok);
    let head = AnswerHead::new("a \"model\"");
    let mut encoder = ChunkEncoder::new(&head, true);
    let mut out = Vec::new();
    events().for_each(|event: RawEvent<'_>| encoder.encode(event, &mut out));
    let mut collected = Collected::default();
    events().for_each(|event| collected.take(event));
    (out, collected.completion(&head))
}
