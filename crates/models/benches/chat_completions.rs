//! What it costs to make events of an OpenAI-compatible server's chunks, beside what it costs to
//! receive their bytes at all.
//!
//! `cargo bench -p tidewire-models --bench chat_completions`
//!
//! As in `converse_stream`, the processor time of the reading thread is what is measured.

#![expect(
    clippy::unwrap_used,
    reason = "a measurement that fails says so by panicking"
)]

use std::{fs, sync::Arc, thread};

use futures_util::StreamExt;
use tidewire_domain::{ChatModel, ModelEvent, ModelMessage, ModelRequest, Part, Role};
use tidewire_models::openai_compatible::{Connections, OpenAiCompatible, OpenAiCompatibleConfig};
use tidewire_test_openai_upstream::{Step, Upstream, events, text_chunk};
use tokio::{runtime::Builder, sync::oneshot};

/// Pieces of text in an answer.
const TOKENS: usize = 20_000;

/// Answers to each reader in each round; the best round counts.
const ANSWERS: usize = 5;
const ROUNDS: usize = 7;

const MODEL: &str = "model";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    rustls::crypto::ring::default_provider()
        .install_default()
        .unwrap();
    println!("events per second of processor time, {TOKENS} tokens an answer");
    for (name, between) in [("in batches", None), ("one by one", Some(Step::Flush))] {
        let (server, base_url) = start_server(between);
        let connections = Arc::new(Connections::default());
        let config = OpenAiCompatibleConfig {
            base_url: base_url.clone(),
            api_key: None,
            upstream_model: MODEL.into(),
        };
        let model = OpenAiCompatible::new(connections, config).unwrap();
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .build()
            .unwrap();
        let (mut bytes, mut adapter) = (0.0_f64, 0.0_f64);
        for _ in 0..ROUNDS {
            let mut began = processor_seconds();
            for _ in 0..ANSWERS {
                read_bytes(&client, &base_url).await;
            }
            bytes = bytes.max(rate(began));
            began = processor_seconds();
            for _ in 0..ANSWERS {
                read_events(&model).await;
            }
            adapter = adapter.max(rate(began));
        }
        println!("{name}: bytes alone {bytes:.0}, adapter {adapter:.0}");
        drop(server);
    }
}

/// The server ends when the sender is dropped.
fn start_server(between: Option<Step>) -> (oneshot::Sender<()>, String) {
    let (stop, stopped) = oneshot::channel::<()>();
    let (tell, told) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let upstream = Upstream::start().await.unwrap();
            let mut steps = Vec::new();
            for token in 0..TOKENS {
                let text = format!(" token{}", token % 1000);
                steps.push(Step::Send(text_chunk("gpt-4o-2024-08-06", &text)));
                steps.extend(between.clone());
            }
            steps.push(Step::Send("data: [DONE]\n\n".into()));
            for _ in 0..2 * ANSWERS * ROUNDS {
                upstream.reply_next(MODEL, events(steps.iter().cloned()));
            }
            tell.send(upstream.base_url()).unwrap();
            let _ = stopped.await;
        });
    });
    (stop, told.recv().unwrap())
}

async fn read_bytes(client: &reqwest::Client, base_url: &str) {
    let request = client.post(format!("{base_url}/chat/completions"));
    let body = format!("{{\"model\":\"{MODEL}\",\"messages\":[]}}");
    let mut response = request.body(body).send().await.unwrap();
    let mut bytes = 0;
    while let Some(chunk) = response.chunk().await.unwrap() {
        bytes += chunk.len();
    }
    assert!(bytes > TOKENS * 100);
}

async fn read_events(model: &OpenAiCompatible) {
    let request = ModelRequest {
        messages: vec![ModelMessage {
            role: Role::User,
            parts: vec![Part::Text {
                text: "hello".into(),
            }],
        }],
        ..ModelRequest::default()
    };
    let mut answer = model.stream(request).await.unwrap();
    let mut pieces = 0;
    while let Some(event) = answer.next().await {
        if let ModelEvent::TextDelta(_) = event.unwrap() {
            pieces += 1;
        }
    }
    assert_eq!(pieces, TOKENS);
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a rate needs no sixteenth digit"
)]
fn rate(began: f64) -> f64 {
    (TOKENS * ANSWERS) as f64 / (processor_seconds() - began)
}

/// The processor time of this thread so far, as Linux counts it.
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: f64 = stat.split(' ').next().unwrap().parse().unwrap();
    nanoseconds / 1e9
}
