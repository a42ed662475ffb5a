//! When tokens come.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures_util::StreamExt;
use tidewire_domain::{ChatModel, ModelEvent};
use tokio::time::{Instant, sleep};

use crate::{model, question};

const QUESTION: &str = "how do I stop an answer";

#[tokio::test(start_paused = true)]
async fn tokens_come_at_their_pace_and_delays_do_not_add_up() {
    let model = model(10.0);
    model.warm();
    let mut stream = model.stream(question(QUESTION)).await.expect("an answer");
    let start = Instant::now();
    let mut token = 0_u32;
    while let Some(event) = stream.next().await {
        if !matches!(event, Ok(ModelEvent::TextDelta(_))) {
            continue;
        }
        let due = Duration::from_millis(100) * token;
        let late = start.elapsed().checked_sub(due).expect("none comes early");
        assert!(late <= Duration::from_millis(31), "token {token}: {late:?}");
        token += 1;
        // A reader that takes its time makes no token after this one late.
        sleep(Duration::from_millis(30)).await;
    }
    assert!(token > 20);
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_of_the_reader_what_is_due_comes_at_once() {
    let model = model(1.0);
    model.warm();
    let mut stream = model.stream(question(QUESTION)).await.expect("an answer");
    stream.next().await;
    sleep(Duration::from_millis(10_500)).await;
    let before = Instant::now();
    let mut texts = 0;
    while texts < 10 {
        let event = stream.next().await.expect("more");
        texts += u32::from(matches!(event, Ok(ModelEvent::TextDelta(_))));
    }
    assert_eq!(before.elapsed(), Duration::ZERO);
    while !matches!(stream.next().await, Some(Ok(ModelEvent::TextDelta(_)))) {}
    assert_eq!(before.elapsed(), Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn without_a_pace_nothing_waits_and_other_tasks_get_their_turn() {
    for pace in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let model = model(pace);
        model.warm();
        let mut stream = model.stream(question(QUESTION)).await.expect("an answer");
        let mut context = Context::from_waker(Waker::noop());
        let (mut tokens, mut pauses) = (0_u32, 0_u32);
        loop {
            match stream.poll_next_unpin(&mut context) {
                Poll::Ready(Some(Ok(ModelEvent::TextDelta(_)))) => tokens += 1,
                Poll::Ready(Some(_)) => {}
                Poll::Ready(None) => break,
                Poll::Pending => pauses += 1,
            }
        }
        assert!(tokens > 64);
        assert_eq!(pauses, (tokens - 1) / 64);
    }
}

#[tokio::test]
async fn a_stream_that_has_ended_stays_ended() {
    let mut stream = model(0.0)
        .stream(question("hello"))
        .await
        .expect("an answer");
    while stream.next().await.is_some() {}
    assert!(stream.next().await.is_none());
}

#[test]
fn making_the_model_reads_nothing_and_a_warm_one_answers_without_waiting() {
    let model = model(0.0);
    model.warm();
    // No runtime: neither the search nor the stream asks for one.
    let mut answer = pin!(model.stream(question(QUESTION)));
    let mut context = Context::from_waker(Waker::noop());
    assert!(matches!(
        answer.as_mut().poll(&mut context),
        Poll::Ready(Ok(_))
    ));
}
