//! The loop that takes jobs and runs them.

use std::{
    future::{Future, pending},
    panic::AssertUnwindSafe,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt;
use tidewire_domain::{Delivery, Job, JobQueue, MAX_DELIVERIES, QueueError, Receipt};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tracing::{error, info, warn};

use crate::{
    Metrics,
    backoff::backoff,
    finisher::finish,
    job::{JobHandler, Outcome},
};

/// How far a worker goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerLimits {
    /// Jobs that run at the same time; at least 1.
    pub concurrency: usize,
    /// How long a job is kept from other workers; renewed three times as often.
    pub visibility: Duration,
    /// The longest run of one job.
    pub longest_job: Duration,
    /// How long running jobs may go on after the worker was asked to end.
    pub grace: Duration,
}

impl Default for WorkerLimits {
    fn default() -> Self {
        Self {
            concurrency: 4,
            visibility: Duration::from_mins(1),
            longest_job: Duration::from_mins(30),
            // What Fargate gives by default is 30 s until SIGKILL; the rest is for giving back.
            grace: Duration::from_secs(25),
        }
    }
}

/// How long one call waits for jobs: the longest poll of SQS.
const POLL: Duration = Duration::from_secs(20);
/// The pause after a queue that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// What one call hands out at most.
const MOST: usize = 10;

/// Takes jobs from a queue and has them done.
pub struct Worker {
    queue: Arc<dyn JobQueue>,
    handler: Arc<dyn JobHandler>,
    limits: WorkerLimits,
    metrics: Arc<Metrics>,
}

impl Worker {
    /// A worker. It does nothing until [`Worker::run`].
    pub fn new(
        queue: Arc<dyn JobQueue>,
        handler: Arc<dyn JobHandler>,
        limits: WorkerLimits,
    ) -> Self {
        Self {
            queue,
            handler,
            limits,
            metrics: Arc::default(),
        }
    }

    /// What it counts.
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// Works until `shutdown`, then takes nothing more, lets running jobs end within the grace, and
    /// gives the others back at once.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let (finished, receipts) = mpsc::unbounded_channel();
        let ending = tokio::spawn(finish(Arc::clone(&self.queue), receipts));
        let (give_back, is_giving_back) = watch::channel(false);
        let desk = Arc::new(Desk {
            queue: Arc::clone(&self.queue),
            handler: self.handler,
            limits: self.limits,
            metrics: self.metrics,
            finished,
            is_giving_back,
        });
        let slots = Arc::new(Semaphore::new(self.limits.concurrency.max(1)));
        let mut running = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let taken = tokio::select! {
                biased;
                () = &mut shutdown => break,
                taken = take(&desk, &slots) => taken,
            };
            while running.try_join_next().is_some() {}
            for delivery in taken {
                // There is one: `take` counted them, and only this loop takes any.
                let slot = Arc::clone(&slots).acquire_owned().await;
                let desk = Arc::clone(&desk);
                running.spawn(async move {
                    desk.work(delivery).await;
                    drop(slot);
                });
            }
        }
        let grace = self.limits.grace;
        info!(jobs = running.len(), "the worker takes no more jobs");
        if timeout(grace, drain(&mut running)).await.is_err() {
            let _ = give_back.send(true);
            drain(&mut running).await;
        }
        drop(desk);
        let _ = ending.await;
    }
}

async fn drain(running: &mut JoinSet<()>) {
    while running.join_next().await.is_some() {}
}

/// Takes as many jobs as there is room for. Dropped at shutdown while it waits: what a remote queue
/// handed out to a call that was dropped comes again after its visibility.
async fn take(desk: &Desk, slots: &Semaphore) -> Vec<Delivery> {
    // Waits until there is room at all, and holds none of it.
    drop(slots.acquire().await);
    let room = slots.available_permits().clamp(1, MOST);
    let max = u32::try_from(room).unwrap_or(1);
    match desk.queue.receive(max, POLL, desk.limits.visibility).await {
        Ok(taken) => taken,
        Err(failure) => {
            warn!(%failure, "cannot take jobs from the queue");
            sleep(AFTER_FAILURE).await;
            Vec::new()
        }
    }
}

