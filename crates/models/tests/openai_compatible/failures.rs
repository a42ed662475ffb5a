//! What goes wrong, and what it is called.

use std::{net::TcpListener, sync::Arc, time::Duration};

use futures_util::StreamExt;
use serde_json::{Value, json};
use tidewire_domain::{ChatModel, ModelError, ModelEvent};
use tidewire_models::openai_compatible::{Connections, OpenAiCompatible, OpenAiCompatibleConfig};
use tidewire_test_openai_upstream::{
    Reply, Step, Upstream, UpstreamSettings, events, sse, text_chunk,
};

use super::{asking, model_at, say, text_of};

/// The error of a call that is answered by `reply`, which is all that it says.
async fn error_of(reply: Reply) -> ModelError {
    let upstream = Upstream::start().await.unwrap();
    upstream.reply_next("m", reply);
    let mut said = say(&model_at(&upstream.base_url(), "m"), asking("x")).await;
    assert_eq!(said.len(), 1, "{said:?}");
    said.remove(0).unwrap_err()
}

async fn error_of_status(status: u16, body: Value) -> ModelError {
    error_of(Reply::json(status, &body).header("retry-after", "60")).await
}

fn page(content_type: &'static str, body: &'static str) -> Reply {
    Reply::new(200, content_type, [Step::Send(body.into())])
}

fn message(text: &str) -> Value {
    json!({"error": {"message": text, "type": "t", "param": null, "code": null}})
}

#[tokio::test]
async fn each_status_is_a_kind_of_error() {
    let said = || "because".to_owned();
    for (status, error) in [
        (400, ModelError::Rejected(said())),
        (401, ModelError::AccessDenied(said())),
        (403, ModelError::AccessDenied(said())),
        (404, ModelError::UnknownModel(said())),
        (408, ModelError::Timeout),
        (422, ModelError::Rejected(said())),
        (
            429,
            ModelError::Throttled {
                retry_after: Some(Duration::from_mins(1)),
            },
        ),
        (500, ModelError::Unavailable(said())),
        (503, ModelError::Unavailable(said())),
        (504, ModelError::Timeout),
    ] {
        assert_eq!(
            error_of_status(status, message("because")).await,
            error,
            "{status}"
        );
    }
}

#[tokio::test]
async fn error_objects_come_in_many_shapes() {
    let rejected = ModelError::Rejected("because".into());
    for body in [
        json!({"error": "because"}),
        json!({"message": "because"}),
        json!({"detail": "because"}),
        json!({"object": "error", "message": "because", "type": "BadRequestError", "code": 400}),
        json!("because"),
    ] {
        assert_eq!(error_of_status(400, body.clone()).await, rejected, "{body}");
    }
}

