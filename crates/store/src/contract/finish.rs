//! A turn ends as a whole or not at all.

use bytes::Bytes;
use tidewire_domain::{
    Appended, Citation, EVENT_LOG_FORMAT, EventBatch, FinishReason, FinishTurn, Image, Part,
    StoreError, ToolCall, ToolResult, TurnError, TurnState, Usage,
};

use super::scene::{Subject, alice, at, batch, finish};

fn every_part() -> Vec<Part> {
    vec![
        Part::Reasoning {
            text: "hm".into(),
            signature: Some("seal".into()),
        },
        Part::Text {
            text: "line\nline".into(),
        },
        Part::Image(Image {
            media_type: "image/png".into(),
            data_base64: "AAAA".into(),
        }),
        Part::ToolCall(ToolCall {
            call_id: "c".into(),
            name: "run".into(),
            arguments: serde_json::json!({"n": [1, -2.5, null, "\u{0}"], "big": u64::MAX}),
        }),
        Part::ToolResult(ToolResult {
            call_id: "c".into(),
            ok: false,
            content: String::new(),
        }),
        Part::Citation(Citation {
            index: 1,
            title: "t".into(),
            locator: "p. 3".into(),
            snippet: "s".into(),
            document_id: "d".into(),
        }),
        Part::Error(TurnError {
            code: "broken".into(),
            message: "It broke.".into(),
            retryable: true,
        }),
    ]
}

/// Events, message, turn and conversation change together, for every reason.
pub async fn a_finished_turn_is_whole(subject: &Subject) {
    let id = subject.conversation().await.id;
    for (number, reason) in (1..).zip([
        FinishReason::Stop,
        FinishReason::Length,
        FinishReason::ToolCalls,
        FinishReason::ContentFilter,
        FinishReason::Stopped,
        FinishReason::Interrupted,
        FinishReason::Timeout,
        FinishReason::Budget,
        FinishReason::Error,
    ]) {
        let turn = subject.running(id).await;
        subject.append(&turn, batch(1, 2)).await;
        let usage = (number % 2 == 0).then_some(Usage {
            input_tokens: 1,
            output_tokens: 2,
            cache_read_tokens: 3,
            cache_write_tokens: 1 << 60,
        });
        let end = FinishTurn {
            batch: batch(3, 4),
            parts: every_part(),
            usage,
            finish_reason: reason,
            at: at(100 * number),
            ..finish(&turn)
        };
        subject.store.finish_turn(end).await.unwrap();

        let over = subject
            .other
            .turn(&alice(), turn.key.turn_id)
            .await
            .unwrap();
        assert_eq!(
            (over.state, over.last_seq),
            (TurnState::Finished(reason), 4)
        );
        assert_eq!(subject.log(&turn).await, [batch(1, 2), batch(3, 4)]);
        let message = subject.messages(id).await.pop().unwrap();
        assert_eq!(
            (message.id, message.turn_id),
            (turn.message_id, Some(turn.key.turn_id))
        );
        assert_eq!((message.parts, message.usage), (every_part(), usage));
        assert_eq!(message.finish_reason, Some(reason));
        let conversation = subject.other.conversation(&alice(), id).await.unwrap();
        assert_eq!(conversation.active_turn, None);
        assert_eq!(conversation.updated_at, at(100 * number));
    }
    assert_eq!(subject.store.running().await.unwrap(), []);
}

/// Wrong numbers or a wrong epoch: the turn runs on as if nothing had been asked.
pub async fn a_refused_finish_stores_nothing(subject: &Subject) {
    let turn = subject.running(subject.conversation().await.id).await;
    subject.append(&turn, batch(1, 2)).await;
    let before = subject
        .other
        .turn(&alice(), turn.key.turn_id)
        .await
        .unwrap();
    let conversation = subject
        .other
        .conversation(&alice(), turn.key.conversation_id)
        .await;
    let conversation = conversation.unwrap();
    let good = FinishTurn {
        batch: batch(3, 3),
        ..finish(&turn)
    };
    let refused = async |end: FinishTurn| {
        let said = subject.store.finish_turn(end).await;
        assert!(matches!(said, Err(StoreError::LeaseLost)), "{said:?}");
    };
    for numbers in [batch(1, 1), batch(2, 3), batch(4, 4)] {
        refused(FinishTurn {
            batch: numbers,
            ..good.clone()
        })
        .await;
    }
    for epoch in [0, 2] {
        refused(FinishTurn {
            epoch,
            ..good.clone()
        })
        .await;
    }
    assert_eq!(subject.log(&turn).await, [batch(1, 2)]);
    assert_eq!(
        subject
            .other
            .turn(&alice(), turn.key.turn_id)
            .await
            .unwrap(),
        before
    );
    let message = subject.messages(conversation.id).await.pop().unwrap();
    assert_eq!(
        (message.parts, message.usage, message.finish_reason),
        (vec![], None, None)
    );
    let after = subject
        .other
        .conversation(&alice(), conversation.id)
        .await
        .unwrap();
    assert_eq!(after, conversation);
    subject.store.finish_turn(good).await.unwrap();
}

/// Everything may be stored already: then there is only the end to write.
pub async fn a_turn_finishes_without_more_events(subject: &Subject) {
    let turn = subject.running(subject.conversation().await.id).await;
    subject.append(&turn, batch(1, 2)).await;
    let empty = EventBatch {
        first_seq: 3,
        last_seq: 2,
        format: EVENT_LOG_FORMAT,
        body: Bytes::new(),
    };
    let end = FinishTurn {
        batch: empty,
        ..finish(&turn)
    };
    subject.store.finish_turn(end).await.unwrap();
    let over = subject
        .other
        .turn(&alice(), turn.key.turn_id)
        .await
        .unwrap();
    assert_eq!(
        (over.state, over.last_seq),
        (TurnState::Finished(FinishReason::Stop), 2)
    );
    assert_eq!(subject.log(&turn).await, [batch(1, 2)]);
}

/// The end is the end.
pub async fn nothing_is_written_after_the_end(subject: &Subject) {
    let id = subject.conversation().await.id;
    let turn = subject.answered(id).await;
    let before = subject.messages(id).await;
    assert_eq!(
        subject.append(&turn, batch(2, 2)).await,
        Appended::LeaseLost
    );
    let again = FinishTurn {
        batch: batch(2, 2),
        parts: vec![],
        finish_reason: FinishReason::Error,
        ..finish(&turn)
    };
    let said = subject.store.finish_turn(again).await;
    assert!(matches!(said, Err(StoreError::LeaseLost)));
    assert_eq!(subject.messages(id).await, before);
    assert_eq!(subject.log(&turn).await.len(), 1);
    let next = subject.running(id).await;
    assert_eq!(
        subject.append(&turn, batch(2, 2)).await,
        Appended::LeaseLost
    );
    let conversation = subject.store.conversation(&alice(), id).await.unwrap();
    assert_eq!(conversation.active_turn, Some(next.key.turn_id));
}
