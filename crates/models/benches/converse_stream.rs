//! How much of the AWS SDK's own rate of events is left after our adapter, for answers that come in
//! batches and for answers whose events come one by one.
//!
//! `cargo bench -p tidewire-models --bench converse_stream`
//!
//! A server on a thread of its own speaks the real framing, one HTTP chunk a frame. What is measured
//! is the processor time of the reading thread, so that neither the server nor other programs count.

#![expect(
    clippy::unwrap_used,
    reason = "a measurement that fails says so by panicking"
)]

use std::{fs, sync::Arc, thread};

use aws_sdk_bedrockruntime::{
    Client,
    types::{ContentBlock, ContentBlockDelta, ConversationRole, ConverseStreamOutput, Message},
};
use futures_util::StreamExt;
use tidewire_aws::{AccessKey, Aws, AwsSettings};
use tidewire_domain::{ChatModel, ModelEvent, ModelMessage, ModelRequest, Part, Role};
use tidewire_models::bedrock::Bedrock;
use tidewire_test_bedrock::{BedrockServer, Step, stream, text};
use tokio::{runtime::Builder, sync::oneshot};

/// Pieces of text in an answer.
const TOKENS: usize = 20_000;

/// Answers to each reader in each round; the best round counts.
const ANSWERS: usize = 5;
const ROUNDS: usize = 7;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("events per second of processor time, {TOKENS} tokens an answer");
    for (name, between) in [("in batches", &[][..]), ("one by one", &[Step::Flush])] {
        let (server, endpoint_url) = start_server(between.to_vec());
        let aws = Arc::new(Aws::new(AwsSettings {
            region: Some("us-east-1".into()),
            profile: None,
            endpoint_url: Some(endpoint_url),
            access_key: Some(AccessKey {
                id: "AKIDEXAMPLE".into(),
                secret: "secret".into(),
            }),
        }));
        let client = Client::new(aws.sdk_config().await);
        let model = Bedrock::new(Arc::clone(&aws), MODEL);
        let (mut sdk, mut adapter) = (0.0_f64, 0.0_f64);
        for _ in 0..ROUNDS {
            let mut began = processor_seconds();
            for _ in 0..ANSWERS {
                read_with_sdk(&client).await;
            }
            sdk = sdk.max(rate(began));
            began = processor_seconds();
            for _ in 0..ANSWERS {
                read_with_adapter(&model).await;
            }
            adapter = adapter.max(rate(began));
        }
        println!(
            "{name}: SDK {sdk:.0}, adapter {adapter:.0}, ratio {:.2}",
            adapter / sdk
        );
        drop(server);
    }
}

const MODEL: &str = "model";

/// The server ends when the sender is dropped.
fn start_server(between: Vec<Step>) -> (oneshot::Sender<()>, String) {
    let (stop, stopped) = oneshot::channel::<()>();
    let (tell, told) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = BedrockServer::start().await.unwrap();
            let pieces: Vec<String> = (0..TOKENS).map(|n| format!(" token{}", n % 1000)).collect();
            let steps = text(pieces.iter().map(String::as_str), &between);
            for _ in 0..2 * ANSWERS * ROUNDS {
                server.reply_next(MODEL, stream(steps.iter().cloned()));
            }
            tell.send(server.endpoint_url()).unwrap();
            let _ = stopped.await;
        });
    });
    (stop, told.recv().unwrap())
}

/// What a program does that reads text with the SDK alone.
async fn read_with_sdk(client: &Client) {
    let message = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text("hello".into()))
        .build()
        .unwrap();
    let call = client.converse_stream().model_id(MODEL).messages(message);
    let mut response = call.send().await.unwrap();
    let (mut pieces, mut bytes) = (0, 0);
    while let Some(event) = response.stream.recv().await.unwrap() {
        if let ConverseStreamOutput::ContentBlockDelta(event) = event
            && let Some(ContentBlockDelta::Text(text)) = event.delta
        {
            pieces += 1;
            bytes += text.len();
        }
    }
    assert_eq!((pieces, bytes > pieces), (TOKENS, true));
}

async fn read_with_adapter(model: &Bedrock) {
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
    let (mut pieces, mut bytes) = (0, 0);
    while let Some(event) = answer.next().await {
        if let ModelEvent::TextDelta(text) = event.unwrap() {
            pieces += 1;
            bytes += text.len();
        }
    }
    assert_eq!((pieces, bytes > pieces), (TOKENS, true));
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
