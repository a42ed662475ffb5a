use tidewire_domain::FinishReason;

use crate::scene::{Scene, Seen, numbers, read_all, read_to, reason_of, text_of};

#[tokio::test]
async fn a_reader_that_comes_back_gets_exactly_what_it_missed() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let id = tail.turn_id();
    let call = scene.call().await;
    call.text("one ");
    call.text("two ");
    let seen = read_to(&mut tail, "two ").await;
    let last = *numbers(&seen).last().unwrap();
    drop(tail);
    call.text("three");
    let mut back = scene.engine.tail(&scene.principal, id, last).await.unwrap();
    let seen = read_to(&mut back, "three").await;
    assert_eq!(text_of(&seen), "three");
    assert_eq!(numbers(&seen)[0], last + 1);
    call.finish();
    let rest = read_all(&mut back).await;
    assert_eq!(reason_of(&rest), Some(FinishReason::Stop));
    // And again, now that the turn is over and only the store has it.
    let mut back = scene.engine.tail(&scene.principal, id, last).await.unwrap();
    let seen = read_all(&mut back).await;
    assert_eq!(text_of(&seen), "three");
    assert_eq!(numbers(&seen)[0], last + 1);
}

#[tokio::test]
async fn a_reader_ahead_of_an_ended_log_is_sent_back_to_its_beginning() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let call = scene.call().await;
    call.text("all of it");
    call.finish();
    let whole = read_all(&mut tail).await;
    let id = tail.turn_id();
    let mut ahead = scene.engine.tail(&scene.principal, id, 1000).await.unwrap();
    let seen = read_all(&mut ahead).await;
    assert_eq!(seen[0], Seen::Reset);
    assert_eq!(seen[1..], whole[..]);
}

#[tokio::test]
async fn a_reader_ahead_of_a_running_log_waits_for_it() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let id = tail.turn_id();
    let call = scene.call().await;
    call.text("a");
    read_to(&mut tail, "a").await;
    let mut ahead = scene.engine.tail(&scene.principal, id, 3).await.unwrap();
    call.text("b");
    call.text("c");
    call.text("d");
    assert_eq!(text_of(&read_to(&mut ahead, "d").await), "cd");
    call.finish();
    read_all(&mut ahead).await;
}

#[tokio::test]
async fn many_readers_see_the_same() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let tail = scene.ask(&conversation, "hello").await;
    let id = tail.turn_id();
    let mut readers = vec![tail];
    for _ in 0..5 {
        readers.push(scene.engine.tail(&scene.principal, id, 0).await.unwrap());
    }
    let call = scene.call().await;
    for word in 0..500 {
        call.text(&format!("{word} "));
    }
    call.finish();
    let mut all = Vec::new();
    for reader in &mut readers {
        all.push(read_all(reader).await);
    }
    assert!(all.iter().all(|seen| *seen == all[0]));
    assert_eq!(all[0].len(), 502);
}

#[tokio::test]
async fn nobody_elses_turn_can_be_read() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let tail = scene.ask(&conversation, "hello").await;
    let bob = tidewire_domain::PrincipalId::new("bob");
    assert!(scene.engine.tail(&bob, tail.turn_id(), 0).await.is_err());
    assert!(scene.engine.stop(&bob, tail.turn_id()).await.is_err());
    let call = scene.call().await;
    call.finish();
}
