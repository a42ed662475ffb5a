//! The loop, with a real queue and jobs that do what the test says.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tempfile::TempDir;
use tidewire_domain::{Job, JobQueue, PrincipalId, Timestamp};
use tidewire_queue::SqliteQueue;
use tidewire_worker::{JobHandler, Metrics, Outcome, Worker, WorkerLimits};
use tokio::{
    sync::{Semaphore, oneshot},
    task::JoinHandle,
    time::timeout,
};

/// Only a failing test waits so long.
const LONGEST: Duration = Duration::from_secs(20);
const NOW: Duration = Duration::ZERO;

/// What a job does is said by the name of its principal.
struct Script {
    told: Mutex<Vec<String>>,
    given_up: Mutex<Vec<(String, String)>>,
    running: AtomicUsize,
    most_running: AtomicUsize,
    /// What jobs named `wait` wait for.
    gate: Semaphore,
}

impl Script {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            told: Mutex::default(),
            given_up: Mutex::default(),
            running: AtomicUsize::new(0),
            most_running: AtomicUsize::new(0),
            gate: Semaphore::new(0),
        })
    }

    fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }
}

/// Counts down also where its future is dropped.
struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl JobHandler for Script {
    async fn run(&self, job: &Job) -> Outcome {
        let Job::DeleteUserData { principal } = job else {
            panic!("{job:?}");
        };
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_running.fetch_max(running, Ordering::SeqCst);
        let _running = Running(&self.running);
        self.told.lock().unwrap().push(principal.to_string());
        match principal.as_str() {
            "fail" => Outcome::Retry {
                reason: "The test says so.".into(),
                after: Some(NOW),
            },
            "panic" => panic!("the test says so"),
            "hang" => std::future::pending().await,
            "wait" => {
                self.gate.acquire().await.unwrap().forget();
                Outcome::Done
            }
            _ => Outcome::Done,
        }
    }

    async fn give_up(&self, job: &Job, reason: &str) {
        let Job::DeleteUserData { principal } = job else {
            panic!("{job:?}");
        };
        let said = (principal.to_string(), reason.to_owned());
        self.given_up.lock().unwrap().push(said);
    }
}

struct Scene {
    queue: Arc<SqliteQueue>,
    script: Arc<Script>,
    metrics: Arc<Metrics>,
    stop: Option<oneshot::Sender<()>>,
    worker: JoinHandle<()>,
    dir: Arc<TempDir>,
}

impl Scene {
    fn start(limits: WorkerLimits) -> Self {
        Self::start_on(Arc::new(tempfile::tempdir().unwrap()), limits)
    }

    fn start_on(dir: Arc<TempDir>, limits: WorkerLimits) -> Self {
        let queue = Arc::new(SqliteQueue::open(&dir.path().join("queue.db")).unwrap());
        let script = Script::new();
        let handler: Arc<dyn JobHandler> = script.clone();
        let worker = Worker::new(queue.clone(), handler, limits);
        let metrics = worker.metrics();
        let (stop, stopped) = oneshot::channel::<()>();
        let worker = tokio::spawn(worker.run(async {
            let _ = stopped.await;
        }));
        Self {
            queue,
            script,
            metrics,
            stop: Some(stop),
            worker,
            dir,
        }
    }

    async fn add(&self, name: &str) {
        let principal = PrincipalId::new(name);
        let job = Job::DeleteUserData { principal };
        self.queue.enqueue(&job, NOW).await.unwrap();
    }

