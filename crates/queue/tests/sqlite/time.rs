//! When jobs are found, and when they are forgotten.

use std::time::Duration;

use tidewire_domain::{JobQueue, QueueError};
use tokio::time::{Instant, advance};

use crate::scene::{MINUTE, NONE, Place, enqueue};

#[tokio::test(start_paused = true)]
async fn a_worker_is_told_at_once_of_a_job_of_its_own_process() {
    let place = Place::new();
    let queue = place.open();
    let began = Instant::now();
    let (found, ()) = tokio::join!(
        biased;
        queue.receive(1, MINUTE, MINUTE),
        enqueue(&queue),
    );
    assert_eq!(found.unwrap().len(), 1);
    assert_eq!(began.elapsed(), NONE);
}

#[tokio::test(start_paused = true)]
async fn a_job_of_another_process_is_found_within_a_tenth_of_a_second() {
    let place = Place::new();
    let (queue, other) = (place.open(), place.open());
    let began = Instant::now();
    let (found, ()) = tokio::join!(
        biased;
        queue.receive(1, MINUTE, MINUTE),
        enqueue(&other),
    );
    assert_eq!(found.unwrap().len(), 1);
    assert!(began.elapsed() <= Duration::from_millis(101), "{began:?}");
}

#[tokio::test(start_paused = true)]
async fn a_delayed_job_comes_at_its_moment() {
    let place = Place::new();
    let queue = place.open();
    let job = crate::scene::job();
    let delay = Duration::from_millis(1234);
    queue.enqueue(&job, delay).await.unwrap();
    let began = Instant::now();
    assert_eq!(queue.receive(1, MINUTE, MINUTE).await.unwrap().len(), 1);
    let waited = began.elapsed();
    assert!((delay..delay * 2).contains(&waited), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_late_has_lost_its_delivery() {
    let place = Place::new();
    let queue = place.open();
    enqueue(&queue).await;
    let second = Duration::from_secs(1);
    let late = queue.receive(1, NONE, second).await.unwrap().remove(0);
    advance(second).await;
    // Nobody has it yet, but anybody may.
    let is_lost = |said| matches!(said, Err(QueueError::ReceiptLost));
    assert!(is_lost(queue.extend(&late.receipt, MINUTE).await));
    assert!(is_lost(queue.give_back(&late.receipt, MINUTE).await));
    let current = queue.receive(1, NONE, MINUTE).await.unwrap().remove(0);
    assert!(is_lost(queue.extend(&late.receipt, MINUTE).await));
    assert!(is_lost(queue.bury(&late, "late").await));
    queue.complete(&[late.receipt]).await.unwrap();
    queue.extend(&current.receipt, MINUTE).await.unwrap();
    assert_eq!(queue.stats().await.unwrap().dead, 0);
}

#[tokio::test(start_paused = true)]
async fn what_was_done_in_time_for_nobody_else_is_done() {
    let place = Place::new();
    let queue = place.open();
    enqueue(&queue).await;
    let second = Duration::from_secs(1);
    let late = queue.receive(1, NONE, second).await.unwrap().remove(0);
    advance(second).await;
    queue.complete(&[late.receipt]).await.unwrap();
    assert_eq!(queue.receive(1, NONE, MINUTE).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn the_age_of_the_oldest_job_is_how_long_it_has_been_ready() {
    let place = Place::new();
    let queue = place.open();
    assert_eq!(queue.stats().await.unwrap().oldest_age, None);
    let job = crate::scene::job();
    queue.enqueue(&job, MINUTE).await.unwrap();
    assert_eq!(queue.stats().await.unwrap().oldest_age, None);
    advance(MINUTE * 3).await;
    enqueue(&queue).await;
    let oldest_age = queue.stats().await.unwrap().oldest_age;
    assert_eq!(oldest_age, Some(MINUTE * 2));
}

#[tokio::test(start_paused = true)]
async fn dead_letters_are_kept_for_two_weeks() {
    let place = Place::new();
    let queue = place.open();
    let bury = async || {
        enqueue(&queue).await;
        let delivery = queue.receive(1, NONE, MINUTE).await.unwrap().remove(0);
        queue.bury(&delivery, "broken").await.unwrap();
        delivery.id
    };
    let old = bury().await;
    advance(Duration::from_hours(14 * 24)).await;
    let young = bury().await;
    let ids = async || {
        let dead = queue.dead_jobs(10).await.unwrap();
        dead.iter().map(|dead| dead.id).collect::<Vec<_>>()
    };
    assert_eq!(ids().await, [young, old]);
    advance(Duration::from_secs(1)).await;
    assert_eq!(ids().await, [young]);
    assert_eq!(queue.stats().await.unwrap().dead, 1);
}