/// Where one job is worked on.
struct Desk {
    queue: Arc<dyn JobQueue>,
    handler: Arc<dyn JobHandler>,
    limits: WorkerLimits,
    metrics: Arc<Metrics>,
    finished: mpsc::UnboundedSender<Receipt>,
    is_giving_back: watch::Receiver<bool>,
}

impl Desk {
    async fn work(&self, delivery: Delivery) {
        let _in_flight = self.metrics.begin();
        let job = match &delivery.job {
            Ok(job) => job,
            Err(text) => {
                let length = text.len();
                error!(id = %delivery.id, length, "a job of another release cannot be read");
                let reason = "This release cannot read the job: a newer one may.";
                return self.bury(&delivery, None, reason).await;
            }
        };
        let name = job.name();
        let outcome = tokio::select! {
            biased;
            () = self.keep(&delivery.receipt) => {
                warn!(id = %delivery.id, name, "lost a job: another worker may have it");
                return;
            }
            () = self.giving_back() => {
                self.give_back(&delivery, Duration::ZERO).await;
                return;
            }
            outcome = self.run(job) => outcome,
        };
        match outcome {
            Outcome::Done => {
                self.metrics.count_done();
                // The finisher lives as long as any desk.
                let _ = self.finished.send(delivery.receipt);
            }
            Outcome::Retry { reason, .. } if delivery.attempt >= MAX_DELIVERIES => {
                warn!(id = %delivery.id, name, reason, "gave a job up");
                self.bury(&delivery, Some(job), &reason).await;
            }
            Outcome::Retry { reason, after } => {
                info!(id = %delivery.id, name, attempt = delivery.attempt, reason, "a job is to be tried again");
                let spread = delivery.id.to_string().bytes().fold(0, u8::wrapping_add);
                let delay = after.unwrap_or_else(|| backoff(delivery.attempt, spread));
                self.metrics.count_retried();
                self.give_back(&delivery, delay).await;
            }
        }
    }

    async fn run(&self, job: &Job) -> Outcome {
        let trying = AssertUnwindSafe(self.handler.run(job)).catch_unwind();
        match timeout(self.limits.longest_job, trying).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Outcome::retry("Something went wrong in the worker. Its log has more."),
            Err(_) => Outcome::retry("It took too long."),
        }
    }

    /// Renews the visibility for as long as it is polled; returns once the delivery is lost.
    async fn keep(&self, receipt: &Receipt) {
        loop {
            sleep(self.limits.visibility / 3).await;
            match self.queue.extend(receipt, self.limits.visibility).await {
                Ok(()) => {}
                Err(QueueError::ReceiptLost) => return,
                Err(failure) => warn!(%failure, "cannot renew a job's visibility"),
            }
        }
    }

    /// Returns once jobs are to be given back.
    async fn giving_back(&self) {
        let mut is_giving_back = self.is_giving_back.clone();
        if is_giving_back.wait_for(|asked| *asked).await.is_err() {
            pending::<()>().await;
        }
    }

    async fn give_back(&self, delivery: &Delivery, delay: Duration) {
        match self.queue.give_back(&delivery.receipt, delay).await {
            Ok(()) | Err(QueueError::ReceiptLost) => {}
            Err(failure) => {
                warn!(%failure, id = %delivery.id, "cannot give a job back: it comes again after its visibility");
            }
        }
    }

    async fn bury(&self, delivery: &Delivery, job: Option<&Job>, reason: &str) {
        self.metrics.count_failed();
        // Before the job goes: whoever dies in between shows the reason again.
        if let Some(job) = job {
            self.handler.give_up(job, reason).await;
        }
        match self.queue.bury(delivery, reason).await {
            Ok(()) | Err(QueueError::ReceiptLost) => {}
            Err(failure) => {
                warn!(%failure, id = %delivery.id, "cannot move a job to the dead letters: the queue does");
            }
        }
    }
}
