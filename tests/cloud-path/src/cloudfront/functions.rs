//! The deployed JavaScript, run by Node.

use std::{
    collections::HashMap,
    io,
    path::Path,
    process::Stdio,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::{Mutex as AsyncMutex, oneshot},
};

const HOST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cloudfront/functions.mjs");

/// A function threw, or Node is gone.
#[derive(Debug, thiserror::Error)]
#[error("the function failed: {0}")]
pub(crate) struct FunctionError(String);

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;

/// Both functions. Node ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Functions {
    input: AsyncMutex<ChildStdin>,
    waiting: Waiting,
    next_id: AtomicU64,
    _node: Child,
}

impl Functions {
    /// Starts Node with the files in `directory`.
    pub(crate) fn start(node: &Path, directory: &Path) -> io::Result<Self> {
        let mut child = Command::new(node)
            .arg(HOST)
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let gone = || io::Error::other("Node has no pipes");
        let input = child.stdin.take().ok_or_else(gone)?;
        let output = child.stdout.take().ok_or_else(gone)?;
        let waiting = Waiting::default();
        tokio::spawn(hand_out(output, Arc::clone(&waiting)));
        Ok(Self {
            input: AsyncMutex::new(input),
            waiting,
            next_id: AtomicU64::new(0),
            _node: child,
        })
    }

    /// Runs `viewer-request` or `origin-request` on an event.
    pub(crate) async fn run(&self, function: &str, event: &Value) -> Result<Value, FunctionError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        lock(&self.waiting).insert(id, answer);
        let mut line = json!({"id": id, "function": function, "event": event}).to_string();
        line.push('\n');
        let sent = self.input.lock().await.write_all(line.as_bytes()).await;
        sent.map_err(|error| FunctionError(error.to_string()))?;
        let mut answer = answered
            .await
            .map_err(|_| FunctionError("Node has ended".into()))?;
        match answer["error"].take() {
            Value::String(error) => Err(FunctionError(error)),
            _ => Ok(answer["result"].take()),
        }
    }
}

async fn hand_out(output: ChildStdout, waiting: Waiting) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(answer) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        let asked = answer["id"]
            .as_u64()
            .and_then(|id| lock(&waiting).remove(&id));
        if let Some(asked) = asked {
            let _ = asked.send(answer);
        }
    }
    // Whoever waits learns that nobody answers.
    lock(&waiting).clear();
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
