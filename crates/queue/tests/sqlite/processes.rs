//! Workers in processes of their own, on one file.

use std::{
    collections::{HashMap, HashSet},
    env,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tidewire_domain::{JobQueue, QueueStats};
use tidewire_queue::SqliteQueue;

use crate::scene::{MINUTE, NONE, Place, enqueue};

/// Runs [`worker`] in a process of its own.
fn spawn(path: &Path, visibility: Duration) -> Child {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "processes::worker", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdin = child.stdin.as_mut().unwrap();
    writeln!(stdin, "{} {}", visibility.as_millis(), path.display()).unwrap();
    child
}

/// Takes jobs until there are none, and tells of each one that it took and then ended.
#[tokio::test]
#[ignore = "the other tests start it"]
async fn worker() {
    let order = io::stdin().lines().next().transpose().unwrap();
    let order = order.unwrap_or_default();
    let Some((millis, path)) = order.split_once(' ') else {
        return;
    };
    let visibility = Duration::from_millis(millis.parse().unwrap());
    let queue = SqliteQueue::open(Path::new(path)).unwrap();
    loop {
        let found = queue.receive(1, NONE, visibility).await.unwrap();
        let Some(delivery) = found.into_iter().next() else {
            return;
        };
        writeln!(io::stdout(), "took {}", delivery.id).unwrap();
        queue.complete(&[delivery.receipt]).await.unwrap();
        writeln!(io::stdout(), "ended {}", delivery.id).unwrap();
    }
}

/// How often each line was told, until the child's end or until `kill_after` so many lines.
fn listen(mut child: Child, kill_after: Option<usize>) -> HashMap<String, usize> {
    let mut told = HashMap::new();
    let mut lines = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some(at) = line.find("took ").or(line.find("ended ")) else {
            continue;
        };
        *told.entry(line[at..].to_owned()).or_default() += 1;
        lines += 1;
        if Some(lines) == kill_after {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    told
}

#[tokio::test]
async fn of_many_processes_one_gets_a_job() {
    const JOBS: usize = 200;
    let place = Place::new();
    let queue = SqliteQueue::open(&place.path()).unwrap();
    for _ in 0..JOBS {
        enqueue(&queue).await;
    }
    let children: Vec<_> = (0..4).map(|_| spawn(&place.path(), MINUTE)).collect();
    let mut told: HashMap<String, usize> = HashMap::new();
    for child in children {
        for (line, times) in listen(child, None) {
            *told.entry(line).or_default() += times;
        }
    }
    assert_eq!(told.len(), 2 * JOBS);
    assert!(told.values().all(|times| *times == 1));
    assert_eq!(queue.stats().await.unwrap(), QueueStats::default());
}

#[tokio::test]
async fn a_job_of_a_killed_worker_comes_again() {
    let place = Place::new();
    let queue = SqliteQueue::open(&place.path()).unwrap();
    for _ in 0..100 {
        enqueue(&queue).await;
    }
    let mut ended = HashSet::new();
    for lines in [1, 4, 7] {
        let told = listen(spawn(&place.path(), Duration::from_millis(1)), Some(lines));
        ended.extend(told.into_keys().filter(|line| line.starts_with("ended ")));
    }
    let mut left = 0;
    while let Some(delivery) = queue.receive(1, NONE, MINUTE).await.unwrap().pop() {
        assert!(!ended.contains(&format!("ended {}", delivery.id)));
        queue.complete(&[delivery.receipt]).await.unwrap();
        left += 1;
    }
    // Each may have ended one of which it could not tell any more.
    let all = left + ended.len();
    assert!((97..=100).contains(&all), "{left} and {}", ended.len());
    let stats = queue.stats().await.unwrap();
    assert_eq!((stats.in_flight, stats.dead), (0, 0));
}
