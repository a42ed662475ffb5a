//! What the offline model costs: `cargo bench -p tidewire-models --bench offline_stream`.
//!
//! Prints the time to the first token, tokens per second, and the memory of a stream.

use std::{
    alloc::System,
    hint::black_box,
    task::{Context, Waker},
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tidewire_domain::{ChatModel, ModelEvent, ModelMessage, ModelRequest, ModelStream, Part, Role};
use tidewire_models::offline::{Document, Offline, OfflineConfig};
use tokio::runtime::{Builder, Runtime};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const QUESTIONS: &[&str] = &[
    "How do I connect Tidewire to Bedrock?",
    "how do I stop an answer",
    "what happens when the process is killed?",
    "which port",
    "I have an AWS account, what do I write into the config for Claude Sonnet?",
];

/// As many passages as a grown documentation has.
const COPIES: usize = 5;

fn main() {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let documents = gather_documents();
    measure_first_token(&runtime, documents);
    measure_throughput(&runtime, documents);
    measure_memory(&runtime, documents);
    measure_pace(&runtime, documents);
}

fn gather_documents() -> &'static [Document] {
    let texts = [
        (
            "README.md",
            include_str!("../tests/offline_documents/readme.md"),
        ),
        (
            "docs/models.md",
            include_str!("../tests/offline_documents/models.md"),
        ),
        (
            "docs/configuration.md",
            include_str!("../tests/offline_documents/configuration.md"),
        ),
        (
            "docs/turns.md",
            include_str!("../tests/offline_documents/turns.md"),
        ),
        (
            "docs/development.md",
            include_str!("../tests/offline_documents/development.md"),
        ),
        (
            "docs/deployment.md",
            include_str!("../tests/offline_documents/deployment.md"),
        ),
        (
            "docs/api.md",
            include_str!("../tests/offline_documents/api.md"),
        ),
    ];
    let documents = texts.map(|(id, markdown)| Document {
        id,
        title: id,
        markdown,
    });
    Box::leak(documents.repeat(COPIES).into_boxed_slice())
}

fn model(documents: &'static [Document], tokens_per_second: f64) -> Offline {
    let model = Offline::new(OfflineConfig {
        documents,
        tokens_per_second,
    });
    model.warm();
    model
}

fn question(text: &str) -> ModelRequest {
    ModelRequest {
        messages: vec![ModelMessage {
            role: Role::User,
            parts: vec![Part::Text {
                text: text.to_owned(),
            }],
        }],
        ..ModelRequest::default()
    }
}

async fn start(model: &Offline, text: &str) -> ModelStream {
    model.stream(question(text)).await.expect("an answer")
}

async fn count_tokens(mut stream: ModelStream) -> u64 {
    let mut tokens = 0;
    while let Some(event) = stream.next().await {
        tokens += u64::from(matches!(black_box(event), Ok(ModelEvent::TextDelta(_))));
    }
    tokens
}

fn measure_first_token(runtime: &Runtime, documents: &'static [Document]) {
    let begun = Instant::now();
    let model = model(documents, 0.0);
    let bytes: usize = documents
        .iter()
        .map(|document| document.markdown.len())
        .sum();
    println!("warm: {:?} for {bytes} bytes of markdown", begun.elapsed());
    let measure = |text: &str| {
        let request = question(text);
        let begun = Instant::now();
        runtime.block_on(async {
            let mut stream = model.stream(request).await.expect("an answer");
            black_box(stream.next().await);
        });
        begun.elapsed()
    };
    for text in QUESTIONS {
        // Words that were asked for before are remembered.
        let first = measure(text);
        let mut times: Vec<Duration> = (0..500).map(|_| measure(text)).collect();
        times.sort();
        println!(
            "first token: {first:?} the first time, then median {:?}, p99 {:?}: {text}",
            times[250], times[495]
        );
    }
    let time = measure(&"how do I connect to Bedrock? ".repeat(36_000));
    println!("first token: {time:?} for a megabyte of text");
}

