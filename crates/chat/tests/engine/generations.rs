use std::{
    future::poll_fn,
    task::{Context, Poll, Waker},
};

use tidewire_domain::{EventKind, ModelRequest};

use crate::scene::Scene;

#[tokio::test]
async fn what_the_model_says_while_its_wake_goes_astray_is_there_at_the_next_poll() {
    let scene = Scene::new();
    let entry = scene.engine.catalogue().find(None).unwrap();
    let mut generation = scene.engine.generate(entry, ModelRequest::default());
    let (call, ()) = tokio::join!(scene.call(), async {
        // The model is called with the first poll.
        poll_fn(|cx| {
            let _ = generation.poll_events(cx, &mut |_| {});
            Poll::Ready(())
        })
        .await;
    });
    // Whoever reads may wait for its own connection between two polls; this waker goes nowhere.
    let mut deaf = Context::from_waker(Waker::noop());
    for text in ["one", "two", "three"] {
        call.text(text);
        let mut said = Vec::new();
        let polled = generation.poll_events(&mut deaf, &mut |event| {
            assert_eq!(event.kind, EventKind::TextDelta);
            said.push(event.payload.to_owned());
        });
        assert_eq!(polled, Poll::Ready(true), "after {text}");
        assert_eq!(said, [text]);
    }
}