#[tokio::test]
async fn a_conversation_that_is_too_long_is_told_from_other_refusals() {
    for body in [
        json!({"error": {"message": "too many", "type": "invalid_request_error", "code": "context_length_exceeded"}}),
        message("This model's maximum context length is 8192 tokens. However, you requested 9000."),
        // llama.cpp
        json!({"error": {"code": 400, "message": "the request exceeds the available context size", "type": "exceed_context_size_error"}}),
    ] {
        assert_eq!(
            error_of_status(400, body.clone()).await,
            ModelError::ContextTooLong,
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_not_waited_for() {
    let body = json!({"error": {"message": "pay", "type": "insufficient_quota", "code": "insufficient_quota"}});
    assert_eq!(
        error_of_status(429, body).await,
        ModelError::AccessDenied("pay".into())
    );
}

#[tokio::test]
async fn long_texts_are_cut() {
    let error = error_of_status(400, message(&"é\n".repeat(1000))).await;
    let ModelError::Rejected(text) = error else {
        panic!("{error:?}")
    };
    assert_eq!(text.chars().count(), 301);
    assert!(!text.contains('\n'));
}

#[tokio::test]
async fn a_key_never_stands_in_an_error() {
    let settings = UpstreamSettings {
        api_key: Some("another".into()),
        ..UpstreamSettings::default()
    };
    let upstream = Upstream::start_with(settings).await.unwrap();
    let config = OpenAiCompatibleConfig {
        base_url: upstream.base_url(),
        api_key: Some("sk-very-secret".into()),
        upstream_model: "echo".into(),
    };
    assert!(!format!("{config:?}").contains("very-secret"));
    let model = OpenAiCompatible::new(Arc::new(Connections::default()), config).unwrap();
    assert!(!format!("{model:?}").contains("very-secret"));
    let said = say(&model, asking("x")).await;
    let [Err(ModelError::AccessDenied(text))] = &said[..] else {
        panic!("{said:?}")
    };
    assert!(
        text.contains("***") && !text.contains("very-secret"),
        "{text}"
    );
}

#[tokio::test]
async fn a_base_url_that_is_none_is_refused_at_once() {
    for base_url in ["", "127.0.0.1:8000", "ftp://host/v1"] {
        let config = OpenAiCompatibleConfig {
            base_url: base_url.into(),
            api_key: None,
            upstream_model: "m".into(),
        };
        let model = OpenAiCompatible::new(Arc::new(Connections::default()), config);
        assert!(matches!(model, Err(ModelError::Rejected(_))), "{base_url}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let said = say(&model_at(&format!("http://{address}/v1"), "m"), asking("x")).await;
    let [Err(ModelError::Unavailable(text))] = &said[..] else {
        panic!("{said:?}")
    };
    assert!(text.contains(&address.to_string()), "{text}");
}

#[tokio::test]
async fn a_server_without_tls_is_not_spoken_to_in_plain() {
    let upstream = Upstream::start().await.unwrap();
    let base_url = upstream.base_url().replace("http:", "https:");
    let said = say(&model_at(&base_url, "echo"), asking("x")).await;
    assert!(
        matches!(said[..], [Err(ModelError::Unavailable(_))]),
        "{said:?}"
    );
    assert_eq!(upstream.requests(), [] as [Value; 0]);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let reply = Reply::json(302, &json!({})).header("location", "http://127.0.0.1:1/");
    assert!(matches!(error_of(reply).await, ModelError::Rejected(_)));
}

#[tokio::test]
async fn what_breaks_in_the_middle_comes_after_what_was_said() {
    for (accident, error) in [
        ("[[cut]]", ModelError::Cut),
        (
            "[[stream error]]",
            ModelError::Unavailable("the engine fell over".into()),
        ),
    ] {
        let upstream = Upstream::start().await.unwrap();
        let request = asking(&format!("one two three four {accident}"));
        let mut said = say(&model_at(&upstream.base_url(), "echo"), request).await;
        assert_eq!(said.pop(), Some(Err(error)), "{accident}");
        let events: Vec<ModelEvent> = said.into_iter().map(Result::unwrap).collect();
        assert!(text_of(&events).starts_with("one two"), "{accident}");
    }
}

#[tokio::test]
async fn garbage_is_a_breach_of_protocol() {
    let upstream = Upstream::start().await.unwrap();
    let request = asking("one two three four [[garbage]]");
    let said = say(&model_at(&upstream.base_url(), "echo"), request).await;
    assert!(
        matches!(said.last(), Some(Err(ModelError::Protocol(_)))),
        "{said:?}"
    );
    assert!(said.len() > 1);

    let html = page("text/html", "<html><body>It works!</body></html>");
    assert!(matches!(error_of(html).await, ModelError::Protocol(_)));
    let body = page("application/json", "{\"no\": json");
    assert!(matches!(error_of(body).await, ModelError::Protocol(_)));
    let endless = Step::Send(vec![b'x'; 2 << 20].into());
    assert!(matches!(
        error_of(events([endless])).await,
        ModelError::Protocol(_)
    ));
}

#[tokio::test]
async fn a_stream_that_just_ends_was_cut() {
    assert_eq!(error_of(events([])).await, ModelError::Cut);
    let half = Step::Send("data: {\"choices\":[{\"delta\":{\"con".into());
    assert_eq!(error_of(events([half])).await, ModelError::Cut);
    let upstream = Upstream::start().await.unwrap();
    let steps = [Step::Send(text_chunk("m", "half"))];
    upstream.reply_next("m", events(steps));
    let said = say(&model_at(&upstream.base_url(), "m"), asking("x")).await;
    assert_eq!(
        said,
        [
            Ok(ModelEvent::TextDelta("half".into())),
            Err(ModelError::Cut)
        ]
    );
}

#[tokio::test]
async fn errors_in_the_stream_have_kinds() {
    for (error, expected) in [
        (
            json!({"error": {"code": 502, "message": "m"}}),
            ModelError::Unavailable("m".into()),
        ),
        (
            json!({"error": {"code": "server_error", "message": "m"}}),
            ModelError::Unavailable("m".into()),
        ),
        (
            json!({"error": {"type": "invalid_request_error", "message": "m"}}),
            ModelError::Rejected("m".into()),
        ),
        (json!({"error": "m"}), ModelError::Unavailable("m".into())),
        (
            json!({"object": "error", "message": "m", "type": "BadRequestError", "code": 400}),
            ModelError::Rejected("m".into()),
        ),
        (
            json!({"error": {"code": "context_length_exceeded", "message": "m"}}),
            ModelError::ContextTooLong,
        ),
        (
            json!({"choices": [{"delta": {}, "finish_reason": "error"}], "error": {"code": 403, "message": "m"}}),
            ModelError::AccessDenied("m".into()),
        ),
    ] {
        let reply = events([Step::Send(sse(&error))]);
        assert_eq!(error_of(reply).await, expected, "{error}");
    }
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    let upstream = Upstream::start().await.unwrap();
    let model = model_at(&upstream.base_url(), "echo");
    let request = asking("some words and then [[silence]]");
    let mut stream = model.stream(request).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    upstream.disconnected().await;
}

#[tokio::test]
async fn dropping_the_call_before_the_first_token_does_too() {
    let upstream = Upstream::start().await.unwrap();
    upstream.reply_next(
        "m",
        events([Step::Send(": ping\n\n".into()), Step::Silence]),
    );
    let model = model_at(&upstream.base_url(), "m");
    tokio::select! {
        _ = model.stream(asking("x")) => panic!("there is nothing to say"),
        () = async {
            while upstream.requests().is_empty() {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    upstream.disconnected().await;
}