    /// Waits until this holds.
    async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !holds(self) {
                tokio::task::yield_now().await;
            }
        };
        timeout(LONGEST, waiting)
            .await
            .unwrap_or_else(|_| panic!("{what}: {:?}", self.metrics.snapshot()));
    }

    async fn until_empty(&self) {
        let waiting = async {
            loop {
                let stats = self.queue.stats().await.unwrap();
                if stats.ready + stats.delayed + stats.in_flight == 0 {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(LONGEST, waiting).await.expect("an empty queue");
    }

    /// Asks it to end, and waits until it has.
    async fn stop(&mut self) {
        drop(self.stop.take());
        timeout(LONGEST, &mut self.worker)
            .await
            .expect("the worker ends")
            .unwrap();
    }
}

#[tokio::test]
async fn a_done_job_is_gone() {
    let mut scene = Scene::start(WorkerLimits::default());
    scene.add("ada").await;
    scene.until_empty().await;
    scene.stop().await;
    assert_eq!(scene.script.told(), ["ada"]);
    let counted = scene.metrics.snapshot();
    assert_eq!((counted.done, counted.in_flight, counted.failed), (1, 0, 0));
}

#[tokio::test]
async fn a_job_that_fails_five_times_goes_to_the_dead_letters_and_its_owner_is_told() {
    let mut scene = Scene::start(WorkerLimits::default());
    scene.add("fail").await;
    scene
        .until("given up", |scene| scene.metrics.snapshot().failed == 1)
        .await;
    scene.until_empty().await;
    scene.stop().await;
    assert_eq!(scene.script.told(), ["fail"; 5]);
    let given_up = scene.script.given_up.lock().unwrap().clone();
    assert_eq!(
        given_up,
        [("fail".to_owned(), "The test says so.".to_owned())]
    );
    let dead = scene.queue.dead_jobs(10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(
        (dead[0].attempts, dead[0].reason.as_str()),
        (5, "The test says so.")
    );
    assert_eq!(scene.metrics.snapshot().retried, 4);
}

#[tokio::test]
async fn a_job_that_panics_takes_nothing_with_it_and_comes_again() {
    let mut scene = Scene::start(WorkerLimits::default());
    scene.add("panic").await;
    scene
        .until("tried", |scene| scene.metrics.snapshot().retried == 1)
        .await;
    scene.add("ada").await;
    scene
        .until("done", |scene| scene.metrics.snapshot().done == 1)
        .await;
    let stats = scene.queue.stats().await.unwrap();
    assert_eq!((stats.delayed, stats.dead), (1, 0));
    scene.stop().await;
}

#[tokio::test]
async fn a_text_that_is_no_job_goes_to_the_dead_letters_at_once() {
    let mut scene = Scene::start(WorkerLimits::default());
    scene
        .queue
        .enqueue_text("{\"job\":\"of a newer release\"}".into())
        .await
        .unwrap();
    scene
        .until("given up", |scene| scene.metrics.snapshot().failed == 1)
        .await;
    scene.until_empty().await;
    scene.stop().await;
    assert_eq!(scene.queue.dead_jobs(10).await.unwrap()[0].attempts, 1);
    assert!(scene.script.told().is_empty());
}

#[tokio::test]
async fn no_more_jobs_run_than_there_is_room_for() {
    let limits = WorkerLimits {
        concurrency: 3,
        ..WorkerLimits::default()
    };
    let mut scene = Scene::start(limits);
    for _ in 0..10 {
        scene.add("wait").await;
    }
    scene
        .until("it is full", |scene| {
            scene.metrics.snapshot().in_flight == 3
        })
        .await;
    // What it took it works on: the others are there for other workers.
    assert_eq!(scene.queue.stats().await.unwrap().ready, 7);
    scene.script.gate.add_permits(10);
    scene.until_empty().await;
    scene.stop().await;
    assert_eq!(scene.script.told().len(), 10);
    assert_eq!(scene.script.most_running.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_worker_that_is_asked_to_end_lets_its_jobs_end_and_takes_no_more() {
    let limits = WorkerLimits {
        concurrency: 1,
        grace: LONGEST,
        ..WorkerLimits::default()
    };
    let mut scene = Scene::start(limits);
    scene.add("wait").await;
    scene
        .until("it runs", |scene| scene.metrics.snapshot().in_flight == 1)
        .await;
    scene.add("late").await;
    drop(scene.stop.take());
    scene.script.gate.add_permits(1);
    scene.stop().await;
    assert_eq!(scene.script.told(), ["wait"]);
    let stats = scene.queue.stats().await.unwrap();
    assert_eq!((stats.ready, stats.in_flight), (1, 0));
}

#[tokio::test]
async fn what_does_not_end_within_the_grace_is_given_back_at_once() {
    let limits = WorkerLimits {
        grace: NOW,
        ..WorkerLimits::default()
    };
    let mut scene = Scene::start(limits);
    scene.add("hang").await;
    scene
        .until("it runs", |scene| scene.metrics.snapshot().in_flight == 1)
        .await;
    scene.stop().await;
    let stats = scene.queue.stats().await.unwrap();
    assert_eq!((stats.ready, stats.in_flight), (1, 0));
    // Another worker has it.
    let mut other = Scene::start_on(Arc::clone(&scene.dir), limits);
    other
        .until("it runs there", |scene| {
            scene.metrics.snapshot().in_flight == 1
        })
        .await;
    other.stop().await;
}

#[tokio::test]
async fn a_job_that_runs_longer_than_its_visibility_stays_its_workers() {
    let limits = WorkerLimits {
        visibility: Duration::from_millis(300),
        ..WorkerLimits::default()
    };
    let mut scene = Scene::start(limits);
    let mut other = Scene::start_on(Arc::clone(&scene.dir), limits);
    scene.add("wait").await;
    let runs = |scene: &Scene| scene.metrics.snapshot().in_flight == 1;
    scene
        .until("one has it", |scene| runs(scene) || runs(&other))
        .await;
    let holder = if runs(&scene) { &scene } else { &other };
    // That time passes is what is tried.
    let began = std::time::Instant::now();
    let passed = |_: &Scene| began.elapsed() > limits.visibility * 5;
    scene.until("five visibilities pass", passed).await;
    holder.script.gate.add_permits(1);
    holder
        .until("done", |scene| scene.metrics.snapshot().done == 1)
        .await;
    scene.until_empty().await;
    let told = [scene.script.told(), other.script.told()].concat();
    assert_eq!(told, ["wait"]);
    scene.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn a_job_that_another_worker_took_is_dropped() {
    let limits = WorkerLimits {
        visibility: Duration::from_millis(300),
        ..WorkerLimits::default()
    };
    let mut scene = Scene::start(limits);
    scene.add("hang").await;
    scene
        .until("it runs", |scene| scene.metrics.snapshot().in_flight == 1)
        .await;
    // To another process it is an hour later: this worker has been silent for too long.
    let later = || Timestamp::from_millis(Timestamp::now().as_millis() + 3_600_000);
    let file = scene.dir.path().join("queue.db");
    let other = SqliteQueue::open(&file)
        .unwrap()
        .with_clock(Arc::new(later));
    let taken = other.receive(1, NOW, LONGEST).await.unwrap();
    assert_eq!(taken[0].attempt, 2);
    scene
        .until("it is dropped", |scene| {
            scene.script.running.load(Ordering::SeqCst) == 0
        })
        .await;
    scene.stop().await;
    let counted = scene.metrics.snapshot();
    assert_eq!((counted.done, counted.retried, counted.failed), (0, 0, 0));
}
