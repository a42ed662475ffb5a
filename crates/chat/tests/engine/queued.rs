//! Turns that one process begins and another produces.

use std::time::Duration;

use tidewire_chat::{TurnLimits, TurnRequest};
use tidewire_domain::{Conversation, FinishReason, Parent, Part, Store, TurnState};

use crate::scene::{Scene, message_text, read_all, reason_of, text_of};

fn question(conversation: &Conversation) -> TurnRequest {
    TurnRequest {
        conversation_id: conversation.id,
        parent: Parent::Newest,
        parts: vec![Part::Text {
            text: "hello".into(),
        }],
        model: None,
        idempotency: None,
    }
}

#[tokio::test]
async fn a_queued_turn_is_produced_once_however_often_it_is_delivered() {
    let app = Scene::new();
    let (worker, second) = (app.neighbour(), app.neighbour());
    let conversation = app.conversation().await;
    let request = question(&conversation);
    let (id, lease) = app
        .engine
        .begin_queued(&app.principal, request)
        .await
        .unwrap();
    let lease = lease.expect("it began");
    // Readers may be there before the worker is.
    let mut tail = app.engine.tail(&app.principal, id, 0).await.unwrap();
    let producing = async { worker.engine.run_queued(&lease).await.unwrap() };
    let answering = async {
        let call = worker.call().await;
        // It runs: a second delivery finds nothing to do.
        second.engine.run_queued(&lease).await.unwrap();
        call.text("late answer");
        call.finish();
    };
    let reading = read_all(&mut tail);
    let ((), (), seen) = tokio::join!(producing, answering, reading);
    assert_eq!(text_of(&seen), "late answer");
    assert_eq!(reason_of(&seen), Some(FinishReason::Stop));
    second.engine.run_queued(&lease).await.unwrap();
    let messages = app.messages(&conversation).await;
    assert_eq!(messages.len(), 2);
    assert_eq!(message_text(&messages[1]), "late answer");
}

#[tokio::test]
async fn a_turn_that_waits_in_a_queue_is_stopped_at_once() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let request = question(&conversation);
    let begun = scene.engine.begin_queued(&scene.principal, request).await;
    let (id, lease) = begun.unwrap();
    scene.engine.stop(&scene.principal, id).await.unwrap();
    let turn = scene.store.turn(&scene.principal, id).await.unwrap();
    assert_eq!(turn.state, TurnState::Finished(FinishReason::Stopped));
    // Whoever gets the job later produces nothing.
    let late = lease.expect("it began");
    scene.engine.run_queued(&late).await.unwrap();
    assert_eq!(scene.messages(&conversation).await[1].parts, []);
}

#[tokio::test]
async fn a_turn_whose_job_never_comes_is_interrupted_in_the_end() {
    let scene = Scene::with(TurnLimits {
        queued: Duration::ZERO,
        ..TurnLimits::default()
    });
    let conversation = scene.conversation().await;
    let request = question(&conversation);
    let begun = scene.engine.begin_queued(&scene.principal, request).await;
    let (id, _) = begun.unwrap();
    let mut tail = scene.engine.tail(&scene.principal, id, 0).await.unwrap();
    assert_eq!(
        reason_of(&read_all(&mut tail).await),
        Some(FinishReason::Interrupted)
    );
}
