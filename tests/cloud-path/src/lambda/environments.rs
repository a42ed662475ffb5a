//! All environments of a function: one per invocation at a time, more of them in a burst.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use super::{
    environment::Environment,
    function::Function,
    invocation::{Answer, Invocation, InvokeError},
};
use crate::trace::Trace;

/// The last lines of a log, which mostly say why.
fn end_of(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(5)..];
    format!("  {}", last.join("\n  "))
}

type Begun = oneshot::Sender<Result<Answer, InvokeError>>;

/// A function with its environments. They end when this is dropped.
#[derive(Debug, Clone)]
pub struct Environments(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    function: Function,
    trace: Trace,
    pool: Mutex<Pool>,
}

#[derive(Debug, Default)]
struct Pool {
    /// Those that wait, the one that was used last at the end.
    idle: Vec<Arc<Environment>>,
    busy: Vec<Arc<Environment>>,
    /// Those that are coming up.
    starting: usize,
    started: u32,
}

/// What is known of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentStatus {
    /// Its number, from 1.
    pub number: u32,
    /// The program's process id.
    pub program: u32,
    /// Whether it works on an invocation.
    pub is_busy: bool,
    /// From the start of its processes to its first request for work.
    pub init: std::time::Duration,
}

impl Environments {
    /// A function without an environment yet.
    pub fn new(function: Function, trace: Trace) -> Self {
        Self(Arc::new(Shared {
            function,
            trace,
            pool: Mutex::default(),
        }))
    }

    /// The function.
    pub fn function(&self) -> &Function {
        &self.0.function
    }

    /// Those that live.
    pub fn list(&self) -> Vec<EnvironmentStatus> {
        let pool = self.pool();
        let of = |environments: &[Arc<Environment>], is_busy| {
            let alive = environments.iter().filter(|one| !one.has_ended());
            alive
                .map(|one| EnvironmentStatus {
                    number: one.number,
                    program: one.program(),
                    is_busy,
                    init: one.init,
                })
                .collect::<Vec<_>>()
        };
        let mut all = of(&pool.idle, false);
        all.extend(of(&pool.busy, true));
        all.sort_by_key(|one| one.number);
        all
    }

    /// Ends all environments, as a new deployment does.
    pub fn recycle(&self) {
        let mut pool = self.pool();
        let busy = std::mem::take(&mut pool.busy);
        for environment in pool.idle.drain(..).chain(busy) {
            environment.end(&InvokeError::Ended);
        }
    }

    /// Invokes the function: in an environment that waits, else in a new one. It runs to its end
    /// whether or not anybody waits for the answer.
    pub async fn invoke(&self, invocation: Invocation) -> Result<Answer, InvokeError> {
        let (begun, begins) = oneshot::channel();
        let this = self.clone();
        tokio::spawn(async move { this.run(invocation, begun).await });
        begins.await.unwrap_or(Err(InvokeError::Ended))
    }

    async fn run(&self, invocation: Invocation, begun: Begun) {
        let id = invocation.request_id.clone();
        let environment = match self.take(&id).await {
            Ok(environment) => environment,
            Err(error) => {
                self.0.trace.say("lambda", &id, &error);
                let _ = begun.send(Err(error));
                return;
            }
        };
        let handed = format!("handed to environment {}", environment.number);
        self.0.trace.say("lambda", &id, handed);
        let times_before = environment.times_asked();
        let timeout = self.0.function.timeout;
        let answering = async {
            let answer = environment.invoke(invocation, timeout).await;
            let _ = begun.send(answer);
        };
        let until_free = environment.is_free_again(times_before, timeout);
        let ((), is_free) = tokio::join!(answering, until_free);
        self.release(&environment, is_free, &id);
    }

    /// One that waits, or a new one where there may be another.
    async fn take(&self, id: &str) -> Result<Arc<Environment>, InvokeError> {
        let number = {
            let mut pool = self.pool();
            pool.idle.retain(|one| !one.has_ended());
            if let Some(environment) = pool.idle.pop() {
                pool.busy.push(Arc::clone(&environment));
                return Ok(environment);
            }
            if pool.busy.len() + pool.starting >= self.0.function.concurrency {
                return Err(InvokeError::Throttled);
            }
            pool.starting += 1;
            pool.started += 1;
            pool.started
        };
        let started = Environment::start(&self.0.function, number).await;
        let mut pool = self.pool();
        pool.starting -= 1;
        let environment = Arc::new(started.inspect_err(|error| {
            let log = self.0.function.log_of(number);
            self.0.trace.warn(format_args!(
                "Environment {number}: {error}. The end of {}:\n{}",
                log.display(),
                end_of(&log)
            ));
        })?);
        pool.busy.push(Arc::clone(&environment));
        drop(pool);
        let init = environment.init;
        let started = format!("environment {number} started in {init:.1?}");
        self.0.trace.say("lambda", id, started);
        Ok(environment)
    }

    fn release(&self, environment: &Arc<Environment>, is_free: bool, id: &str) {
        let mut pool = self.pool();
        pool.busy.retain(|one| one.number != environment.number);
        let number = environment.number;
        if !is_free {
            self.0
                .trace
                .say("lambda", id, format_args!("environment {number} is gone"));
            return;
        }
        if self.0.function.freezes {
            environment.freeze();
        }
        pool.idle.push(Arc::clone(environment));
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.0.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