fn measure_throughput(runtime: &Runtime, documents: &'static [Document]) {
    const STREAMS: u32 = 64;
    const ROUNDS: u32 = 200;
    let model = model(documents, 0.0);
    let (mut tokens, mut spent, mut worked) = (0, Duration::ZERO, 0.0);
    for _ in 0..ROUNDS {
        runtime.block_on(async {
            let mut streams = Vec::new();
            for _ in 0..STREAMS {
                streams.push(start(&model, QUESTIONS[0]).await);
            }
            let (begun, cpu) = (Instant::now(), cpu_seconds());
            let tasks: Vec<_> = streams
                .into_iter()
                .map(|s| tokio::spawn(count_tokens(s)))
                .collect();
            for task in tasks {
                tokens += task.await.expect("a count");
            }
            spent += begun.elapsed();
            worked += cpu_seconds() - cpu;
        });
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure to be read")]
    let count = tokens as f64;
    println!(
        "{STREAMS} streams without a pace, one thread: {:.2} M tokens/s, {:.0} ns a token, {:.0} ns of them on the processor",
        count / spent.as_secs_f64() / 1e6,
        spent.as_secs_f64() * 1e9 / count,
        worked * 1e9 / count
    );
}

fn measure_memory(runtime: &Runtime, documents: &'static [Document]) {
    const STREAMS: usize = 10_000;
    let model = model(documents, 1.0);
    for text in QUESTIONS {
        runtime.block_on(async {
            drop(start(&model, text).await);
            let mut streams = Vec::with_capacity(STREAMS);
            let region = Region::new(ALLOCATOR);
            for _ in 0..STREAMS {
                let mut stream = start(&model, text).await;
                // The second token is waited for, so that its timer is counted too.
                stream.next().await;
                let mut context = Context::from_waker(Waker::noop());
                assert!(stream.poll_next_unpin(&mut context).is_pending());
                streams.push(stream);
            }
            let change = region.change();
            let held = change.bytes_allocated - change.bytes_deallocated;
            println!(
                "a stream: {} bytes of state, {} bytes of heap in all: {text}",
                size_of_val(&*streams[0]),
                held / STREAMS
            );
        });
    }
}

/// 10 000 streams at a token a second, on one thread.
fn measure_pace(runtime: &Runtime, documents: &'static [Document]) {
    const STREAMS: u32 = 10_000;
    const TOKENS: usize = 8;
    let model = model(documents, 1.0);
    runtime.block_on(async {
        let begun = Instant::now();
        let mut tasks = Vec::new();
        for _ in 0..STREAMS {
            let stream = start(&model, QUESTIONS[0]).await;
            tasks.push(tokio::spawn(async move {
                let mut stream = stream;
                let mut first = None;
                let mut latest = Duration::ZERO;
                for token in 0..TOKENS {
                    stream.next().await;
                    let first = *first.get_or_insert_with(Instant::now);
                    let due = Duration::from_secs(u64::try_from(token).unwrap_or(0));
                    latest = latest.max(first.elapsed().saturating_sub(due));
                }
                latest
            }));
        }
        println!("{STREAMS} streams started in {:?}", begun.elapsed());
        let cpu = cpu_seconds();
        let begun = Instant::now();
        let mut late = Vec::new();
        for task in tasks {
            late.push(task.await.expect("a delay"));
        }
        late.sort();
        println!(
            "{STREAMS} streams at 1 token/s: {:.1} % of a core, worst delay of a stream: median {:?}, p99 {:?}",
            (cpu_seconds() - cpu) / begun.elapsed().as_secs_f64() * 100.0,
            late[late.len() / 2],
            late[late.len() * 99 / 100]
        );
    });
}

/// Processor time of this process so far, where the system tells it (Linux).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.split(' ').collect();
    let ticks = |field: usize| {
        let text = fields.get(field).copied().unwrap_or_default();
        text.parse::<f64>().unwrap_or(f64::NAN)
    };
    (ticks(13) + ticks(14)) / 100.0
}
