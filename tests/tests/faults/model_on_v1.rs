//! A model that fails a client of `/v1`.

use serde_json::{Value, json};
use tidewire_tests::{Answer, Call, Scene};

const PATH: &str = "/v1/chat/completions";

fn hello(stream: bool) -> Value {
    json!({"messages": [{"role": "user", "content": "hello"}], "stream": stream})
}

/// What a client gets whose model does `fault` before its first word.
async fn answer_after(scene: &mut Scene, stream: bool, fault: impl AsyncFnOnce(Call)) -> Answer {
    let client = scene.client.clone();
    let body = hello(stream);
    let asking = client.post(PATH, &body);
    let failing = async { fault(scene.upstream.call().await).await };
    tokio::join!(asking, failing).0
}

#[tokio::test]
async fn before_the_first_word_a_refusal_is_a_status() {
    let mut scene = Scene::start().await;
    let too_long = json!({"error": {"message": "x", "code": "context_length_exceeded"}});
    let plain = json!({"error": {"message": "no"}});
    for (upstream, body, status, kind, code) in [
        (
            400,
            &plain,
            400,
            "invalid_request_error",
            "model_rejected_request",
        ),
        (
            400,
            &too_long,
            400,
            "invalid_request_error",
            "context_length_exceeded",
        ),
        (401, &plain, 502, "server_error", "model_access_denied"),
        (404, &plain, 502, "server_error", "model_unknown_upstream"),
        (429, &plain, 429, "rate_limit_error", "rate_limit_exceeded"),
        (500, &plain, 502, "server_error", "model_unavailable"),
    ] {
        for stream in [true, false] {
            let refuse = async |call: Call| {
                call.refuse(upstream, "retry-after: 60\r\n", &body.to_string())
                    .await;
            };
            let answer = answer_after(&mut scene, stream, refuse).await;
            answer.expect_openai_error(status, kind, code);
            let wait = if upstream == 429 { "60" } else { "" };
            assert_eq!(answer.header("retry-after"), wait);
        }
    }
}

#[tokio::test]
async fn a_cut_or_garbage_before_the_first_word_is_a_status() {
    let mut scene = Scene::start().await;
    for stream in [true, false] {
        let garbage = async |mut call: Call| call.send(b"data: nonsense\n\n").await;
        let answer = answer_after(&mut scene, stream, garbage).await;
        answer.expect_openai_error(502, "server_error", "model_protocol");
        let cut = async |mut call: Call| {
            call.send(b": hello\n\n").await;
            call.cut();
        };
        let answer = answer_after(&mut scene, stream, cut).await;
        answer.expect_openai_error(502, "server_error", "model_stream_cut");
    }
}

#[tokio::test]
async fn silence_before_the_first_word_is_a_status() {
    let mut scene = Scene::start_with(|site| site.set("turn.max_silence_seconds", 1)).await;
    for stream in [true, false] {
        let answer = answer_after(&mut scene, stream, Call::closed).await;
        answer.expect_openai_error(504, "server_error", "model_timeout");
    }
}

#[tokio::test]
async fn after_the_first_word_a_failure_is_told_in_the_stream_and_the_stream_ends() {
    let mut scene = Scene::start().await;
    let request = scene.client.request("POST", PATH).json(&hello(true));
    let asking = scene.client.stream(request);
    let speaking = async {
        let mut call = scene.upstream.call().await;
        call.say("half").await;
        call
    };
    let (mut stream, call) = tokio::join!(asking, speaking);
    let mut text = String::new();
    while text != "half" {
        let chunk = stream.next().await.expect("the model speaks");
        text += chunk.data["choices"][0]["delta"]["content"]
            .as_str()
            .unwrap();
    }
    call.cut();
    let rest = stream.rest().await;
    let [error, done] = rest.as_slice() else {
        panic!("{rest:?}");
    };
    assert_eq!(error.data["error"]["code"], "model_stream_cut");
    assert_eq!(done.data, "[DONE]");
}

#[tokio::test]
async fn an_answer_that_is_not_streamed_is_whole_or_an_error() {
    let mut scene = Scene::start().await;
    let cut = async |mut call: Call| {
        call.say("half").await;
        call.cut();
    };
    let answer = answer_after(&mut scene, false, cut).await;
    answer.expect_openai_error(502, "server_error", "model_failed");
    assert!(answer.text.contains("model_stream_cut"), "{}", answer.text);
}

#[tokio::test]
async fn nothing_of_v1_is_stored() {
    let mut scene = Scene::start().await;
    let finish = async |mut call: Call| {
        call.say("hi").await;
        call.count(5, 1).await;
        call.finish("stop").await;
    };
    let answer = answer_after(&mut scene, false, finish).await.expect(200);
    assert_eq!(answer["choices"][0]["message"]["content"], "hi");
    assert_eq!(answer["usage"]["prompt_tokens"], 5);
    let list = scene.client.get("/api/conversations").await.expect(200);
    assert_eq!(list["items"], json!([]));
}
