//! Brings the logs of all turns of this process to the store, together: one commit for all that is
//! due, one question for all that is silent.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tidewire_domain::{Append, Appended, Holder, Store, StoreError, Timestamp, TurnId};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};
use tracing::warn;

use crate::{
    TurnLimits,
    cancellation::Cancel,
    log::{TurnLog, Urgency},
};

/// How often due batches are gathered. Shorter costs commits, longer makes them lumpy.
const GATHER_EVERY: Duration = Duration::from_millis(25);
/// How long the store may fail before the turns give up on it.
const FAILURE_PATIENCE: Duration = Duration::from_secs(10);
/// How long a failed batch waits for its next try.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// The turns that this process produces, and the batches that wait.
pub(crate) struct Flusher {
    store: Arc<dyn Store>,
    holder: Holder,
    flush_interval: Duration,
    queues: Mutex<Queues>,
    wake: Notify,
}

#[derive(Default)]
struct Queues {
    running: HashMap<TurnId, Arc<TurnLog>>,
    /// Turns that ended here while the store did not take it.
    abandoned: HashSet<TurnId>,
    /// In order of their time, since all wait equally long.
    soon: VecDeque<(Instant, Arc<TurnLog>)>,
    now: Vec<Arc<TurnLog>>,
}

impl Flusher {
    pub(crate) fn new(store: Arc<dyn Store>, holder: Holder, limits: &TurnLimits) -> Self {
        Self {
            store,
            holder,
            flush_interval: limits.flush_interval,
            queues: Mutex::default(),
            wake: Notify::new(),
        }
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, log: Arc<TurnLog>) {
        self.queues().running.insert(log.key.turn_id, log);
        self.wake.notify_one();
    }

    pub(crate) fn remove(&self, id: TurnId) {
        let mut queues = self.queues();
        queues.running.remove(&id);
        if queues.running.is_empty() {
            // Thousands of turns may have been here.
            *queues = Queues {
                abandoned: std::mem::take(&mut queues.abandoned),
                ..Queues::default()
            };
        }
    }

    /// Leaves the end of a turn to the reaper: the store did not take it.
    pub(crate) fn abandon(&self, id: TurnId) {
        self.queues().abandoned.insert(id);
    }

    pub(crate) fn has_abandoned(&self, id: TurnId) -> bool {
        self.queues().abandoned.contains(&id)
    }

    pub(crate) fn forget_abandoned(&self, id: TurnId) {
        self.queues().abandoned.remove(&id);
    }

    pub(crate) fn find(&self, id: TurnId) -> Option<Arc<TurnLog>> {
        self.queues().running.get(&id).cloned()
    }

    pub(crate) fn running(&self) -> Vec<Arc<TurnLog>> {
        self.queues().running.values().cloned().collect()
    }

    /// Takes note of what [`TurnLog::append`] said.
    pub(crate) fn queue(&self, log: &Arc<TurnLog>, urgency: Option<Urgency>) {
        match urgency {
            None => {}
            Some(Urgency::Soon) => {
                let due = Instant::now() + self.flush_interval;
                self.queues().soon.push_back((due, Arc::clone(log)));
            }
            Some(Urgency::Now) => {
                self.queues().now.push(Arc::clone(log));
                self.wake.notify_one();
            }
        }
    }

    /// Runs until the process ends.
    pub(crate) async fn run(&self) {
        let mut next_gathering = Instant::now();
        let mut next_renewal = Instant::now();
        let mut failing_since = None;
        loop {
            if self.queues().running.is_empty() {
                self.wake.notified().await;
                next_renewal = Instant::now() + self.flush_interval;
            }
            tokio::select! {
                () = self.wake.notified() => {}
                () = sleep_until(next_gathering) => {}
            }
            let now = Instant::now();
            let logs = self.take_due(now, now >= next_gathering);
            if now >= next_gathering {
                next_gathering = now + GATHER_EVERY;
            }
            self.store_batches(logs, &mut failing_since).await;
            if Instant::now() >= next_renewal {
                next_renewal = Instant::now() + self.flush_interval;
                self.renew().await;
            }
        }
    }

    fn take_due(&self, now: Instant, gather: bool) -> Vec<Arc<TurnLog>> {
        let mut queues = self.queues();
        let mut logs = std::mem::take(&mut queues.now);
        while gather && queues.soon.front().is_some_and(|(due, _)| *due <= now) {
            logs.extend(queues.soon.pop_front().map(|(_, log)| log));
        }
        logs
    }

    async fn store_batches(&self, logs: Vec<Arc<TurnLog>>, failing_since: &mut Option<Instant>) {
        let mut taken = Vec::with_capacity(logs.len());
        let mut appends = Vec::with_capacity(logs.len());
        for log in logs {
            if let Some(batch) = log.take_batch() {
                appends.push(Append {
                    key: log.key.clone(),
                    epoch: log.epoch,
                    batch,
                });
                taken.push(log);
            }
        }
        if appends.is_empty() {
            return;
        }
        match self
            .store
            .append(&self.holder, appends, Timestamp::now())
            .await
        {
            Ok(outcomes) => {
                *failing_since = None;
                for (log, outcome) in taken.iter().zip(outcomes) {
                    settle(log, outcome);
                }
            }
            Err(error) => self.keep_for_later(taken, &error, failing_since),
        }
    }

    fn keep_for_later(
        &self,
        taken: Vec<Arc<TurnLog>>,
        error: &StoreError,
        failing_since: &mut Option<Instant>,
    ) {
        let now = Instant::now();
        let since = *failing_since.get_or_insert_with(|| {
            warn!(%error, turns = taken.len(), "cannot store turn events");
            now
        });
        let give_up = matches!(error, StoreError::Full) || now - since >= FAILURE_PATIENCE;
        for log in taken {
            log.settle_batch(false);
            if give_up {
                log.cancellation.cancel(Cancel::StoreFailed);
            } else {
                self.queues().soon.push_front((now + RETRY_AFTER, log));
            }
        }
    }

    async fn renew(&self) {
        let silent: Vec<_> = self
            .queues()
            .running
            .values()
            .filter(|log| log.take_silence())
            .map(|log| (log.key.clone(), log.epoch))
            .collect();
        if silent.is_empty() {
            return;
        }
        match self
            .store
            .renew(&self.holder, silent, Timestamp::now())
            .await
        {
            Ok(renewal) => {
                for id in renewal.stop_requested {
                    if let Some(log) = self.find(id) {
                        log.cancellation.cancel(Cancel::Stopped);
                    }
                }
                for id in renewal.lost {
                    if let Some(log) = self.find(id) {
                        log.cancellation.cancel(Cancel::LeaseLost);
                    }
                }
            }
            Err(error) => warn!(%error, "cannot renew leases"),
        }
    }
}

fn settle(log: &TurnLog, outcome: Appended) {
    match outcome {
        Appended::Stored { stop_requested } => {
            log.settle_batch(true);
            if stop_requested {
                log.cancellation.cancel(Cancel::Stopped);
            }
        }
        Appended::LeaseLost => {
            log.settle_batch(false);
            log.cancellation.cancel(Cancel::LeaseLost);
        }
    }
}
