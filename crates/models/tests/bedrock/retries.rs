//! Calls that are made again, and calls that are not.

use serde_json::json;
use tidewire_domain::{ModelError, ModelEvent};
use tidewire_test_bedrock::{BedrockServer, Reply, Step, event, exception, refusal, stream};

use super::{MODEL, asking, model_at, say};

fn throttled() -> Reply {
    refusal(429, "ThrottlingException", "Too many requests").header("retry-after", "0")
}

#[tokio::test]
async fn a_throttled_call_is_made_again() {
    let server = BedrockServer::start().await.unwrap();
    server.reply_next(MODEL, throttled());
    server.reply_next(MODEL, throttled());
    let said = say(&model_at(&server.endpoint_url()), asking("third")).await;
    assert_eq!(said[0], Ok(ModelEvent::TextDelta("third".into())));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn an_exception_before_the_first_token_counts_as_well() {
    let server = BedrockServer::start().await.unwrap();
    let steps = [
        Step::Send(event("messageStart", &json!({"role": "assistant"}))),
        Step::Send(exception("throttlingException", "slow down")),
    ];
    server.reply_next(MODEL, stream(steps));
    let said = say(&model_at(&server.endpoint_url()), asking("again")).await;
    assert_eq!(said[0], Ok(ModelEvent::TextDelta("again".into())));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn the_third_refusal_is_the_callers() {
    let server = BedrockServer::start().await.unwrap();
    for _ in 0..4 {
        server.reply_next(MODEL, throttled());
    }
    let said = say(&model_at(&server.endpoint_url()), asking("x")).await;
    assert!(
        matches!(said[..], [Err(ModelError::Throttled { .. })]),
        "{said:?}"
    );
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn nothing_is_tried_again_after_the_first_token() {
    let server = BedrockServer::start().await.unwrap();
    let delta = json!({"contentBlockIndex": 0, "delta": {"text": "begun"}});
    let steps = [
        Step::Send(event("contentBlockDelta", &delta)),
        Step::Send(exception("throttlingException", "slow down")),
    ];
    server.reply_next(MODEL, stream(steps));
    let said = say(&model_at(&server.endpoint_url()), asking("x")).await;
    assert_eq!(
        said,
        [
            Ok(ModelEvent::TextDelta("begun".into())),
            Err(ModelError::Throttled { retry_after: None }),
        ]
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_sdk_does_not_try_again_by_itself() {
    let server = BedrockServer::start().await.unwrap();
    for kind in ["InternalServerException", "ServiceUnavailableException"] {
        server.reply_next(MODEL, refusal(503, kind, "because"));
    }
    let said = say(&model_at(&server.endpoint_url()), asking("x")).await;
    assert!(
        matches!(said[..], [Err(ModelError::Unavailable(_))]),
        "{said:?}"
    );
    assert_eq!(server.requests().len(), 1);
}
