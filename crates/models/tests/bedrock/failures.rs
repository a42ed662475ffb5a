//! What goes wrong, and what it is called.

use std::{net::TcpListener, time::Duration};

use futures_util::StreamExt;
use serde_json::json;
use tidewire_domain::{ChatModel, ModelError, ModelEvent};
use tidewire_test_bedrock::{
    BedrockServer, Reply, Step, broken_frame, error_frame, event, exception, refusal, stream,
};

use super::{MODEL, asking, model_at, said, say};

async fn error_of(reply: Reply) -> ModelError {
    let mut said = said(reply).await;
    assert_eq!(said.len(), 1, "{said:?}");
    said.remove(0).unwrap_err()
}

fn token(text: &str) -> Step {
    let delta = json!({"contentBlockIndex": 0, "delta": {"text": text}});
    Step::Send(event("contentBlockDelta", &delta))
}

/// What comes after a first token.
async fn error_after_a_token(step: Step) -> ModelError {
    let mut said = said(stream([token("begun"), step])).await;
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0], Ok(ModelEvent::TextDelta("begun".into())));
    said.remove(1).unwrap_err()
}

fn because() -> String {
    "because".to_owned()
}

#[tokio::test]
async fn each_exception_before_the_stream_is_a_kind_of_error() {
    let throttled = || ModelError::Throttled {
        retry_after: Some(Duration::from_mins(1)),
    };
    for (status, kind, error) in [
        (429, "ThrottlingException", throttled()),
        (400, "ServiceQuotaExceededException", throttled()),
        (400, "ValidationException", ModelError::Rejected(because())),
        (
            404,
            "ResourceNotFoundException",
            ModelError::UnknownModel(because()),
        ),
        (408, "ModelTimeoutException", ModelError::Timeout),
        (
            424,
            "ModelErrorException",
            ModelError::Unavailable(because()),
        ),
        (
            424,
            "ModelStreamErrorException",
            ModelError::Unavailable(because()),
        ),
        (
            429,
            "ModelNotReadyException",
            ModelError::Unavailable(because()),
        ),
        (
            500,
            "InternalServerException",
            ModelError::Unavailable(because()),
        ),
        (
            503,
            "ServiceUnavailableException",
            ModelError::Unavailable(because()),
        ),
        (
            500,
            "SomethingNewException",
            ModelError::Unavailable(because()),
        ),
    ] {
        let reply = refusal(status, kind, "because").header("retry-after", "60");
        assert_eq!(error_of(reply).await, error, "{kind}");
    }
}

#[tokio::test]
async fn each_exception_in_the_stream_is_a_kind_of_error() {
    for (kind, error) in [
        (
            "throttlingException",
            ModelError::Throttled { retry_after: None },
        ),
        ("validationException", ModelError::Rejected(because())),
        (
            "internalServerException",
            ModelError::Unavailable(because()),
        ),
        (
            "modelStreamErrorException",
            ModelError::Unavailable(because()),
        ),
        (
            "serviceUnavailableException",
            ModelError::Unavailable(because()),
        ),
        // The SDK does not know these here.
        ("modelTimeoutException", ModelError::Timeout),
        (
            "serviceQuotaExceededException",
            ModelError::Throttled { retry_after: None },
        ),
    ] {
        let step = Step::Send(exception(kind, "because"));
        assert_eq!(error_after_a_token(step).await, error, "{kind}");
    }
    let step = Step::Send(error_frame("InternalFailure", "because"));
    assert_eq!(
        error_after_a_token(step).await,
        ModelError::Unavailable(because())
    );
}

#[tokio::test]
async fn an_exception_as_the_first_event_is_an_error_of_the_call() {
    let server = BedrockServer::start().await.unwrap();
    let step = Step::Send(exception("validationException", "because"));
    server.reply_next(MODEL, stream([step]));
    let outcome = model_at(&server.endpoint_url()).stream(asking("x")).await;
    assert_eq!(outcome.err(), Some(ModelError::Rejected(because())));
}

