//! Many paced streams at once, the server on one core.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::Result;
use tokio::task::LocalSet;

use crate::{
    figures::Samples,
    first_token::conversation,
    http::{Connection, count, request},
    process::{Launch, Server},
};

const GAP: Duration = Duration::from_secs(1);
/// Streams that begin in a second: starting is not what is measured here.
const RAMP: f64 = 1000.0;
/// Asks the offline model for an answer that is long enough.
const QUESTION: &str = "How do I connect Tidewire to Bedrock, and what do the errors mean?";

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Tidewire,
    Bare,
}

pub(crate) async fn measure(streams: u32, tokens: u32, only: Option<&str>) -> Result<()> {
    rustix::process::setrlimit(
        rustix::process::Resource::Nofile,
        rustix::process::Rlimit {
            current: rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum,
            maximum: rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum,
        },
    )?;
    let servers = [
        ("bare-as-it-comes", Kind::Bare, Launch::built("bare-axum")?),
        (
            "bare",
            Kind::Bare,
            Launch::built("bare-axum")?.set("LISTENER", "own"),
        ),
        (
            "tidewire",
            Kind::Tidewire,
            Launch::built("tidewire")?.set("TIDEWIRE_OFFLINE__TOKENS_PER_SECOND", "1"),
        ),
    ];
    for (name, kind, launch) in servers {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let server = launch.on_core(0).start()?;
        LocalSet::new()
            .run_until(run(name, kind, &server, streams, tokens))
            .await?;
    }
    Ok(())
}

async fn run(name: &str, kind: Kind, server: &Server, streams: u32, tokens: u32) -> Result<()> {
    let address = server.address;
    let turn = serde_json::json!({"text": QUESTION}).to_string();
    let mut requests = Vec::new();
    if kind == Kind::Tidewire {
        let mut connection = Connection::open(address).await?;
        for _ in 0..streams {
            let id = conversation(&mut connection, address).await?;
            let path = format!("/api/conversations/{id}/turns");
            requests.push(request("POST", address, &path, &turn));
        }
    } else {
        let path = format!("/events?count={}&gap_ms=1000", tokens + 60);
        let request = request("POST", address, &path, &turn);
        requests.resize(streams as usize, request);
    }
    let before_bytes = server.resident_bytes();
    let before_cpu = server.cpu();
    let began = Instant::now();
    let jitter = Rc::new(RefCell::new(Samples::default()));
    let first = Rc::new(RefCell::new(Samples::default()));
    let dropped = Rc::new(Cell::new(0_u32));
    let mut tasks = Vec::new();
    for (place, request) in requests.into_iter().enumerate() {
        let due = began + Duration::from_secs_f64(f64::from(u32::try_from(place)?) / RAMP);
        tokio::time::sleep_until(due.into()).await;
        let (jitter, first, dropped) = (Rc::clone(&jitter), Rc::clone(&first), Rc::clone(&dropped));
        tasks.push(tokio::task::spawn_local(async move {
            match read(address, &request, tokens).await {
                Ok((until_first, gaps)) => {
                    first.borrow_mut().add(until_first);
                    jitter.borrow_mut().extend(gaps);
                }
                Err(error) => {
                    if dropped.get() == 0 {
                        eprintln!("dropped: {error}");
                    }
                    dropped.set(dropped.get() + 1);
                }
            }
        }));
    }
    // All run now: memory is read at its height.
    tokio::time::sleep(Duration::from_secs(u64::from(tokens / 2))).await;
    let height = server.resident_bytes();
    for task in tasks {
        task.await?;
    }
    let height = height.max(server.resident_bytes());
    let per_stream = height.saturating_sub(before_bytes) / u64::from(streams);
    let cpu = server.cpu().saturating_sub(before_cpu).as_secs_f64() / began.elapsed().as_secs_f64();
    println!(
        "{name}: {streams} streams, {} dropped; {:.1} kB each ({:.0} MB before, {:.0} MB at the height); \
         {:.0} % of a core",
        dropped.get(),
        f64::from(u32::try_from(per_stream)?) / 1e3,
        f64::from(u32::try_from(before_bytes / 1000)?) / 1e3,
        f64::from(u32::try_from(height / 1000)?) / 1e3,
        cpu * 100.0
    );
    println!("{name}: jitter {}", jitter.borrow_mut().summary_ms());
    println!("{name}: first token {}", first.borrow_mut().summary_ms());
    Ok(())
}

/// Reads one stream: the time to its first token, and by how much each gap differs from a second.
async fn read(address: SocketAddr, request: &[u8], tokens: u32) -> Result<(Duration, Samples)> {
    let began = Instant::now();
    let mut connection = Connection::open(address).await?;
    let mut first = Duration::ZERO;
    let mut last: Option<Instant> = None;
    let mut gaps = Samples::default();
    let mut seen = 0;
    connection
        .stream(request, |arrival| {
            for _ in 0..count(arrival.bytes, b"event: text_delta") {
                match last {
                    None => first = arrival.at - began,
                    Some(last) => gaps.add((arrival.at - last).abs_diff(GAP)),
                }
                last = Some(arrival.at);
                seen += 1;
            }
            seen < u64::from(tokens)
        })
        .await?;
    anyhow::ensure!(seen >= u64::from(tokens), "only {seen} tokens came");
    // Held open until all are done, so that the server's memory is that of all streams.
    tokio::time::sleep(Duration::from_secs(3)).await;
    Ok((first, gaps))
}
