//! One environment: processes, the API that they ask for work, and what becomes of each invocation.

use std::{
    net::Ipv4Addr,
    sync::{Arc, OnceLock},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

use super::{
    function::Function,
    invocation::{Answer, Delivery, Invocation, InvokeError},
    processes::{Group, Processes},
    runtime_api::RuntimeApi,
};
use crate::listener;

/// How long the first start may take (Lambda's own bound).
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// What is left of an environment when one of its processes ends (Lambda's bound for a shutdown with
/// external extensions): an answer that is under way may end within it.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A running environment.
#[derive(Debug)]
pub(super) struct Environment {
    pub(super) number: u32,
    /// From the start of the processes to the first request for work.
    pub(super) init: Duration,
    group: Group,
    deliveries: mpsc::Sender<Delivery>,
    api: Arc<RuntimeApi>,
    asked: watch::Receiver<u64>,
    ending: Arc<OnceLock<InvokeError>>,
    watching: JoinHandle<()>,
    listening: JoinHandle<()>,
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.group.kill();
        self.listening.abort();
    }
}

impl Environment {
    /// Starts the processes and waits until the runtime asks for work.
    pub(super) async fn start(function: &Function, number: u32) -> Result<Self, InvokeError> {
        let failed = |error: std::io::Error| InvokeError::Init(error.to_string());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?.to_string();
        let (deliveries, received) = mpsc::channel(1);
        let arn = format!(
            "arn:aws:lambda:{}:123456789012:function:{}",
            function.region, function.name
        );
        let api = Arc::new(RuntimeApi::new(received, arn));
        let mut asked = api.asked();
        let answering = Arc::clone(&api);
        let listening = tokio::spawn(listener::serve(
            listener,
            function.acknowledgement,
            move |request, _| {
                let api = Arc::clone(&answering);
                async move { api.handle(request).await }
            },
        ));
        let began = Instant::now();
        let mut processes = Processes::start(function, number, &address).map_err(failed)?;
        let ready = async {
            tokio::select! {
                // The sender lives as long as the API.
                _ = asked.wait_for(|times| *times > 0) => Ok(()),
                how = processes.one_ended() => Err(how),
            }
        };
        let started = tokio::time::timeout(INIT_TIMEOUT, ready)
            .await
            .unwrap_or_else(|_| Err("it did not ask for work in time".into()));
        if let Err(how) = started {
            processes.end().await;
            listening.abort();
            let said = api
                .init_error()
                .map_or(how.clone(), |said| format!("{how}: {said}"));
            return Err(InvokeError::Init(said));
        }
        let init = began.elapsed();
        let group = processes.group();
        let ending = Arc::new(OnceLock::new());
        let watching = tokio::spawn(watch(processes, Arc::clone(&api), Arc::clone(&ending)));
        Ok(Self {
            number,
            init,
            group,
            deliveries,
            asked: api.asked(),
            api,
            ending,
            watching,
            listening,
        })
    }

    /// The program's process id.
    pub(super) fn program(&self) -> u32 {
        self.group.program
    }

    /// Whether it can take no more work.
    pub(super) fn has_ended(&self) -> bool {
        self.ending.get().is_some() || self.watching.is_finished()
    }

    pub(super) fn freeze(&self) {
        self.group.freeze();
    }

    /// Hands out an invocation; returns once the answer has begun.
    pub(super) async fn invoke(
        &self,
        invocation: Invocation,
        timeout: Duration,
    ) -> Result<Answer, InvokeError> {
        let (answer, answered) = oneshot::channel();
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let delivery = Delivery {
            invocation,
            deadline_ms: (now + timeout).as_millis(),
            answer,
        };
        self.group.thaw();
        if self.deliveries.send(delivery).await.is_err() {
            return Err(self.why());
        }
        answered.await.unwrap_or_else(|_| Err(self.why()))
    }

    fn why(&self) -> InvokeError {
        self.ending.get().cloned().unwrap_or(InvokeError::Ended)
    }

    /// How often it has asked for work.
    pub(super) fn times_asked(&self) -> u64 {
        *self.asked.borrow()
    }

    /// Waits until it asks for work again. `false` if it ends, or takes longer than `timeout` and is
    /// ended.
    pub(super) async fn is_free_again(&self, times_before: u64, timeout: Duration) -> bool {
        let mut asked = self.asked.clone();
        let waiting = asked.wait_for(|times| *times > times_before);
        if tokio::time::timeout(timeout, waiting).await.is_err() {
            self.end(&InvokeError::TimedOut);
        }
        !self.has_ended()
    }

    /// Ends it now, for this reason.
    pub(super) fn end(&self, why: &InvokeError) {
        let _ = self.ending.set(why.clone());
        self.api.give_up(why);
        self.group.kill();
    }
}

/// Ends an environment after the first of its processes has ended.
async fn watch(mut processes: Processes, api: Arc<RuntimeApi>, ending: Arc<OnceLock<InvokeError>>) {
    processes.one_ended().await;
    let is_first = ending.set(InvokeError::Ended).is_ok();
    if is_first {
        let mut asked = api.asked();
        let _ = tokio::time::timeout(LAST_WORDS, asked.changed()).await;
    }
    processes.end().await;
    api.give_up(&ending.get().cloned().unwrap_or(InvokeError::Ended));
}