#[tokio::test]
async fn a_conversation_that_is_too_long_is_told_from_other_refusals() {
    for text in [
        "Input is too long for requested model.",
        "The model returned the following errors: prompt is too long: 210000 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
    ] {
        let error = error_of(refusal(400, "ValidationException", text)).await;
        assert_eq!(error, ModelError::ContextTooLong, "{text}");
        let step = Step::Send(exception("validationException", text));
        assert_eq!(error_after_a_token(step).await, ModelError::ContextTooLong);
    }
}

#[tokio::test]
async fn who_may_not_is_told_the_way_out_and_no_account() {
    let text = "User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: bedrock:InvokeModelWithResponseStream";
    for (kind, way_out) in [
        (
            "AccessDeniedException",
            "bedrock:InvokeModelWithResponseStream",
        ),
        ("ExpiredTokenException", "aws sso login"),
        ("UnrecognizedClientException", "aws sso login"),
    ] {
        let error = error_of(refusal(403, kind, text)).await;
        let ModelError::AccessDenied(said) = error else {
            panic!("{error:?}")
        };
        assert!(
            said.contains(way_out) && !said.contains("123456789012"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn what_something_between_us_and_bedrock_answers_has_a_kind_too() {
    let page = |status| Reply::new(status, "text/html", [Step::Send("<html>no</html>".into())]);
    assert!(matches!(
        error_of(page(502)).await,
        ModelError::Unavailable(_)
    ));
    assert!(matches!(
        error_of(page(403)).await,
        ModelError::AccessDenied(_)
    ));
    assert_eq!(error_of(page(504)).await, ModelError::Timeout);
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let said = say(&model_at(&url), asking("x")).await;
    let [Err(ModelError::Unavailable(text))] = &said[..] else {
        panic!("{said:?}")
    };
    assert!(text.contains("refused"), "{text}");
}

#[tokio::test]
async fn a_broken_frame_is_a_breach_of_protocol() {
    let error = error_after_a_token(Step::Send(broken_frame())).await;
    assert!(matches!(error, ModelError::Protocol(_)), "{error:?}");
    // A frame that claims to be shorter than its own header.
    let error = error_after_a_token(Step::Send(vec![0; 64].into())).await;
    assert!(matches!(error, ModelError::Protocol(_)), "{error:?}");
}

#[tokio::test]
async fn a_stream_that_ends_early_was_cut() {
    assert_eq!(error_after_a_token(Step::Cut).await, ModelError::Cut);
    // The connection ends well, the message does not.
    let said = said(stream([token("begun")])).await;
    assert_eq!(said[1], Err(ModelError::Cut));
    assert_eq!(error_of(stream([])).await, ModelError::Cut);
    // Half a frame.
    let frame = event("messageStop", &json!({"stopReason": "end_turn"}));
    let half = Step::Send(frame.slice(..frame.len() / 2));
    assert_eq!(error_after_a_token(half).await, ModelError::Cut);
}

#[tokio::test]
async fn nothing_comes_after_an_error() {
    let steps = [
        Step::Send(exception("throttlingException", "m")),
        token("more"),
    ];
    let said = said(stream([token("begun")].into_iter().chain(steps))).await;
    assert_eq!(said.len(), 2, "{said:?}");
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    let server = BedrockServer::start().await.unwrap();
    server.reply_next(MODEL, stream([token("begun"), Step::Silence]));
    let model = model_at(&server.endpoint_url());
    let mut stream = model.stream(asking("x")).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    server.disconnected().await;
}

#[tokio::test]
async fn dropping_the_call_before_the_first_token_does_too() {
    let server = BedrockServer::start().await.unwrap();
    let begun = Step::Send(event("messageStart", &json!({"role": "assistant"})));
    server.reply_next(MODEL, stream([begun, Step::Silence]));
    let model = model_at(&server.endpoint_url());
    tokio::select! {
        _ = model.stream(asking("x")) => panic!("there is nothing to say"),
        () = async {
            while server.requests().is_empty() {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    server.disconnected().await;
}
